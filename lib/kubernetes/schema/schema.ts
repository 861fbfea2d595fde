/**
 * The structure of every built-in type, compiled on demand from the generated OpenAPI table: the one source for
 * decoding, defaulting, validation, pruning, merge topology, OpenAPI and protobuf.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
 *
 * A Schema describes one place where a value may stand. What OpenAPI writes half at the type and half at the field that
 * uses it (list type, default, patch strategy) is joined here. Schemas of custom resources have the same form.
 */
import type { OpenApiSchema } from './data';
import { goFields } from './go-fields.generated';
import { schemas } from './schemas.generated';

export type SchemaType =
  | 'struct' // an object with known fields
  | 'map' // an object with free keys and values of one schema
  | 'list'
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'any'; // RawExtension, FieldsV1, JSON, ...: kept as it is

export interface Schema {
  readonly type: SchemaType;
  /**
   * The name of the OpenAPI type that stands here, e.g. `io.k8s.api.core.v1.Container`; undefined for plain values. The
   * special ones (`io.k8s.apimachinery.pkg.api.resource.Quantity`, `...util.intstr.IntOrString`, `...meta.v1.Time`,
   * `...meta.v1.MicroTime`) are recognised by it.
   */
  readonly typeName?: string;
  /** `int32`, `int64`, `double`, `byte`, `date-time`, `int-or-string`, `quantity`. */
  readonly format?: string;
  /** Of a struct, in the order of the server's JSON. */
  readonly fields?: ReadonlyMap<string, Schema>;
  /** Fields that must be there. */
  readonly required?: readonly string[];
  /** Of a map: the schema of its values. */
  readonly values?: Schema;
  /** Of a list: the schema of its items. */
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  /** Of a list; absent means atomic. */
  readonly listType?: 'atomic' | 'set' | 'map';
  /** The keys that identify an item of a map list, e.g. `['containerPort', 'protocol']`. */
  readonly mapKeys?: readonly string[];
  /** True for a struct or map that server-side apply owns as one leaf. */
  readonly atomic?: boolean;
  /** Strategic merge patch: `merge`, `replace`, `retainKeys`. */
  readonly patchStrategy?: readonly string[];
  readonly patchMergeKey?: string;
  /** Fields the schema does not know are kept (`x-kubernetes-preserve-unknown-fields`). */
  readonly preserveUnknownFields?: boolean;
  /** How the server's Go struct declares this field; absent for custom resources and for list items. */
  readonly go?: GoField;
}

/** What JSON alone does not say of a field: whether "unset" and "zero" differ, and whether a zero is written. */
export interface GoField {
  /** `int32`, `[]v1.Container`, `v1.Time`, without the pointer's star: as Go names it in error messages. */
  readonly type: string;
  /** Unset is not the same as zero (`replicas: 0`). */
  readonly pointer: boolean;
  /** Left out of the JSON form when empty. Structs that are no pointers are written nevertheless, unless `zero`. */
  readonly omit: 'never' | 'empty' | 'zero';
  /** The embedded struct that declares it, which error messages name: `VolumeSource` for `volumes[].emptyDir`. */
  readonly embedded?: string;
}

const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';

const byTypeName = new Map<string, Schema>();
let typeNameByKind: Map<string, string> | undefined;

/** The schema of a named type, e.g. `io.k8s.api.core.v1.PodSpec`. @throws Error when there is none. */
export function schemaOfType(typeName: string): Schema {
  const known = byTypeName.get(typeName);
  if (known) return known;
  const source = schemas[typeName];
  if (!source) throw new Error(`no schema for type ${typeName}`);
  const schema = compile(source, typeName);
  byTypeName.set(typeName, schema);
  return schema;
}

