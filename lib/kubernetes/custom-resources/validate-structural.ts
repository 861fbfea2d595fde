/**
 * Is the schema of a definition structural, and does it say only what it may?
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */

import { ErrorList, goJson } from '../field-errors';
import { goRegExp } from '../go-regexp';
import { cloneJson } from '../merge/json';
import { isSchema, type JsonSchema } from './json-schema';
import { prune } from './prune';
import { validateSchema } from './validate';
import { validateRuleExpressions, validateRuleTexts } from './validate-rules';

/** A schema as a client may send it: with what structural schemas forbid. */
type RawSchema = JsonSchema & {
  readonly $ref?: string;
  readonly id?: string;
  readonly definitions?: object;
  readonly dependencies?: object;
  readonly patternProperties?: object;
};

type Level = 'root' | 'item' | 'field';

/** @param path of the schema, e.g. `spec.versions[0].schema.openAPIV3Schema` */
export function validateRootSchema(schema: JsonSchema, path: string, errors: ErrorList): void {
  if (schema.nullable) errors.forbidden(`${path}.nullable`, 'nullable cannot be true at the root');
  const structural = new ErrorList();
  validateInvariants(schema, { level: 'root', path, errors: structural });
  structural.errors.sort((a, b) => (`${a.field}: ${a.body}` < `${b.field}: ${b.body}` ? -1 : 1));
  const defaults = new ErrorList();
  if (structural.length === 0) validateDefaults(schema, path, defaults);
  errors.append(structural);
  errors.append(defaults);
  validateKeywords(schema, { path, errors, withRules: structural.length + defaults.length === 0, isRoot: true });
}

// ---------------------------------------------------------------------------------------------------------------------
// structure

interface Place {
  readonly level: Level;
  readonly path: string;
  readonly errors: ErrorList;
}

const MISSING_TYPE: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function validateInvariants(schema: JsonSchema, { level, path, errors }: Place): void {
  const { type, items, properties = {}, additionalProperties } = schema;
  const isResource = schema['x-kubernetes-embedded-resource'] === true;
  const isIntOrString = schema['x-kubernetes-int-or-string'] === true;
  if (type === 'array' && items === undefined) errors.required(`${path}.items`, 'must be specified');
  if (isSchema(items)) validateInvariants(items, { level: 'item', path: `${path}.items`, errors });
  for (const [name, property] of Object.entries(properties)) {
    if (level === 'root' && name === 'metadata') continue;
    validateInvariants(property, { level: 'field', path: `${path}.properties[${name}]`, errors });
  }
  if (additionalProperties !== undefined) {
    const below = `${path}.additionalProperties`;
    if (level === 'root') errors.forbidden(below, 'must not be used at the root');
    if (isSchema(additionalProperties))
      validateInvariants(additionalProperties, { level: 'field', path: below, errors });
    if (isResource) errors.forbidden(below, 'must not be used if x-kubernetes-embedded-resource is set');
  }
  validateCombinations(schema, path, errors);
  if (isIntOrString && schema['x-kubernetes-preserve-unknown-fields']) {
    errors.invalid(
      `${path}.x-kubernetes-preserve-unknown-fields`,
      true,
      'must be false if x-kubernetes-int-or-string is true',
    );
  }
  if (isIntOrString && isResource) {
    errors.invalid(
      `${path}.x-kubernetes-embedded-resource`,
      true,
      'must be false if x-kubernetes-int-or-string is true',
    );
  }
  if (isResource && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    if (!type) errors.required(`${path}.type`, detail);
    else errors.invalid(`${path}.type`, type, detail);
  } else if (!type && !isIntOrString && !schema['x-kubernetes-preserve-unknown-fields']) {
    errors.required(`${path}.type`, MISSING_TYPE[level]);
  }
  if (level === 'root' && type && type !== 'object') errors.invalid(`${path}.type`, type, 'must be object at the root');
  validateTypeMeta(schema, { level, path, errors });
  if (isResource && !schema['x-kubernetes-preserve-unknown-fields'] && Object.keys(properties).length === 0) {
    const detail =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.required(`${path}.properties`, detail);
  }
}

function validateTypeMeta({ properties = {}, ...schema }: JsonSchema, { level, path, errors }: Place): void {
  if (level !== 'root' && !schema['x-kubernetes-embedded-resource']) return;
  for (const name of ['kind', 'apiVersion']) {
    const property = properties[name];
    if (property && property.type !== 'string') {
      errors.invalid(`${path}.properties[${name}].type`, property.type ?? '', 'must be string');
    }
  }
  const { metadata } = properties;
  if (!metadata) return;
  if (metadata.type !== 'object')
    errors.invalid(`${path}.properties[metadata].type`, metadata.type ?? '', 'must be object');
  if (level !== 'root') return;
  const { type: _, description: __, default: ___, properties: fields = {}, ...rest } = metadata;
  const names = Object.keys(fields).filter((name) => name !== 'name' && name !== 'generateName');
  if (names.length > 0 || Object.keys(rest).length > 0) {
    const detail = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
    errors.forbidden(`${path}.properties[metadata]`, detail);
  }
}

