/**
 * Whole objects inside a custom resource (`x-kubernetes-embedded-resource`): they need a type, and their metadata is checked as
 * that of any object.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#rawextension
 */
import { ErrorList } from '../field-errors';
import { isObject, type JsonObject } from '../merge/json';
import { dns1035Label, nameIsPathSegment } from '../validation/names';
import { validateObjectMeta } from '../validation/object-meta';
import type { JsonSchema } from './json-schema';
import { childSchema } from './prune';

export function validateEmbedded(schema: JsonSchema, value: unknown, errors: ErrorList, path = ''): void {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items) for (const [i, item] of value.entries()) validateEmbedded(items, item, errors, `${path}[${i}]`);
    return;
  }
  if (!isObject(value)) return;
  if (path !== '' && schema['x-kubernetes-embedded-resource']) validateResource(value, errors, path);
  for (const name of Object.keys(value)) {
    const below = childSchema(schema, name);
    const step = schema.properties?.[name] ? (path === '' ? name : `${path}.${name}`) : `${path}[${name}]`;
    if (below) validateEmbedded(below, value[name], errors, step);
  }
}

function validateResource(value: JsonObject, errors: ErrorList, path: string): void {
  const { apiVersion, kind, metadata } = value;
  if (apiVersion === undefined) errors.required(`${path}.apiVersion`);
  if (kind === undefined) errors.required(`${path}.kind`);
  if (apiVersion !== undefined) validateApiVersion(apiVersion, errors, `${path}.apiVersion`);
  if (kind !== undefined) validateKind(kind, errors, `${path}.kind`);
  if (isObject(metadata)) validateMetadata(metadata, errors, `${path}.metadata`);
}

function validateApiVersion(value: unknown, errors: ErrorList, path: string): void {
  if (typeof value !== 'string') errors.invalid(path, value, 'must be a string');
  else if (value === '') errors.invalid(path, value, 'must not be empty');
  else if (value.split('/').length > 2) errors.invalid(path, value, `unexpected GroupVersion string: ${value}`);
}

function validateKind(value: unknown, errors: ErrorList, path: string): void {
  if (typeof value !== 'string') errors.invalid(path, value, 'must be a string');
  else if (value === '') errors.invalid(path, value, 'must not be empty');
  else {
    const problems = dns1035Label(value.toLowerCase());
    if (problems.length === 0) return;
    errors.invalid(path, value, `may have mixed case, but should otherwise match: ${problems.join(',')}`);
  }
}

/** The rules are those of `metadata`; only the path is another. */
function validateMetadata(metadata: JsonObject, errors: ErrorList, path: string): void {
  const own = new ErrorList();
  const named = { ...metadata, name: metadata.name || 'fakename' };
  const namespaced = typeof metadata.namespace === 'string' && metadata.namespace !== '';
  validateObjectMeta(named as never, { namespaced, nameRule: nameIsPathSegment }, own);
  for (const error of own.errors) {
    errors.errors.push({ ...error, field: error.field.replace(/^metadata/, () => path) });
  }
}