/** The schema of a kind, or undefined when it is not built in. */
export function trySchemaOf(group: string, version: string, kind: string): Schema | undefined {
  typeNameByKind ??= new Map(
    Object.entries(schemas).flatMap(([typeName, schema]) => {
      const kinds = schema['x-kubernetes-group-version-kind'];
      if (!Array.isArray(kinds)) return [];
      return kinds.map((gvk): [string, string] => [`${gvk.group}/${gvk.version}/${gvk.kind}`, typeName]);
    }),
  );
  const typeName = typeNameByKind.get(`${group}/${version}/${kind}`);
  return typeName === undefined ? undefined : schemaOfType(typeName);
}

function compile(source: OpenApiSchema, typeName?: string): Schema {
  const base = source.ref === undefined ? undefined : schemaOfType(source.ref);
  // Types refer to themselves (JSONSchemaProps), so fields are compiled when they are first asked for.
  const own = base ? cloneDescriptors(base) : structure(source, typeName);
  if (typeName) own.typeName = typeName;
  if (source.default !== undefined) own.default = source.default;
  if (source.enum) own.enum = source.enum;
  if (source['x-kubernetes-list-type']) own.listType = source['x-kubernetes-list-type'];
  if (source['x-kubernetes-list-map-keys']) own.mapKeys = source['x-kubernetes-list-map-keys'];
  // A field may say otherwise than its type.
  if (source['x-kubernetes-map-type'] !== undefined) own.atomic = source['x-kubernetes-map-type'] === 'atomic';
  if (source['x-kubernetes-patch-strategy']) own.patchStrategy = source['x-kubernetes-patch-strategy'].split(',');
  if (source['x-kubernetes-patch-merge-key']) own.patchMergeKey = source['x-kubernetes-patch-merge-key'];
  if (source['x-kubernetes-preserve-unknown-fields'] === true) own.preserveUnknownFields = true;
  return own as unknown as Schema;
}

function structure(source: OpenApiSchema, typeName?: string): Record<string, unknown> {
  if (typeName === QUANTITY) return { type: 'string', format: 'quantity' };
  if (typeName === INT_OR_STRING) return { type: 'string', format: 'int-or-string' };
  switch (source.type) {
    case 'array':
      return lazily({ type: 'list' }, 'items', () => compile(source.items ?? {}));
    case 'object':
      if (source.properties) {
        const own = { type: 'struct', required: source.required ?? [] };
        return lazily(own, 'fields', () => {
          const fields = new Map<string, Schema>();
          const declared = typeName === undefined ? undefined : goFields[typeName];
          for (const name of Object.keys(declared ?? source.properties!)) {
            const schema = compile(source.properties![name]!) as { go?: GoField };
            if (declared) schema.go = parseGoField(declared[name]!);
            fields.set(name, schema as Schema);
          }
          return fields;
        });
      }
      if (source.additionalProperties) {
        return lazily({ type: 'map' }, 'values', () => compile(source.additionalProperties!));
      }
      return { type: 'any' };
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
      return { type: source.type, ...(source.format ? { format: source.format } : {}) };
    default:
      return { type: 'any' };
  }
}

/** `IngressRuleValue>?*v1.HTTPIngressRuleValue` -> embedded, omit, pointer, type. */
function parseGoField(declared: string): GoField {
  const [, embedded, flag, star, type] = /^(?:([\w.]+)>)?([?~]?)(\*?)(.*)$/.exec(declared)!;
  return {
    type: type!,
    pointer: star === '*',
    omit: flag === '?' ? 'empty' : flag === '~' ? 'zero' : 'never',
    ...(embedded ? { embedded } : {}),
  };
}

/** Adds a property that is computed on its first use. */
function lazily(own: Record<string, unknown>, name: string, compute: () => unknown): Record<string, unknown> {
  let value: unknown;
  Object.defineProperty(own, name, { enumerable: true, configurable: true, get: () => (value ??= compute()) });
  return own;
}

function cloneDescriptors(schema: Schema): Record<string, unknown> {
  return Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema)) as Record<string, unknown>;
}
