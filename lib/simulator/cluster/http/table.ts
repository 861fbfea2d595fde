/**
 * Objects as a Table: what `kubectl get` prints is made by the server.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { badRequest } from '../../../kubernetes/status-error';
import type { ServedResource } from '../api-server/resources';

export interface TableOptions {
  readonly version: 'v1' | 'v1beta1';
  /** What comes along with each row. @default 'Metadata' */
  readonly includeObject?: string;
  /** Milliseconds since the epoch, for ages. */
  readonly now: number;
  /** Later events of a watch have null there. @default true */
  readonly withColumns?: boolean;
}

export function tableOf(
  resource: ServedResource,
  objects: readonly KubernetesObject[],
  metadata: object,
  options: TableOptions,
): object {
  const include = includedObject(options);
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata,
    columnDefinitions: options.withColumns === false ? null : resource.columns.map(columnDefinition),
    rows:
      isNullWhenEmpty(resource) && objects.length === 0
        ? null
        : objects.map((object) => ({
            cells: cellsOf(resource, object, options.now),
            ...rowConditions(resource, object),
            object:
              include === 'None'
                ? null
                : include === 'Object'
                  ? object
                  : partialMetadata(resource, object, options.version),
          })),
  };
}

/** Kinds without columns of their own are printed by the generic table maker, which says null where others have no rows. */
const isNullWhenEmpty = ({ columns }: ServedResource): boolean =>
  columns.length === 2 && columns[1]!.name === 'Created At';

export function partialMetadata(
  { kindDefinition }: ServedResource,
  object: KubernetesObject,
  version: 'v1' | 'v1beta1' = 'v1',
): KubernetesObject {
  const metadata = withoutAnnotations(object.metadata, kindDefinition.convertedAnnotations);
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata };
}

/** Metadata alone is taken from the stored form, before it is converted. */
function withoutAnnotations(
  metadata: KubernetesObject['metadata'],
  names: readonly string[],
): KubernetesObject['metadata'] {
  if (!names.some((name) => metadata.annotations?.[name] !== undefined)) return metadata;
  const kept = Object.entries(metadata.annotations!).filter(([name]) => !names.includes(name));
  const { annotations: _, ...others } = metadata;
  return kept.length === 0 ? others : { ...others, annotations: Object.fromEntries(kept) };
}

function cellsOf(resource: ServedResource, object: KubernetesObject, now: number): unknown[] {
  const hub = resource.conversion && !resource.custom ? resource.conversion.toHub(structuredClone(object)) : object;
  return resource.kindDefinition.cells(hub, { now });
}

/** Pods that are over are marked, so that clients may leave them out. */
function rowConditions({ collection }: ServedResource, { status }: KubernetesObject): object {
  const message = COMPLETED[status?.phase];
  if (collection !== 'pods' || message === undefined) return {};
  return { conditions: [{ type: 'Completed', status: 'True', reason: status.phase, message }] };
}

const COMPLETED: Readonly<Record<string, string>> = {
  Succeeded: 'The pod has completed successfully.',
  Failed: 'The pod failed.',
};

const columnDefinition = (column: ServedResource['columns'][number]) => ({
  name: column.name,
  type: column.type,
  format: column.format,
  description: column.description ?? '',
  priority: column.priority,
});

function includedObject({ includeObject = '' }: TableOptions): 'Metadata' | 'Object' | 'None' {
  switch (includeObject) {
    case '':
    case 'Metadata':
      return 'Metadata';
    case 'Object':
    case 'None':
      return includeObject;
    default:
      throw badRequest(
        `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(includeObject)}: must be 'Metadata', 'Object', 'None', or empty`,
      );
  }
}