/** `anyOf` and its kin may add constraints, but not structure. */
function validateCombinations(schema: JsonSchema, path: string, errors: ErrorList): void {
  const { anyOf = [], oneOf = [], allOf = [], not, pattern } = schema;
  const intOrString =
    schema['x-kubernetes-int-or-string'] && goJson(anyOf) === '[{"type":"integer"},{"type":"string"}]';
  if (!intOrString) for (const [i, each] of anyOf.entries()) validateNested(each, `${path}.anyOf[${i}]`, errors);
  allOf.forEach((each, i) => {
    const isPattern = schema['x-kubernetes-int-or-string'] && i === 0 && each.anyOf?.length === 2;
    if (!isPattern) validateNested(each, `${path}.allOf[${i}]`, errors);
  });
  for (const [i, each] of oneOf.entries()) validateNested(each, `${path}.oneOf[${i}]`, errors);
  if (not) validateNested(not, `${path}.not`, errors);
  if (pattern) validatePattern(pattern, `${path}.pattern`, errors);
}

function validateNested(schema: JsonSchema, path: string, errors: ErrorList): void {
  validateCombinations(schema, path, errors);
  if (isSchema(schema.items)) validateNested(schema.items, `${path}.items`, errors);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    validateNested(property, `${path}.properties[${name}]`, errors);
  }
  const structural = (field: string) => errors.forbidden(`${path}.${field}`, 'must be empty to be structural');
  const undefinedOnly = (field: string) => errors.forbidden(`${path}.${field}`, 'must be undefined to be structural');
  if (schema.type) structural('type');
  if (schema.additionalProperties !== undefined) undefinedOnly('additionalProperties');
  if (schema.default !== undefined) undefinedOnly('default');
  if (schema.nullable) errors.forbidden(`${path}.nullable`, 'must be false to be structural');
  for (const name of [
    'x-kubernetes-preserve-unknown-fields',
    'x-kubernetes-embedded-resource',
    'x-kubernetes-int-or-string',
  ] as const) {
    if (schema[name]) errors.forbidden(`${path}.${name}`, 'must be false to be structural');
  }
  for (const name of ['x-kubernetes-list-map-keys', 'x-kubernetes-validations'] as const) {
    if (schema[name]?.length) structural(name);
  }
  if (schema['x-kubernetes-list-type']) undefinedOnly('x-kubernetes-list-type');
}

