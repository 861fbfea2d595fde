/**
 * `x-kubernetes-validations`: rules in CEL that stand next to a schema.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 *
 * A rule that speaks of `oldSelf` is asked on updates only, and only where the old value can be found: in objects by field,
 * in maps by key, in map lists by their keys. Without another complaint an update forgives what it does not change.
 * Left out: cost budgets beyond a limit on steps.
 */
import { BOOL, DYN, type StaticType, staticTypeOf } from '../cel/check';
import { type CelProgram, compileCel } from '../cel/program';
import { CelCompileError } from '../cel/syntax';
import { adapt, CelError, type NativeField, type NativeType, Optional } from '../cel/values';
import { semanticEqual } from '../equality';
import { type ErrorList, type FieldErrorType, goJson, quote } from '../field-errors';
import { isObject } from '../merge/json';
import type { KubernetesObject } from '../object';
import { additionalSchema, type JsonSchema, type ValidationRule } from './json-schema';
import { childSchema } from './prune';
import { oldItems } from './validate';

/** Runs all rules of a schema over an object. Nothing is checked when the object has more basic mistakes. */
export function validateRules(
  schema: JsonSchema,
  next: KubernetesObject,
  old: KubernetesObject | undefined,
  errors: ErrorList,
): void {
  if (!hasRules(schema)) return;
  if (errors.errors.some(({ type }) => BLOCKING.has(type))) {
    const text =
      'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
    errors.invalid('<nil>', null, text);
    return;
  }
  visit(withObjectMeta(schema), { path: '', value: next, old, errors });
}

const BLOCKING: ReadonlySet<string> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
] satisfies FieldErrorType[]);

const withRules = new WeakMap<JsonSchema, boolean>();

/** Whether there is a rule anywhere in the schema. */
export function hasRules(schema: JsonSchema): boolean {
  let known = withRules.get(schema);
  if (known === undefined) {
    const children = [...Object.values(schema.properties ?? {}), schema.items, additionalSchema(schema)];
    known =
      (schema['x-kubernetes-validations']?.length ?? 0) > 0 ||
      children.some((child) => child !== undefined && hasRules(child));
    withRules.set(schema, known);
  }
  return known;
}

const TEXT: JsonSchema = { type: 'string' };
const roots = new WeakMap<JsonSchema, JsonSchema>();

/** Rules of the whole object may speak of its type and of two fields of its metadata. */
export function withObjectMeta(schema: JsonSchema): JsonSchema {
  let root = roots.get(schema);
  if (!root) {
    const metadata: JsonSchema = { type: 'object', properties: { name: TEXT, generateName: TEXT } };
    root = { ...schema, properties: { ...schema.properties, apiVersion: TEXT, kind: TEXT, metadata } };
    roots.set(schema, root);
  }
  return root;
}

interface Place {
  readonly path: string;
  readonly value: unknown;
  readonly old: unknown;
  readonly errors: ErrorList;
}

