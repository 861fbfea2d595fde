/** What field management has to know about a kind and the endpoint that a write goes through. */
import type { KubernetesObject } from '../object';
import type { Schema } from '../schema/schema';
import { difference, differenceWithChildren, type MaybeFieldSet, setOfFields } from './field-set';
import { isObject, type JsonObject } from './json';

/** The kind and endpoint that a write goes through. */
export interface ManagedType {
  readonly apiVersion: string;
  readonly kind: string;
  readonly schema: Schema;
  readonly empty: object;
  /** @default none */
  readonly resetFields?: readonly (readonly string[])[];
  /** `status`, ...; undefined for the resource itself. */
  readonly subresource?: string;
  /** The object in another version; undefined when that version is not served (its entries are dropped). */
  readonly convert?: (object: JsonObject, apiVersion: string) => { object: JsonObject; schema: Schema } | undefined;
  /** True for types whose schema may have changed since an entry was written: custom resources. */
  readonly schemaMayChange?: boolean;
}

export function inVersion(
  type: ManagedType,
  object: JsonObject,
  apiVersion: string,
  from: string = type.apiVersion,
): { object: JsonObject; schema: Schema } | undefined {
  if (apiVersion === from) return { object, schema: schemaFor(type, apiVersion, object) ?? type.schema };
  const converted = type.convert?.(object, apiVersion);
  return converted ?? (apiVersion === type.apiVersion ? { object, schema: type.schema } : undefined);
}

const schemaFor = (type: ManagedType, apiVersion: string, object: JsonObject): Schema | undefined =>
  apiVersion === type.apiVersion ? type.schema : type.convert?.(object, apiVersion)?.schema;

export const withoutManagedFields = (object: KubernetesObject): JsonObject => {
  if (!isObject(object.metadata) || object.metadata.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
};

const resetSets = new WeakMap<readonly (readonly string[])[], { set: MaybeFieldSet }>();

export function withoutReset(type: ManagedType, set: MaybeFieldSet): MaybeFieldSet {
  if (!type.resetFields || set === undefined) return set;
  let reset = resetSets.get(type.resetFields);
  if (!reset) {
    reset = { set: setOfFields(type.resetFields) };
    resetSets.set(type.resetFields, reset);
  }
  return differenceWithChildren(set, reset.set);
}

/** Fields that everybody sets and nobody owns. */
const NEVER_MANAGED = setOfFields([
  ['apiVersion'],
  ['kind'],
  ['metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => ['metadata', name]),
]);

export const stripped = (set: MaybeFieldSet): MaybeFieldSet => difference(set, NEVER_MANAGED);
