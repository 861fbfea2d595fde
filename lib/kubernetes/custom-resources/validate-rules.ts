/**
 * Are the CEL rules of a definition's schema well written?
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 *
 * Left out: estimated costs of rules, so that a rule the real server finds too expensive is accepted here.
 */
import { staticTypeOf } from '../cel/check';
import { compileCel } from '../cel/program';
import { CelCompileError } from '../cel/syntax';
import type { ErrorList } from '../field-errors';
import { isSchema, type JsonSchema, type ValidationRule } from './json-schema';
import { compileRule, nativeTypeOf, withObjectMeta } from './rules';
import type { KeywordPlace } from './validate-structural';

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

export function validateRuleTexts(schema: JsonSchema, path: string, errors: ErrorList): void {
  schema['x-kubernetes-validations']?.forEach((rule, i) => {
    const place = `${path}.x-kubernetes-validations[${i}]`;
    const { message = '', messageExpression, reason, fieldPath } = rule;
    const text = (rule.rule ?? '').trim();
    if (text === '') errors.required(`${place}.rule`, 'rule is not specified');
    else if (message !== '' && message.trim() === '')
      errors.invalid(`${place}.message`, message, 'must be non-empty if specified');
    else if (message.trim().includes('\n')) errors.invalid(`${place}.message`, message, 'must not contain line breaks');
    else if (text.includes('\n') && message.trim() === '') {
      errors.required(`${place}.message`, 'message must be specified if rule contains line breaks');
    }
    if (messageExpression && messageExpression.trim() === '') {
      errors.required(`${place}.messageExpression`, 'messageExpression must be non-empty if specified');
    }
    if (reason && !REASONS.includes(reason)) errors.notSupported(`${place}.reason`, reason, REASONS);
    if (!fieldPath) return;
    if (fieldPath.trim() === '') errors.invalid(`${place}.fieldPath`, fieldPath, 'must be non-empty if specified');
    if (fieldPath.includes('\n')) errors.invalid(`${place}.fieldPath`, fieldPath, 'must not contain line breaks');
    if (!isValidPath(schema, fieldPath)) errors.invalid(`${place}.fieldPath`, fieldPath, 'must be a valid path');
  });
}

function isValidPath(schema: JsonSchema, fieldPath: string): boolean {
  let current: JsonSchema | undefined = schema;
  for (const [, name, quoted] of fieldPath.matchAll(/\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\]/g)) {
    const properties: JsonSchema['properties'] = current?.properties;
    const values: JsonSchema['additionalProperties'] = current?.additionalProperties;
    current = properties?.[name ?? quoted!] ?? (quoted !== undefined && isSchema(values) ? values : undefined);
    if (!current) return false;
  }
  return current !== schema;
}

export function validateRuleExpressions(
  schema: JsonSchema,
  { path, errors, isRoot, uncorrelatable }: KeywordPlace,
): void {
  const typed = isRoot ? withObjectMeta(schema) : schema;
  schema['x-kubernetes-validations']?.forEach((rule, i) => {
    const place = `${path}.x-kubernetes-validations[${i}]`;
    const { program, compileError } = compileRule(typed, rule);
    if (compileError !== undefined) {
      errors.invalid(`${place}.rule`, printedRule(rule), compileError);
      return;
    }
    validateMessageExpression(typed, rule, { place, errors });
    if (program!.uses('oldSelf')) {
      if (uncorrelatable === undefined) return;
      const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`;
      errors.invalid(`${place}.rule`, rule.rule, detail);
    } else if (rule.optionalOldSelf !== undefined) {
      errors.invalid(`${place}.optionalOldSelf`, rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule');
    }
  });
}

function validateMessageExpression(
  schema: JsonSchema,
  rule: ValidationRule,
  { place, errors }: { place: string; errors: ErrorList },
): void {
  if (!rule.messageExpression) return;
  const type = nativeTypeOf(schema);
  const self = staticTypeOf(type, type.jsonType);
  try {
    const { type: result } = compileCel(
      rule.messageExpression,
      new Map([
        ['self', self],
        ['oldSelf', self],
      ]),
    );
    if (result.name === 'string' || result.name === 'dyn') return;
    errors.invalid(`${place}.messageExpression`, printedRule(rule), 'messageExpression must evaluate to a string');
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error;
    const detail = `messageExpression compilation failed: ${error.message}`;
    errors.invalid(`${place}.messageExpression`, printedRule(rule), detail);
  }
}

/** The rule as the server's message shows it: the struct it keeps. */
function printedRule(rule: ValidationRule): object {
  const { rule: Rule, message: Message = '', messageExpression: MessageExpression = '', reason: Reason = null } = rule;
  return {
    Rule,
    Message,
    MessageExpression,
    Reason,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  };
}
