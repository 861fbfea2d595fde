/**
 * One policy, one binding, one parameter: which of its validations object.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
import { DYN } from '../../../../../kubernetes/cel/check';
import { type CelProgram, compileCel, Lazy } from '../../../../../kubernetes/cel/program';
import { CelCompileError } from '../../../../../kubernetes/cel/syntax';
import { CelError } from '../../../../../kubernetes/cel/values';
import type { KubernetesObject } from '../../../../../kubernetes/object';
import type { CelVariables } from './variables';

export interface Objection {
  readonly message: string;
  readonly reason: string;
}

const KNOWN = new Map(
  ['object', 'oldObject', 'request', 'namespaceObject', 'authorizer', 'params', 'variables'].map((name) => [name, DYN]),
);

const programs = new Map<string, CelProgram>();
const PROGRAM_LIMIT = 1000;

/** @throws CelCompileError */
function compiled(source: string): CelProgram {
  let program = programs.get(source);
  if (!program) {
    if (programs.size >= PROGRAM_LIMIT) programs.clear();
    program = compileCel(source, KNOWN);
    programs.set(source, program);
  }
  return program;
}

type Outcome = { readonly value: unknown } | { readonly error: string };

function run(source: string, variables: CelVariables): Outcome {
  try {
    return { value: compiled(source).evaluate(variables) };
  } catch (error) {
    if (error instanceof CelCompileError) return { error: `compilation error: ${error.message}` };
    if (error instanceof CelError) return { error: error.message };
    throw error;
  }
}

/** Adds `variables`: a map whose values are computed when they are first read; each may speak of those before it. */
export function withVariables(policy: KubernetesObject, base: CelVariables): CelVariables {
  const computed = new Map<string, unknown>();
  const all: Record<string, unknown> = { ...base, variables: computed };
  const declared: readonly any[] = policy.spec.variables ?? [];
  if (declared.length === 0) return all;
  all.variables = new Lazy(() => {
    // Whoever reads a variable that fails hears of the failure; the others still work.
    for (const { name, expression } of declared) {
      const outcome = run(expression, { ...base, variables: computed });
      if ('value' in outcome) computed.set(name, outcome.value);
    }
    return computed;
  });
  return all;
}

/** `matchConditions`. @returns whether all of them hold, or why that could not be found out */
export function conditionsHold(
  conditions: readonly { readonly expression: string }[],
  variables: CelVariables,
): boolean | { readonly error: string } {
  let problem: string | undefined;
  for (const { expression } of conditions) {
    const outcome = run(expression, variables);
    if ('error' in outcome) problem ??= outcome.error;
    else if (outcome.value === false) return false;
  }
  return problem === undefined ? true : { error: problem };
}

export function objectionsOf(policy: KubernetesObject, variables: CelVariables): readonly Objection[] {
  const forgiving = policy.spec.failurePolicy === 'Ignore';
  const objections: Objection[] = [];
  for (const validation of policy.spec.validations ?? []) {
    const outcome = run(validation.expression, variables);
    if ('error' in outcome) {
      if (forgiving) continue;
      const message = `expression '${validation.expression.trim()}' resulted in error: ${outcome.error}`;
      objections.push({ message, reason: 'Invalid' });
    } else if (outcome.value !== true) {
      objections.push({ message: messageOf(validation, variables), reason: validation.reason ?? 'Invalid' });
    }
  }
  return objections;
}

function messageOf({ expression, message, messageExpression }: any, variables: CelVariables): string {
  if (messageExpression) {
    const outcome = run(messageExpression, variables);
    if ('value' in outcome && typeof outcome.value === 'string') {
      const text = outcome.value.trim();
      if (text !== '' && !text.includes('\n')) return text;
    }
  }
  return message?.trim() || `failed expression: ${expression.trim()}`;
}
