/**
 * Unknown fields are taken out before an object is stored; defaults are filled in, and nulls that mean nothing go.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting
 */
import { cloneJson, isObject, type JsonObject, setOwn } from '../merge/json';
import { decode } from '../schema/decode';
import { additionalSchema, type JsonSchema, objectMetaSchema } from './json-schema';

export interface Pruned {
  readonly value: any;
  /** `spec.list[0].z`, sorted. */
  readonly unknownFields: readonly string[];
}

/** A copy of the object without what the schema does not know. `metadata` of the object itself is not looked at. */
export function prune(object: JsonObject, schema: JsonSchema): Pruned {
  const unknownFields: string[] = [];
  const root = { ...schema, 'x-kubernetes-embedded-resource': true };
  const value = pruneValue(object, root, { path: '', unknownFields, isRoot: true });
  return { value, unknownFields: unknownFields.sort() };
}

interface Place {
  readonly path: string;
  readonly unknownFields: string[];
  readonly isRoot?: boolean;
}

const at = (place: Place, name: string): Place => ({
  path: place.path === '' ? name : `${place.path}.${name}`,
  unknownFields: place.unknownFields,
});

function pruneValue(value: unknown, schema: JsonSchema, place: Place): unknown {
  if (Array.isArray(value)) {
    const items = schema.items ?? {};
    return value.map((item, i) => pruneValue(item, items, { ...place, path: `${place.path}[${i}]`, isRoot: false }));
  }
  return isObject(value) ? pruneObject(value, schema, place) : value;
}

const TYPE_META = new Set(['apiVersion', 'kind', 'metadata']);

function pruneObject(value: JsonObject, schema: JsonSchema, place: Place): JsonObject {
  const out: JsonObject = {};
  const additional = additionalSchema(schema);
  for (const name of Object.keys(value)) {
    const below = at(place, name);
    const child = value[name];
    if (schema['x-kubernetes-embedded-resource'] && TYPE_META.has(name)) {
      setOwn(out, name, name === 'metadata' && !place.isRoot ? embeddedMetadata(child, below) : child);
    } else if (schema.properties && Object.hasOwn(schema.properties, name)) {
      setOwn(out, name, pruneValue(child, schema.properties[name]!, below));
    } else if (additional) {
      setOwn(out, name, pruneValue(child, additional, below));
    } else if (schema['x-kubernetes-preserve-unknown-fields']) {
      setOwn(out, name, child);
    } else {
      place.unknownFields.push(below.path);
    }
  }
  return out;
}

/** Metadata of an object inside an object is read as metadata; what does not fit stays for validation to find. */
function embeddedMetadata(value: unknown, place: Place): unknown {
  if (!isObject(value)) return value;
  try {
    const decoded = decode(objectMetaSchema(), value);
    for (const field of decoded.unknownFields) place.unknownFields.push(`${place.path}.${field}`);
    return decoded.value;
  } catch {
    return value;
  }
}

/** Fills in defaults, in place, and drops nulls where the schema allows none. */
export function applyDefaults(value: unknown, schema: JsonSchema): void {
  fillIn(value, schema);
  dropNulls(value, schema);
}

const isStrayNull = (value: unknown, schema: JsonSchema): boolean => value === null && !schema.nullable;

function fillIn(value: unknown, schema: JsonSchema): void {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (!items) return;
    value.forEach((item, i) => {
      if (isStrayNull(item, items) && items.default !== undefined) value[i] = cloneJson(items.default);
      fillIn(value[i], items);
    });
    return;
  }
  if (!isObject(value)) return;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.default === undefined) continue;
    if (!Object.hasOwn(value, name) || isStrayNull(value[name], property)) {
      setOwn(value, name, cloneJson(property.default));
    }
  }
  for (const name of Object.keys(value)) {
    const below = childSchema(schema, name);
    if (!below) continue;
    if (isStrayNull(value[name], below) && below.default !== undefined) setOwn(value, name, cloneJson(below.default));
    fillIn(value[name], below);
  }
}

function dropNulls(value: unknown, schema: JsonSchema): void {
  if (Array.isArray(value)) {
    if (schema.items) for (const item of value) dropNulls(item, schema.items);
    return;
  }
  if (!isObject(value)) return;
  for (const name of Object.keys(value)) {
    const below = childSchema(schema, name);
    if (!below) continue;
    if (isStrayNull(value[name], below) && schema.properties?.[name]) delete value[name];
    else dropNulls(value[name], below);
  }
}

export function childSchema(schema: JsonSchema, name: string): JsonSchema | undefined {
  return schema.properties && Object.hasOwn(schema.properties, name)
    ? schema.properties[name]
    : additionalSchema(schema);
}