function validatePattern(pattern: string, path: string, errors: ErrorList): void {
  try {
    goRegExp(pattern);
  } catch (error) {
    const cause = (error as Error).message;
    errors.invalid(path, pattern, `must be a valid regular expression, but isn't: error parsing regexp: ${cause}`);
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// defaults must fit the schema they are part of

function validateDefaults(schema: JsonSchema, path: string, errors: ErrorList): void {
  if (schema.default !== undefined) validateDefault(schema, `${path}.default`, errors);
  if (isSchema(schema.items)) validateDefaults(schema.items, `${path}.items`, errors);
  if (isSchema(schema.additionalProperties)) {
    validateDefaults(schema.additionalProperties, `${path}.additionalProperties`, errors);
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    validateDefaults(property, `${path}.properties[${name}]`, errors);
  }
}

function validateDefault(schema: JsonSchema, path: string, errors: ErrorList): void {
  const value = cloneJson(schema.default);
  const wrapped = prune({ value }, { type: 'object', properties: { value: schema } });
  if (wrapped.unknownFields.length > 0) errors.invalid(path, value, 'must be pruned');
  const own = new ErrorList();
  validateSchema(schema, value, own);
  for (const error of own.errors) {
    errors.errors.push({ ...error, field: error.field === '<nil>' ? path : `${path}.${error.field}` });
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// keywords

export interface KeywordPlace {
  readonly path: string;
  readonly errors: ErrorList;
  /** CEL rules are compiled only when the schema itself is sound. */
  readonly withRules: boolean;
  readonly isRoot?: boolean;
  /** Set where old values cannot be found: the path of the list or map that is the reason. */
  readonly uncorrelatable?: string;
}

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const FORBIDDEN = ['id', 'patternProperties', 'definitions', 'dependencies', '$ref'] as const;

function validateKeywords(schema: RawSchema, place: KeywordPlace): void {
  const { path, errors } = place;
  const before = errors.length;
  for (const name of FORBIDDEN) if (schema[name]) errors.forbidden(`${path}.${name}`, `${name} is not supported`);
  if (schema.type && !TYPES.includes(schema.type)) errors.notSupported(`${path}.type`, schema.type, TYPES);
  if (Array.isArray(schema.items)) errors.forbidden(`${path}.items`, 'items must be a schema object and not an array');
  if (schema.uniqueItems) {
    errors.forbidden(
      `${path}.uniqueItems`,
      'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
    );
  }
  const hasProperties = Object.keys(schema.properties ?? {}).length > 0;
  if (schema.additionalProperties !== undefined && schema.additionalProperties !== true && hasProperties) {
    errors.forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive');
  }
  visitChildren(schema, place);
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    errors.invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined');
  }
  validateMapType(schema, path, errors);
  validateListType(schema, path, errors);
  validateRuleTexts(schema, path, errors);
  if (place.withRules && errors.length === before) validateRuleExpressions(schema, place);
}

function visitChildren(schema: RawSchema, place: KeywordPlace): void {
  const { path } = place;
  const visit = (child: JsonSchema, step: string, more: Partial<KeywordPlace> = {}) =>
    validateKeywords(child, { ...place, isRoot: false, ...more, path: `${path}.${step}` });
  if (isSchema(schema.additionalProperties)) visit(schema.additionalProperties, 'additionalProperties');
  const atomicMap = schema['x-kubernetes-map-type'] === 'atomic' ? { uncorrelatable: path } : {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    visit(property, `properties[${name}]`, atomicMap);
  }
  if (schema.not) visit(schema.not, 'not');
  for (const name of ['allOf', 'oneOf', 'anyOf'] as const) {
    for (const [i, each] of (schema[name] ?? []).entries()) visit(each, `${name}[${i}]`);
  }
  const items = schema['x-kubernetes-list-type'] === 'map' ? {} : { uncorrelatable: path };
  if (isSchema(schema.items)) visit(schema.items, 'items', items);
}

function validateMapType(schema: JsonSchema, path: string, errors: ErrorList): void {
  const mapType: string | undefined = schema['x-kubernetes-map-type'];
  if (mapType === undefined) return;
  needType(schema, { path, errors, type: 'object', keyword: 'x-kubernetes-map-type' });
  if (mapType !== 'atomic' && mapType !== 'granular') {
    errors.notSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']);
  }
}

function needType(
  schema: JsonSchema,
  { path, errors, type, keyword }: { path: string; errors: ErrorList; type: string; keyword: string },
): boolean {
  if (schema.type === type) return true;
  const detail = `must be ${type} if ${keyword} is specified`;
  if (!schema.type) errors.required(`${path}.type`, detail);
  else errors.invalid(`${path}.type`, schema.type, detail);
  return false;
}

function validateListType(schema: JsonSchema, path: string, errors: ErrorList): void {
  const listType: string | undefined = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const items = isSchema(schema.items) ? schema.items : undefined;
  if (listType !== undefined) {
    const isList = needType(schema, { path, errors, type: 'array', keyword: 'x-kubernetes-list-type' });
    if (isList && listType === 'set' && items) validateSetItems(items, `${path}.items`, errors);
    if (!['atomic', 'set', 'map'].includes(listType)) {
      errors.notSupported(`${path}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map']);
    }
  }
  const mapOnly = 'must be map if x-kubernetes-list-map-keys is non-empty';
  if (keys.length > 0 && listType === undefined) errors.required(`${path}.x-kubernetes-list-type`, mapOnly);
  else if (keys.length > 0 && listType !== 'map') errors.invalid(`${path}.x-kubernetes-list-type`, listType, mapOnly);
  if (listType === 'map') validateMapKeys(schema, { path, errors, items, keys });
}

function validateSetItems(items: JsonSchema, path: string, errors: ErrorList): void {
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const listType = items['x-kubernetes-list-type'];
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic') {
    errors.invalid(`${path}.x-kubernetes-list-type`, listType, detail);
  }
  if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') {
    errors.invalid(`${path}.x-kubernetes-map-type`, listType ?? null, detail);
  }
}

function validateMapKeys(
  schema: JsonSchema,
  {
    path,
    errors,
    items,
    keys,
  }: { path: string; errors: ErrorList; items: JsonSchema | undefined; keys: readonly string[] },
): void {
  const keysPath = `${path}.x-kubernetes-list-map-keys`;
  if (keys.length === 0) errors.required(keysPath, 'must not be empty if x-kubernetes-list-type is map');
  if (schema.items === undefined)
    errors.required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map');
  if (!items) return;
  const suffix = "if parent array's x-kubernetes-list-type is map";
  if (items.type !== 'object') {
    errors.invalid(`${path}.items.type`, items.type ?? '', `must be object ${suffix}`);
    return;
  }
  const seen = new Set<string>();
  for (const key of keys) {
    const property = items.properties?.[key];
    if (!property) errors.invalid(keysPath, keys, 'entries must all be names of item properties');
    else if (property.type === 'array' || property.type === 'object') {
      errors.invalid(`${path}.items.properties[${key}].type`, items.type, `must be a scalar type ${suffix}`);
    }
    if (seen.has(key)) errors.invalid(keysPath, keys, 'must not contain duplicate entries');
    seen.add(key);
  }
  for (const key of keys) {
    const property = items.properties?.[key];
    const required = items.required?.includes(key) || property?.default !== undefined;
    if (property && !required) {
      const detail = `this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`;
      errors.required(`${path}.items.properties[${key}].default`, detail);
    }
    if (property?.nullable) {
      errors.forbidden(
        `${path}.items.properties[${key}].nullable`,
        'this property is in x-kubernetes-list-map-keys, so it cannot be nullable',
      );
    }
  }
}