function visit(schema: JsonSchema, place: Place): void {
  const { path, value, old, errors } = place;
  if (value === null || value === undefined || !hasRules(schema)) return;
  for (const rule of rulesOf(schema)) run(schema, rule, place);
  if (Array.isArray(value)) {
    const oldOf = oldItems(schema, old);
    value.forEach((item, i) => {
      if (schema.items) visit(schema.items, { path: `${path}[${i}]`, value: item, old: oldOf?.(item), errors });
    });
  } else if (isObject(value)) {
    const before = isObject(old) ? old : {};
    const names = [...new Set([...Object.keys(schema.properties ?? {}), ...Object.keys(value)])];
    for (const name of names) {
      const child = childSchema(schema, name);
      const step = schema.properties?.[name] ? (path === '' ? name : `${path}.${name}`) : `${path}[${name}]`;
      if (child) visit(child, { path: step, value: value[name], old: before[name], errors });
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// one rule

export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly type: NativeType;
  readonly program?: CelProgram;
  readonly message?: CelProgram;
  readonly compileError?: string;
}

const compiled = new WeakMap<JsonSchema, readonly CompiledRule[]>();

function rulesOf(schema: JsonSchema): readonly CompiledRule[] {
  let rules = compiled.get(schema);
  if (!rules) {
    rules = (schema['x-kubernetes-validations'] ?? []).map((rule) => compileRule(schema, rule));
    compiled.set(schema, rules);
  }
  return rules;
}

/** Compiles a rule; what is wrong with it is told by `compileError`. */
export function compileRule(schema: JsonSchema, rule: ValidationRule): CompiledRule {
  const type = nativeTypeOf(schema);
  const self = staticTypeOf(type, type.jsonType);
  const oldSelf: StaticType = rule.optionalOldSelf ? DYN : self;
  const variables = new Map([
    ['self', self],
    ['oldSelf', oldSelf],
  ]);
  try {
    const program = compileCel(rule.rule, variables);
    if (program.type.name !== BOOL.name && program.type.name !== 'dyn') {
      return { rule, type, compileError: 'cel expression must evaluate to a bool' };
    }
    const message = rule.messageExpression ? tryCompile(rule.messageExpression, variables) : undefined;
    return { rule, type, program, ...(message ? { message } : {}) };
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error;
    return { rule, type, compileError: `compilation failed: ${error.message}` };
  }
}

function tryCompile(source: string, variables: ReadonlyMap<string, StaticType>): CelProgram | undefined {
  try {
    return compileCel(source, variables);
  } catch {
    return undefined;
  }
}

function run(schema: JsonSchema, compiledRule: CompiledRule, { path, value, old, errors }: Place): void {
  const { rule, program, type, compileError } = compiledRule;
  const field = path === '' ? '<nil>' : path;
  const complain = (detail: string) => errors.invalid(field, schema.type ?? '', detail);
  if (!program) {
    if (compileError !== undefined) complain(`rule compile error: ${compileError}`);
    return;
  }
  const isTransition = program.uses('oldSelf');
  if (isTransition && old === undefined && !rule.optionalOldSelf) return;
  if (!isTransition && old !== undefined && semanticEqual(old, value)) return;
  const oldSelf = old === undefined ? undefined : adapt(old, type);
  const variables = {
    self: adapt(value, type),
    oldSelf: rule.optionalOldSelf ? (old === undefined ? Optional.none : Optional.of(oldSelf)) : oldSelf,
  };
  try {
    if (program.evaluate(variables) === true) return;
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    complain(evaluationProblem(error, rule));
    return;
  }
  report(schema, compiledRule, { field: fieldOf(field, rule), value, errors, variables });
}

function evaluationProblem({ message }: CelError, rule: ValidationRule): string {
  if (message.startsWith('no such overload')) {
    return `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${rule.rule.trim()}`;
  }
  if (message.startsWith('operation cancelled: actual cost limit exceeded')) {
    return `'${message}': no further validation rules will be run due to call cost exceeds limit for rule: ${rule.rule.trim()}`;
  }
  return `${message} evaluating rule: ${rule.message ?? rule.rule.trim()}`;
}

/** `fieldPath: .min` moves the complaint to a field below. */
function fieldOf(path: string, { fieldPath }: ValidationRule): string {
  if (!fieldPath) return path;
  const below = fieldPath.replace(/\['([^']*)'\]/g, '.$1').replace(/^\./, '');
  return path === '<nil>' ? below : `${path}.${below}`;
}

interface Violation {
  readonly field: string;
  readonly value: unknown;
  readonly errors: ErrorList;
  readonly variables: Readonly<Record<string, unknown>>;
}

function report(schema: JsonSchema, { rule, message }: CompiledRule, violation: Violation): void {
  const { field, value, errors, variables } = violation;
  const detail = dynamicMessage(message, variables) ?? (rule.message?.trim() || `failed rule: ${rule.rule.trim()}`);
  const shown = schema.type === 'object' || schema.type === 'array' ? undefined : value;
  const subject = shown === undefined ? '' : `${typeof shown === 'string' ? quote(shown) : goJson(shown)}: `;
  switch (rule.reason) {
    case 'FieldValueForbidden':
      errors.forbidden(field, detail);
      break;
    case 'FieldValueRequired':
      errors.required(field, detail);
      break;
    case 'FieldValueDuplicate':
      errors.errors.push({
        type: 'FieldValueDuplicate',
        field,
        body: `Duplicate value${shown === undefined ? '' : `: ${goJson(shown)}`}`,
      });
      break;
    default:
      errors.errors.push({ type: 'FieldValueInvalid', field, body: `Invalid value: ${subject}${detail}` });
  }
}

/** A message expression that fails, or gives nothing of use, leaves the word to the rule's own message. */
function dynamicMessage(
  program: CelProgram | undefined,
  variables: Readonly<Record<string, unknown>>,
): string | undefined {
  if (!program) return undefined;
  try {
    const value = program.evaluate(variables);
    if (typeof value !== 'string' || value.trim() === '' || value.includes('\n')) return undefined;
    return value.trim();
  } catch {
    return undefined;
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// types

const nativeTypes = new WeakMap<JsonSchema, NativeType>();

/** How CEL sees values of a schema. */
export function nativeTypeOf(schema: JsonSchema): NativeType {
  let type = nativeTypes.get(schema);
  if (!type) {
    type = describe(schema);
    nativeTypes.set(schema, type);
  }
  return type;
}

function describe(schema: JsonSchema): NativeType {
  if (schema['x-kubernetes-int-or-string'] || schema['x-kubernetes-preserve-unknown-fields']) return openType(schema);
  switch (schema.type) {
    case 'integer':
      return { scalar: 'int' };
    case 'number':
      return { scalar: 'double' };
    case 'string':
      return stringType(schema.format);
    case 'array':
      return { items: schema.items ? nativeTypeOf(schema.items) : {} };
    case 'object': {
      const values = additionalSchema(schema);
      if (values && !schema.properties) return { values: nativeTypeOf(values) };
      return { fields: fieldsOf(schema) };
    }
    default:
      return schema.type ? { jsonType: schema.type } : {};
  }
}

/** What is not in the schema may be there all the same. */
function openType(schema: JsonSchema): NativeType {
  return schema.type === 'object' && schema.properties ? { values: {} } : {};
}

function stringType(format: string | undefined): NativeType {
  switch (format) {
    case 'byte':
      return { scalar: 'bytes' };
    case 'date':
    case 'date-time':
      return { scalar: 'timestamp' };
    case 'duration':
      return { scalar: 'duration' };
    default:
      return { jsonType: 'string' };
  }
}

function fieldsOf(schema: JsonSchema): Map<string, NativeField> {
  const properties = { ...schema.properties };
  if (schema['x-kubernetes-embedded-resource']) {
    properties.apiVersion ??= TEXT;
    properties.kind ??= TEXT;
    properties.metadata ??= { type: 'object', properties: { name: TEXT, generateName: TEXT } };
  }
  return new Map(
    Object.entries(properties).map(([name, property]) => [escapeName(name), { name, type: nativeTypeOf(property) }]),
  );
}

const KEYWORDS = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** Names that are no identifiers of CEL: `a-b` is `a__dash__b`, `namespace` is `__namespace__`. */
export function escapeName(name: string): string {
  if (KEYWORDS.has(name)) return `__${name}__`;
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
}
