/**
 * Writes answers: objects, lists, Tables, metadata only; as JSON or YAML. The JSON of an object is made once and kept for as
 * long as the object lives, so that a thousand watchers of one Pod cost one JSON.stringify.
 */
import { stringify as yamlOf } from 'yaml';
import type { KubernetesObject } from '../../../kubernetes/object';
import type { Status } from '../../../kubernetes/status-error';
import type { ApiResponse, ObjectList } from '../api-server/request';
import type { ServedResource } from '../api-server/resources';
import type { WatchEvent } from '../api-server/watch';
import { type AcceptedForm, notAcceptable } from './negotiation';
import { partialMetadata, tableOf } from './table';

export interface RenderContext {
  readonly resource: ServedResource;
  readonly form: AcceptedForm;
  readonly subresource?: string;
  readonly includeObject?: string;
  readonly now: number;
}

const objectTexts = new WeakMap<object, string>();
const itemTexts = new WeakMap<object, string>();

export function jsonOf(object: object): string {
  let text = objectTexts.get(object);
  if (text === undefined) {
    text = JSON.stringify(object);
    objectTexts.set(object, text);
  }
  return text;
}

/** Items of a list of a built-in kind do not say what they are. */
function itemJson(object: KubernetesObject): string {
  let text = itemTexts.get(object);
  if (text === undefined) {
    const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
    text = JSON.stringify(rest);
    itemTexts.set(object, text);
  }
  return text;
}

/** @throws StatusError 406 when the form does not fit what is to be shown */
export function render(response: ApiResponse, context: RenderContext): string {
  if ('status' in response) return encode(response.status, context.form);
  if ('list' in response) return renderList(response.list, context);
  return renderObject(response.object, context);
}

function renderObject(object: KubernetesObject, context: RenderContext): string {
  const { resource, form, includeObject, now } = context;
  switch (form.as) {
    case undefined:
      return form.encoding === 'json' && !form.pretty ? jsonOf(object) : encode(object, form);
    case 'Table': {
      if (object.kind !== resource.kind) return encode(object, form);
      if (context.subresource === 'status' && resource.kindDefinition.statusHasNoTable) return encode(object, form);
      const { resourceVersion } = object.metadata;
      const options = { version: form.version, includeObject, now };
      return encode(tableOf(resource, [object], resourceVersion ? { resourceVersion } : {}, options), form);
    }
    case 'PartialObjectMetadata':
      return encode(partialMetadata(resource, object, form.version), form);
    default:
      throw notAcceptable(
        `you requested PartialObjectMetadataList, but the requested object is not a list (*${goType(resource, '')})`,
      );
  }
}

function renderList(list: ObjectList, context: RenderContext): string {
  const { resource, form, includeObject, now } = context;
  const metadata = listMetadata(resource, form.as === undefined, list);
  switch (form.as) {
    case undefined: {
      if (form.encoding === 'yaml' || form.pretty) return encode(listObject(resource, list.items, metadata), form);
      const item = resource.custom ? jsonOf : itemJson;
      const head = `{"kind":"${resource.kind}List","apiVersion":"${resource.apiVersion}","metadata":${JSON.stringify(metadata)},"items":[`;
      return `${head}${list.items.map(item).join(',')}]}`;
    }
    case 'Table':
      return encode(tableOf(resource, list.items, metadata, { version: form.version, includeObject, now }), form);
    case 'PartialObjectMetadataList': {
      const items = list.items.map((item) => partialMetadata(resource, item, form.version));
      return encode(
        {
          kind: 'PartialObjectMetadataList',
          apiVersion: `meta.k8s.io/${form.version}`,
          metadata,
          items: items.length > 0 ? items : null,
        },
        form,
      );
    }
    default:
      throw notAcceptable(
        `you requested PartialObjectMetadata, but the requested object is a list (*${goType(resource, 'List')})`,
      );
  }
}

/** Lists of custom resources always say where to go on. */
function listMetadata(resource: ServedResource, full: boolean, list: ObjectList): object {
  return {
    resourceVersion: list.resourceVersion,
    ...(list.continue || (resource.custom && full) ? { continue: list.continue ?? '' } : {}),
    ...(list.remainingItemCount === undefined ? {} : { remainingItemCount: list.remainingItemCount }),
  };
}

function listObject(resource: ServedResource, items: readonly KubernetesObject[], metadata: object): object {
  return {
    kind: `${resource.kind}List`,
    apiVersion: resource.apiVersion,
    metadata,
    items: items.map(({ kind, apiVersion, ...rest }) => (resource.custom ? { kind, apiVersion, ...rest } : rest)),
  };
}

/** How Go names the internal type of a resource: `core.ConfigMap`, `rbac.Role`. */
function goType(resource: ServedResource, suffix: string): string {
  const name = resource.group === '' ? 'core' : resource.group.split('.')[0];
  return `${name}.${resource.kind}${suffix}`;
}

export function renderStatus(status: Status, form: AcceptedForm): string {
  return encode(status, form);
}

export function encode(value: object, form: AcceptedForm): string {
  if (form.encoding === 'yaml') {
    return yamlOf(JSON.parse(JSON.stringify(value)), { sortMapEntries: true, lineWidth: 0, version: '1.1' });
  }
  return form.pretty ? JSON.stringify(value, undefined, 2) : JSON.stringify(value);
}

/** One line of a watch stream. */
export function renderWatchEvent(event: WatchEvent, context: RenderContext, first: boolean): string {
  const { resource, form, includeObject, now } = context;
  const object = event.object as KubernetesObject;
  let text: string;
  if (event.type === 'ERROR' || form.as === undefined) text = jsonOf(object);
  else if (form.as === 'Table') {
    const { resourceVersion, annotations } = object.metadata;
    const isBookmark = event.type === 'BOOKMARK';
    const metadata = { resourceVersion };
    const options = { version: form.version, includeObject, now, withColumns: first };
    // A bookmark in Table form is a row without meaning that carries the metadata.
    const table = tableOf(resource, [object], metadata, options);
    text = JSON.stringify(
      isBookmark && annotations ? { ...table, rows: bookmarkRows(table, resource, object) } : table,
    );
  } else text = JSON.stringify(partialMetadata(resource, object, form.version));
  return `{"type":"${event.type}","object":${text}}\n`;
}

function bookmarkRows(table: object, resource: ServedResource, object: KubernetesObject): unknown[] {
  const [row] = (table as { rows: { cells: unknown[]; object: unknown }[] }).rows;
  return [{ ...row, object: partialMetadata(resource, object) }];
}
