/**
 * Conditions of a status: set and removed without disturbing the others.
 * https://kubernetes.io/docs/reference/node/kubernetes-api-condition-types/
 */
import type { Condition } from '../../../kubernetes/object';

export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): Readonly<Condition> | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export interface NewCondition {
  readonly type: string;
  readonly status: Condition['status'];
  readonly reason?: string;
  readonly message?: string;
}

/** Puts a condition in place of the one of its type, at the end; `lastTransitionTime` moves only with the status. */
export function withCondition(
  conditions: readonly Condition[] | undefined,
  { type, status, reason, message }: NewCondition,
  now: string,
): Condition[] {
  const before = findCondition(conditions, type);
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
  const rest = withoutCondition(conditions, type);
  rest.push({
    type,
    status,
    lastTransitionTime,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  });
  return rest;
}

export function withoutCondition(conditions: readonly Condition[] | undefined, type: string): Condition[] {
  return (conditions ?? []).filter((condition) => condition.type !== type);
}

/** Drops what Go's `omitempty` drops: zero, the empty string and list, false, and what is not there. */
export function omitEmpty<T extends Record<string, unknown>>(fields: T): Partial<T> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null || value === 0 || value === '' || value === false) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    kept[name] = value;
  }
  return kept as Partial<T>;
}
