/**
 * Sets and map lists of custom resources may hold nothing twice.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#custom-resources-and-server-side-apply
 */
import type { ErrorList } from '../field-errors';
import { isObject, type JsonObject } from '../merge/json';
import { sortedJson } from '../merge/last-applied';
import { additionalSchema, type JsonSchema } from './json-schema';

export function validateListTypes(schema: JsonSchema, value: unknown, errors: ErrorList, path = ''): void {
  if (Array.isArray(value)) {
    if (schema['x-kubernetes-list-type'] === 'set') reportRepeated(value, { path, errors, show: (item) => item });
    if (schema['x-kubernetes-list-type'] === 'map') validateMapList(schema, value, { path, errors });
    value.forEach((item, i) => {
      if (schema.items) validateListTypes(schema.items, item, errors, `${path}[${i}]`);
    });
  } else if (isObject(value)) {
    const additional = additionalSchema(schema);
    for (const name of Object.keys(value)) {
      const property = schema.properties?.[name];
      if (property) validateListTypes(property, value[name], errors, path === '' ? name : `${path}.${name}`);
      else if (additional) validateListTypes(additional, value[name], errors, `${path}[${name}]`);
    }
  }
}

interface Report {
  readonly path: string;
  readonly errors: ErrorList;
}

function validateMapList(schema: JsonSchema, items: readonly unknown[], { path, errors }: Report): void {
  for (const [i, item] of items.entries()) {
    if (item !== null && !isObject(item)) {
      errors.invalid(`${path}[${i}]`, item, 'must be an object for an array of list-type map');
      return;
    }
  }
  const names = schema['x-kubernetes-list-map-keys'] ?? [];
  const keys = items.map((item) => keyOf(item as JsonObject | null, names));
  reportRepeated(keys, { path, errors, show: (key) => key });
}

function keyOf(item: JsonObject | null, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.filter((name) => item && Object.hasOwn(item, name)).map((name) => [name, item![name]]),
  );
}

/** The second of several equal values is reported, the third is not. */
function reportRepeated(
  values: readonly unknown[],
  { path, errors, show }: Report & { readonly show: (value: unknown) => unknown },
): void {
  const seen = new Map<string, number>();
  for (const [i, value] of values.entries()) {
    const text = sortedJson(value);
    const times = (seen.get(text) ?? 0) + 1;
    seen.set(text, times);
    if (times === 2) errors.duplicate(`${path}[${i}]`, show(value));
  }
}
