/**
 * The schema inside a CustomResourceDefinition, as it stands there, and the form that the rest of the code walks.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
import { isObject } from '../merge/json';
import { type Schema, schemaOfType } from '../schema/schema';

/** One rule of `x-kubernetes-validations`. */
export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

/** JSONSchemaProps, as far as structural schemas may use it. */
export interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly nullable?: boolean;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly maximum?: number;
  readonly exclusiveMaximum?: boolean;
  readonly minimum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly multipleOf?: number;
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly maxItems?: number;
  readonly minItems?: number;
  readonly uniqueItems?: boolean;
  readonly maxProperties?: number;
  readonly minProperties?: number;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly allOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly not?: JsonSchema;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
}

/** Where the standard also allows `true` and `false`. */
export const isSchema = (value: unknown): value is JsonSchema => isObject(value);

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const TYPE_META: readonly [string, Schema][] = [
  ['apiVersion', { type: 'string' }],
  ['kind', { type: 'string' }],
];

export const objectMetaSchema = (): Schema => schemaOfType(OBJECT_META);

/** What stands under a key that `properties` does not name; undefined when nothing may. */
export function additionalSchema(schema: JsonSchema): JsonSchema | undefined {
  const { additionalProperties } = schema;
  if (additionalProperties === true) return { 'x-kubernetes-preserve-unknown-fields': true };
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

/** The whole object: what the definition says, and what every object has. */
export function compileRoot(schema: JsonSchema): Schema {
  const compiled = compileSchema(schema);
  const own = compiled.fields ?? new Map<string, Schema>();
  const fields = new Map([...TYPE_META, ['metadata', objectMetaSchema()] as const, ...own]);
  for (const [name, field] of TYPE_META) fields.set(name, field);
  fields.set('metadata', objectMetaSchema());
  return {
    type: 'struct',
    fields,
    required: schema.required ?? [],
    ...(schema['x-kubernetes-preserve-unknown-fields'] ? { preserveUnknownFields: true } : {}),
  };
}

/** Joined with what `ServerContext`, merging and OpenAPI know of built-in types. */
export function compileSchema(schema: JsonSchema): Schema {
  const common = schema.default === undefined ? {} : { default: schema.default };
  if (schema['x-kubernetes-int-or-string']) return { type: 'string', format: 'int-or-string', ...common };
  switch (schema.type) {
    case 'object':
      return { ...compileObject(schema), ...common };
    case 'array':
      return { ...compileList(schema), ...common };
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
      return { type: schema.type, ...(schema.format ? { format: schema.format } : {}), ...common };
    default:
      return { type: 'any', ...common };
  }
}

function compileObject(schema: JsonSchema): Schema {
  const atomic = schema['x-kubernetes-map-type'] === 'atomic' ? { atomic: true } : {};
  const values = additionalSchema(schema);
  if (values && !schema.properties) return { type: 'map', values: compileSchema(values), ...atomic };
  const fields = new Map(Object.entries(schema.properties ?? {}).map(([name, field]) => [name, compileSchema(field)]));
  if (schema['x-kubernetes-embedded-resource']) {
    for (const [name, field] of TYPE_META) fields.set(name, field);
    fields.set('metadata', objectMetaSchema());
  }
  // Without any field an object is free-form.
  const open = schema['x-kubernetes-preserve-unknown-fields'] || fields.size === 0;
  return {
    type: 'struct',
    fields,
    required: schema.required ?? [],
    ...(open ? { preserveUnknownFields: true } : {}),
    ...atomic,
  };
}

function compileList(schema: JsonSchema): Schema {
  const listType = schema['x-kubernetes-list-type'];
  const mapKeys = schema['x-kubernetes-list-map-keys'];
  return {
    type: 'list',
    items: compileSchema(schema.items ?? {}),
    ...(listType ? { listType } : {}),
    ...(mapKeys ? { mapKeys } : {}),
  };
}
