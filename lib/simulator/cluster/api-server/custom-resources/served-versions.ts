/**
 * The versions of a custom resource as the API server serves them: a definition goes in, served resources come out.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/
 */
import {
  type ConvertObjects,
  convertInto,
  customKind,
  printerColumns,
} from '../../../../kubernetes/custom-resources/custom-kind';
import {
  type Definition,
  type DefinitionSpec,
  type DefinitionVersion,
  schemaOfVersion,
} from '../../../../kubernetes/custom-resources/definition';
import { compileRoot, type JsonSchema, objectMetaSchema } from '../../../../kubernetes/custom-resources/json-schema';
import { applyDefaults, prune } from '../../../../kubernetes/custom-resources/prune';
import { isObject } from '../../../../kubernetes/merge/json';
import type { DiscoverySubresource, TableColumn } from '../../../../kubernetes/schema/data';
import { type Decoded, decode } from '../../../../kubernetes/schema/decode';
import type { ServedResource } from '../resources';

const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const SUBRESOURCE_VERBS = ['get', 'patch', 'update'];

/** All versions that are served, in the order of the definition. Established names are the caller's business. */
export function servedVersions(definition: Definition, convert: ConvertObjects | undefined): ServedResource[] {
  const { spec } = definition;
  return spec.versions.filter(({ served }) => served).map((version) => servedVersion(spec, version, convert));
}

function servedVersion(
  spec: DefinitionSpec,
  version: DefinitionVersion,
  convert: ConvertObjects | undefined,
): ServedResource {
  const { group, names, scope } = spec;
  const apiVersion = `${group}/${version.name}`;
  const schema = schemaOfVersion(spec, version);
  const kindDefinition = customKind(spec, version, convert);
  const conversion = kindDefinition.conversions.get(apiVersion);
  return {
    group,
    version: version.name,
    apiVersion,
    resource: names.plural,
    kind: names.kind,
    namespaced: scope === 'Namespaced',
    singular: names.singular ?? '',
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    verbs: new Set(VERBS),
    subresources: subresources(spec, version),
    schema: compileRoot(schema),
    kindDefinition,
    ...(conversion ? { conversion } : {}),
    versions: {
      convert: (objects) => convertInto(spec, version, convert, objects),
      byWebhook: convert !== undefined,
    },
    collection: `${names.plural}.${group}`,
    columns: columns(version),
    custom: true,
    openApiSchema: openApiSchema(spec, version),
    ...(version.deprecated
      ? { deprecationWarning: version.deprecationWarning ?? `${apiVersion} ${names.kind} is deprecated` }
      : {}),
    decodeObject: decoder(spec, schema),
    ...(version.subresources?.scale ? { scale: version.subresources.scale } : {}),
  };
}

function subresources(spec: DefinitionSpec, version: DefinitionVersion): Map<string, DiscoverySubresource> {
  const { status, scale } = version.subresources ?? {};
  const own = { group: spec.group, version: version.name, kind: spec.names.kind };
  const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
  const out = new Map<string, DiscoverySubresource>();
  if (status) out.set('status', { subresource: 'status', responseKind: own, verbs: SUBRESOURCE_VERBS });
  if (scale) out.set('scale', { subresource: 'scale', responseKind: scaleKind, verbs: SUBRESOURCE_VERBS });
  return out;
}

/** What the server says about the two columns that every kind has. */
const NAME_COLUMN =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may ' +
  'allow a client to request the generation of an appropriate name automatically. Name is primarily intended ' +
  'for creation idempotence and configuration definition. Cannot be updated. More info: ' +
  'https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';
const AGE_COLUMN =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not ' +
  'guaranteed to be set in happens-before order across separate operations. Clients may not set this value. ' +
  'It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. ' +
  'More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata';

function columns({ additionalPrinterColumns }: DefinitionVersion): TableColumn[] {
  const own = printerColumns(additionalPrinterColumns).map((column) => ({
    name: column.name,
    type: column.type,
    format: column.format ?? '',
    priority: column.priority ?? 0,
    description: column.description || `Custom resource definition column (in JSONPath format): ${column.jsonPath}`,
  }));
  if (!additionalPrinterColumns?.length) own[0]!.description = AGE_COLUMN;
  return [{ name: 'Name', type: 'string', format: 'name', priority: 0, description: NAME_COLUMN }, ...own];
}

/** Reads a body: metadata as that of any object, the rest pruned and defaulted. */
function decoder(spec: DefinitionSpec, schema: JsonSchema): (object: Record<string, unknown>) => Decoded {
  return (object) => {
    const metadata = decode(objectMetaSchema(), isObject(object.metadata) ? object.metadata : {});
    const own = schemaOfBody(spec, schema, object.apiVersion);
    const { value, unknownFields } = prune(object, own);
    const copy = structuredClone({ ...value, metadata: metadata.value });
    applyDefaults(copy, own);
    const inMetadata = metadata.unknownFields.map((field) => `metadata.${field}`);
    return { value: copy, unknownFields: [...unknownFields, ...inMetadata].sort() };
  };
}

/** A body in another version than that of the URL is refused in the end, but read by its own schema first. */
function schemaOfBody(spec: DefinitionSpec, schema: JsonSchema, apiVersion: unknown): JsonSchema {
  if (typeof apiVersion !== 'string' || apiVersion === '') return schema;
  const version = spec.versions.find(({ name }) => apiVersion === `${spec.group}/${name}`);
  return version ? schemaOfVersion(spec, version) : { type: 'object' };
}

const META = '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

function openApiSchema(spec: DefinitionSpec, version: DefinitionVersion): object {
  const schema = schemaOfVersion(spec, version);
  return {
    ...schema,
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      ...schema.properties,
      metadata: { allOf: [{ $ref: META }] },
    },
    'x-kubernetes-group-version-kind': [{ group: spec.group, version: version.name, kind: spec.names.kind }],
  };
}
