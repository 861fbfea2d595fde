/**
 * A version of a custom resource as a KindDefinition: the same pipeline carries built-in and custom kinds.
 * https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/custom-resources/
 *
 * Left out: defaults that a later schema adds appear when an object is written, not already when it is read.
 */
import { type ErrorList, goJson, root } from '../field-errors';
import { since } from '../kinds/cells';
import { defineKind } from '../kinds/define-kind';
import type { Cell, CellContext, Conversion, Draft, KindDefinition } from '../kinds/kind-definition';
import { cloneJson, equalJson, getOwn, isObject } from '../merge/json';
import type { KubernetesObject } from '../object';
import { qualifiedName } from '../validation/names';
import {
  type DefinitionSpec,
  type DefinitionVersion,
  type PrinterColumn,
  type ScaleSubresource,
  schemaOfVersion,
  storageVersion,
} from './definition';
import { validateEmbedded } from './embedded';
import { tryParseJsonPath } from './json-path';
import type { JsonSchema } from './json-schema';
import { validateListTypes } from './list-types';
import { applyDefaults, prune } from './prune';
import { validateRules } from './rules';
import { validateSchema } from './validate';

/** Objects of one version in another one. */
export type ConvertObjects = (objects: readonly Draft[], apiVersion: string) => readonly Draft[];

/** @param convert who knows what the versions mean. @default they differ in name only */
export function customKind(
  spec: DefinitionSpec,
  version: DefinitionVersion,
  convert: ConvertObjects | undefined,
): KindDefinition {
  const storage = storageVersion(spec);
  const schema = schemaOfVersion(spec, version);
  const hub = `${spec.group}/${storage.name}`;
  const hasStatus = version.subresources?.status !== undefined;
  const validate = (next: KubernetesObject, old: KubernetesObject | undefined, errors: ErrorList) => {
    validateSchema(schema, withoutMetadata(next), errors, old && withoutMetadata(old));
    validateScale(version.subresources?.scale, next, errors);
    validateEmbedded(schema, next, errors);
    validateLists(schema, next, old, errors);
    validateRules(schema, next, old, errors);
  };
  const definition = defineKind({
    apiVersion: hub,
    kind: spec.names.kind,
    resource: spec.names.plural,
    namespaced: spec.scope === 'Namespaced',
    freeFinalizers: true,
    conversions: version === storage ? {} : { [`${spec.group}/${version.name}`]: conversion(spec, version, convert) },
    generation: (next, old) => !equalJson(withoutMetadata(next), withoutMetadata(old)),
    prepareForCreate: (draft) => {
      if (hasStatus) delete draft.status;
    },
    prepareForUpdate: (next, old) => {
      if (hasStatus) restoreStatus(next, old);
    },
    validate: (object, errors) => validate(object, undefined, errors),
    validateUpdate: (next, old, errors) => validate(next, old, errors),
    warnings: finalizerWarnings,
    ...(hasStatus ? { subresources: { status: statusSubresource(validate) } } : {}),
    allowUnconditionalUpdate: false,
    selectableFields: selectableFields(version),
    cells: cells(version.additionalPrinterColumns),
  });
  if (!hasStatus) return definition;
  return { ...definition, update: { ...definition.update, resetFields: [['status']] } };
}

/** A patch without its metadata; what the schema and the generation speak of. */
function withoutMetadata(object: KubernetesObject): object {
  const { metadata: _, ...rest } = object;
  return rest;
}

function conversion(spec: DefinitionSpec, version: DefinitionVersion, convert: ConvertObjects | undefined): Conversion {
  const hub = storageVersion(spec);
  return {
    toHub: (draft) => {
      const [converted] = convertInto(spec, hub, convert, [draft]);
      const own = cloneJson(converted) as Draft;
      applyDefaults(own, schemaOfVersion(spec, hub));
      return own;
    },
    fromHub: (draft) => convertInto(spec, version, convert, [draft])[0]!,
  };
}

/** Objects of other versions in this one: each version sees what its schema knows. */
export function convertInto(
  spec: DefinitionSpec,
  version: DefinitionVersion,
  convert: ConvertObjects | undefined,
  objects: readonly Draft[],
): readonly Draft[] {
  const schema = schemaOfVersion(spec, version);
  const converted = (convert ?? renamed)(objects, `${spec.group}/${version.name}`);
  return converted.map((draft) => prune(draft, schema).value as Draft);
}

/** Versions that differ in name only. */
const renamed: ConvertObjects = (objects, apiVersion) => objects.map((object) => ({ ...object, apiVersion }));

