/**
 * Event patterns: an event matches when every field of the pattern has one of the values that the pattern lists.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 *
 *     { source: ['aws.ec2'], detail: { state: [{ 'anything-but': 'running' }] } }
 */
import { notSimulated } from '../aws-error';

type Json = Readonly<Record<string, unknown>>;

export function matchesPattern(pattern: unknown, event: unknown): boolean {
  if (Array.isArray(pattern)) return matchesAny(pattern, event);
  return Object.entries(pattern as Json).every(([key, wanted]) =>
    key === '$or'
      ? (wanted as unknown[]).some((one) => matchesPattern(one, event))
      : matchesPattern(wanted, isObject(event) ? event[key] : undefined),
  );
}

/** The field may be a list: one of its values must match. */
function matchesAny(wanted: readonly unknown[], actual: unknown): boolean {
  const values = Array.isArray(actual) ? actual : [actual];
  return wanted.some((one) => (isObject(one) ? values.some((value) => compares(one, value)) : values.includes(one)));
}

function compares(comparison: Json, value: unknown): boolean {
  const [[operator, argument]] = Object.entries(comparison) as [[string, unknown]];
  const text = String(value ?? '');
  switch (operator) {
    case 'exists':
      return (value !== undefined) === argument;
    case 'prefix':
      return value !== undefined && text.startsWith(String(argument));
    case 'suffix':
      return value !== undefined && text.endsWith(String(argument));
    case 'equals-ignore-case':
      return text.toLowerCase() === String(argument).toLowerCase();
    case 'anything-but':
      return value !== undefined && !isUnwanted(argument, value);
    case 'numeric':
      return typeof value === 'number' && isInRange(argument as (string | number)[], value);
    default:
      throw notSimulated(`The comparison "${operator}" of event patterns`);
  }
}

function isUnwanted(argument: unknown, value: unknown): boolean {
  return isObject(argument) ? compares(argument, value) : [argument].flat().includes(value);
}

/** `['>', 0, '<=', 5]` */
function isInRange(range: readonly (string | number)[], value: number): boolean {
  for (let i = 0; i < range.length; i += 2) {
    const limit = Number(range[i + 1]);
    const holds = {
      '>': value > limit,
      '>=': value >= limit,
      '<': value < limit,
      '<=': value <= limit,
      '=': value === limit,
    };
    if (!holds[range[i] as keyof typeof holds]) return false;
  }
  return true;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
