/**
 * A custom resource against the OpenAPI schema of its definition, in the words of the server's validator.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
 *
 * An update forgives what it does not change ("ratcheting"): a value that equals the old one at the same place is not
 * complained about, so that a schema can become stricter without locking out the objects that are there.
 */
import { semanticEqual } from '../equality';
import { type ErrorList, goJson, type Path, quote } from '../field-errors';
import { goRegExp } from '../go-regexp';
import { isObject, type JsonObject } from '../merge/json';
import { hasFormat } from './formats';
import { additionalSchema, type JsonSchema } from './json-schema';

/** Writes everything that is wrong to `errors`. */
export function validateSchema(schema: JsonSchema, value: unknown, errors: ErrorList, old?: unknown): void {
  validateAt('', schema, value, { errors, old }).report(errors);
}

type Report = (errors: ErrorList) => void;

/** The outcome for one value: complaints, and how much of the schema fitted (to choose the best of several). */
class Result {
  readonly reports: Report[] = [];
  matches = 0;

  add(report: Report): void {
    this.reports.push(report);
  }

  merge(other: Result): void {
    this.reports.push(...other.reports);
    this.matches += other.matches;
  }

  get ok(): boolean {
    return this.reports.length === 0;
  }

  report(errors: ErrorList): void {
    for (const report of this.reports) report(errors);
  }
}

interface Context {
  readonly errors: ErrorList;
  /** The value at the same place before the update. */
  readonly old?: unknown;
}

/** Messages name the place without the leading dot; the object itself has no name. */
const named = (path: string): string => (path === '' ? '<nil>' : path);
const below = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

type Place = Path | string;

function validateAt(path: string, schema: JsonSchema, value: unknown, context: Context): Result {
  const result = new Result();
  if (context.old !== undefined && semanticEqual(value, context.old)) return result;
  const field: Place = named(path);
  const types = schema['x-kubernetes-int-or-string'] ? ['integer', 'string'] : schema.type ? [schema.type] : [];
  checkType(result, { path, field, types, schema, value });
  if (value === null || value === undefined) return result;
  checkCombinations(result, { path, schema, value, context });
  if (typeof value === 'string') checkString(result, { path, field, schema, value, types });
  if (typeof value === 'number') checkNumber(result, { path, field, schema, value });
  if (Array.isArray(value)) checkList(result, { path, field, schema, value, context });
  checkEnum(result, { field, schema, value });
  if (isObject(value)) checkObject(result, { path, field, schema, value, context });
  result.matches++;
  return result;
}

interface Check<T = unknown> {
  readonly path: string;
  readonly field: Place;
  readonly schema: JsonSchema;
  readonly value: T;
}

function jsonTypeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'number';
    case 'object':
      return 'object';
    default:
      return typeof value;
  }
}

function checkType(result: Result, check: Check & { readonly types: readonly string[] }): void {
  const { path, field, types, schema, value } = check;
  const actual = jsonTypeOf(value);
  const fits =
    types.length === 0 ||
    types.includes(actual) ||
    (actual === 'integer' && types.includes('number')) ||
    (actual === 'null' && schema.nullable === true);
  if (fits) {
    result.matches++;
    return;
  }
  const detail = `${path} in body must be of type ${types.join(',')}: ${quote(actual)}`;
  result.add((errors) => errors.typeInvalid(field, actual, detail));
}

function checkString(result: Result, check: Check<string> & { readonly types: readonly string[] }): void {
  const { path, field, schema, value } = check;
  const { maxLength, minLength, pattern, format } = schema;
  const length = [...value].length;
  if (maxLength !== undefined && length > maxLength) {
    result.add((errors) => errors.tooLong(field, maxLength));
  } else if (minLength !== undefined && length < minLength) {
    result.add((errors) => errors.invalid(field, value, `${path} in body should be at least ${minLength} chars long`));
  } else if (pattern !== undefined && !matches(pattern, value)) {
    result.add((errors) => errors.invalid(field, value, `${path} in body should match '${pattern}'`));
  }
  if (format !== undefined && !hasFormat(format, value)) {
    const detail = `${path} in body must be of type ${format}: ${quote(value)}`;
    result.add((errors) => errors.typeInvalid(field, value, detail));
  }
}

/** A pattern that cannot be read constrains nothing; definitions with such patterns are refused. */
export function matches(pattern: string, text: string): boolean {
  try {
    return goRegExp(pattern).test(text);
  } catch {
    return true;
  }
}

function checkNumber(result: Result, { path, field, schema, value }: Check<number>): void {
  // The server compares integers with the integer part of a limit.
  const limit = (bound: number) => (Number.isInteger(value) ? Math.trunc(bound) : bound);
  const { multipleOf, maximum, exclusiveMaximum, minimum, exclusiveMinimum } = schema;
  if (multipleOf !== undefined) checkMultiple(result, { path, field, value, factor: limit(multipleOf) });
  if (maximum !== undefined && (exclusiveMaximum ? value >= limit(maximum) : value > limit(maximum))) {
    const detail = `${path} in body should be less than ${exclusiveMaximum ? '' : 'or equal to '}${limit(maximum)}`;
    result.add((errors) => errors.invalid(field, value, detail));
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= limit(minimum) : value < limit(minimum))) {
    const detail = `${path} in body should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${limit(minimum)}`;
    result.add((errors) => errors.invalid(field, value, detail));
  }
}