function restoreStatus(next: Draft, old: KubernetesObject): void {
  if (old.status === undefined) delete next.status;
  else next.status = old.status;
}

/** PUT .../status: everything else stays as it was. */
function statusSubresource(
  validate: (next: KubernetesObject, old: KubernetesObject | undefined, errors: ErrorList) => void,
) {
  return {
    prepare: (next: Draft, old: KubernetesObject) => {
      const { status, metadata } = next;
      for (const key of Object.keys(next)) delete next[key];
      Object.assign(next, old, { metadata: { ...old.metadata } });
      if (status === undefined) delete next.status;
      else next.status = status;
      for (const key of ['resourceVersion', 'managedFields'] as const) {
        if (metadata[key] === undefined) delete next.metadata[key];
        else Object.assign(next.metadata, { [key]: metadata[key] });
      }
    },
    validate,
    resetFields: [['metadata'], ['spec']],
  };
}

const MAX_INT32 = 2 ** 31 - 1;

function validateScale(scale: ScaleSubresource | undefined, object: KubernetesObject, errors: ErrorList): void {
  if (!scale) return;
  for (const path of [scale.specReplicasPath, scale.statusReplicasPath]) {
    const value = valueAt(object, path);
    if (typeof value !== 'number') continue;
    if (value < 0) errors.invalid(path, value, 'should be a non-negative integer');
    else if (value > MAX_INT32) errors.invalid(path, value, `should be less than or equal to ${MAX_INT32}`);
  }
}

/** The value at a plain path such as `.spec.replicas`. */
export function valueAt(object: unknown, path: string): unknown {
  return fieldsOf(path).reduce<unknown>((value, name) => (isObject(value) ? getOwn(value, name) : undefined), object);
}

/** `.spec.replicas` -> `['spec', 'replicas']` */
export const fieldsOf = (path: string): string[] => path.replace(/^\./, '').split('.');

/** An object that already held a list item twice may keep it. */
function validateLists(
  schema: JsonSchema,
  next: KubernetesObject,
  old: KubernetesObject | undefined,
  errors: ErrorList,
): void {
  if (old && hasListErrors(schema, old, errors)) return;
  validateListTypes(schema, next, errors);
}

function hasListErrors(schema: JsonSchema, object: KubernetesObject, errors: ErrorList): boolean {
  const before = errors.length;
  validateListTypes(schema, object, errors);
  return errors.errors.splice(before).length > 0;
}

function selectableFields({ selectableFields: fields = [] }: DefinitionVersion): KindDefinition['selectableFields'] {
  return Object.fromEntries(
    fields.map(({ jsonPath }) => {
      const find = tryParseJsonPath(jsonPath);
      const select = (object: KubernetesObject) => {
        const value = find?.(object)[0];
        return value === undefined || value === null ? '' : String(value);
      };
      return [jsonPath.replace(/^\./, ''), select];
    }),
  );
}

const AGE: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/** What follows the name in a table. */
export const printerColumns = (columns: readonly PrinterColumn[] | undefined): readonly PrinterColumn[] =>
  columns?.length ? columns : [AGE];

function cells(columns: readonly PrinterColumn[] | undefined): KindDefinition['cells'] {
  return (object, context) => [
    object.metadata.name!,
    ...printerColumns(columns).map((column) => cell(column, object, context)),
  ];
}

function cell({ type, jsonPath }: PrinterColumn, object: KubernetesObject, { now }: CellContext): Cell {
  const value = tryParseJsonPath(jsonPath)?.(object)[0];
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : goJson(value);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      if (typeof value !== 'string') return null;
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : since(value, now);
    default:
      return null;
  }
}

const STANDARD_FINALIZERS = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);
const FINALIZERS = root('metadata').child('finalizers');

/** Finalizers of custom resources may have any name, but some names are asking for trouble. */
function finalizerWarnings(object: KubernetesObject, old?: KubernetesObject): string[] {
  const known = new Set(old?.metadata.finalizers);
  const added = [...new Set(object.metadata.finalizers)].filter((name) => !known.has(name)).sort();
  return added.flatMap((name) => {
    const warnings = qualifiedName(name).map((message) => `${FINALIZERS}: ${JSON.stringify(name)}: ${message}`);
    if (name.includes('/') || STANDARD_FINALIZERS.has(name)) return warnings;
    const path = name.includes('.') ? ' including a path (/)' : '';
    const advice = `prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`;
    return [...warnings, `${FINALIZERS}: ${JSON.stringify(name)}: ${advice}`];
  });
}