interface Multiple {
  readonly path: string;
  readonly field: Place;
  readonly value: number;
  readonly factor: number;
}

/** An integer against `multipleOf: 0.5` is compared with 0, and that is what the server complains about. */
function checkMultiple(result: Result, { path, field, value, factor }: Multiple): void {
  if (factor <= 0) {
    const detail = `factor MultipleOf declared for ${path} must be positive: ${factor}`;
    result.add((errors) => errors.invalid(field, factor, detail));
  } else {
    const quotient = factor < 1 ? (1 / factor) * value : value / factor;
    if (Math.abs(quotient - Math.round(quotient)) < 1e-9) return;
    result.add((errors) => errors.invalid(field, value, `${path} in body should be a multiple of ${factor}`));
  }
}

function checkEnum(result: Result, { field, schema, value }: Omit<Check, 'path'>): void {
  if (!schema.enum || schema.enum.some((allowed) => semanticEqual(allowed, value))) return;
  const allowed = schema.enum.map((each) => (typeof each === 'string' ? each : goJson(each)));
  result.add((errors) => errors.notSupported(field, value, allowed));
}

type Nested<T> = Check<T> & { readonly context: Context };

function checkList(result: Result, { path, field, schema, value, context }: Nested<unknown[]>): void {
  const { items, minItems, maxItems } = schema;
  const old = oldItems(schema, context.old);
  if (items) {
    value.forEach((item, i) => {
      result.merge(validateAt(`${path}[${i}]`, items, item, { ...context, old: old?.(item) }));
    });
  }
  const size = value.length;
  if (minItems !== undefined && size < minItems) {
    result.add((errors) => errors.invalid(field, size, `${path} in body should have at least ${minItems} items`));
  }
  if (maxItems !== undefined && size > maxItems) result.add((errors) => errors.tooMany(field, size, maxItems));
}

/** Items of map lists are the same item when their keys are; others have no past. */
export function oldItems(schema: JsonSchema, old: unknown): ((item: unknown) => unknown) | undefined {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (schema['x-kubernetes-list-type'] !== 'map' || !keys || !Array.isArray(old)) return undefined;
  const keyOf = (item: unknown) =>
    isObject(item) ? keys.map((key) => item[key] ?? schema.items?.properties?.[key]?.default) : undefined;
  return (item) => old.find((each) => semanticEqual(keyOf(each), keyOf(item)));
}

function checkObject(result: Result, { path, field, schema, value, context }: Nested<JsonObject>): void {
  const { minProperties, maxProperties, properties = {}, required = [] } = schema;
  const size = Object.keys(value).length;
  if (minProperties !== undefined && size < minProperties) {
    const detail = `${path} in body should have at least ${minProperties} properties`;
    result.add((errors) => errors.invalid(field, size, detail));
  }
  if (maxProperties !== undefined && size > maxProperties) {
    result.add((errors) => errors.tooMany(field, size, maxProperties));
  }
  const old = isObject(context.old) ? context.old : {};
  const additional = additionalSchema(schema);
  const visit = (name: string, child: JsonSchema) =>
    result.merge(validateAt(below(path, name), child, value[name], { ...context, old: old[name] }));
  for (const name of Object.keys(value)) if (additional && !Object.hasOwn(properties, name)) visit(name, additional);
  for (const name of Object.keys(properties)) if (Object.hasOwn(value, name)) visit(name, properties[name]!);
  for (const name of required) {
    if (!Object.hasOwn(value, name)) result.add((errors) => errors.required(below(path, name)));
  }
}

/** `allOf`, `anyOf`, `oneOf`, `not`: the verdict has no place of its own, only its text says where. */
function checkCombinations(
  result: Result,
  { path, schema, value, context }: { path: string; schema: JsonSchema; value: unknown; context: Context },
): void {
  const { anyOf, oneOf, allOf, not } = schema;
  const attempt = (each: JsonSchema) => validateAt(path, each, value, { errors: context.errors });
  const complain = (text: string) => result.add((errors) => errors.invalid('<nil>', '', `${quote(path)} must ${text}`));
  if (anyOf?.length) {
    const results = anyOf.map(attempt);
    if (!results.some((each) => each.ok)) {
      complain('validate at least one schema (anyOf)');
      result.merge(best(results));
    }
  }
  if (oneOf?.length) {
    const results = oneOf.map(attempt);
    const valid = results.filter((each) => each.ok).length;
    if (valid === 0) {
      complain('validate one and only one schema (oneOf). Found none valid');
      result.merge(best(results));
    } else if (valid > 1) {
      complain(`validate one and only one schema (oneOf). Found ${valid} valid alternatives`);
    }
  }
  if (allOf?.length) {
    const results = allOf.map(attempt);
    for (const each of results) result.merge(each);
    const valid = results.filter((each) => each.ok).length;
    if (valid < results.length) complain(`validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`);
  }
  if (not && attempt(not).ok) complain('not validate the schema (not)');
}

/** The first of those that came closest. */
const best = (results: readonly Result[]): Result =>
  results.reduce((found, each) => (each.matches > found.matches ? each : found));
