/**
 * What is going to be done, to which object, and why: decided before anything is, and shown to whoever has to agree.
 */
import type { KubernetesObject, Resource } from '../kubernetes/object';
import type { ApplySet } from './apply-set';
import type { DependencyEdge } from './dependencies';
import type { FieldChange } from './diff';
import type { ObjectKey, ObjectRef } from './object-ref';

/**
 * - `create`, `update`: by server-side apply.
 * - `replace`: delete and create again, because a field that may not change has to.
 * - `delete`: it belongs to the set and is not asked for any more.
 * - `keep`: nothing to do.
 */
export type Action = 'create' | 'update' | 'replace' | 'delete' | 'keep';

/** Why the server would not do it, found out by a dry run. */
export interface Refusal {
  /** The Status' reason, e.g. `Invalid`, `Conflict`, `Forbidden`. */
  readonly reason: string;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

export interface Change {
  readonly key: ObjectKey;
  readonly ref: ObjectRef;
  readonly action: Action;
  /** For people: why this action. */
  readonly cause: string;
  /** What an update or a replacement changes; secret values are masked. */
  readonly fields: readonly FieldChange[];
  /** What is sent; undefined for a delete. */
  readonly object?: KubernetesObject;
  /** What is there; undefined for a create. */
  readonly live?: KubernetesObject;
  /** Undefined while the definition of the kind is itself only planned. */
  readonly resource?: Resource;
  /** What it waits for, among the changes of the plan. */
  readonly after: readonly DependencyEdge[];
  /** Why the server could not be asked yet, e.g. because the definition of the kind is itself only planned. */
  readonly unverified?: string;
  readonly refusal?: Refusal;
  /** Takes fields from their other owners. */
  readonly force?: boolean;
}

export interface Plan {
  readonly set: ApplySet;
  /** In the order in which they are started: first what is applied, then what is deleted. */
  readonly changes: readonly Change[];
}

export type PlanCounts = Readonly<Record<Action | 'refused', number>>;

export function countsOf(plan: Plan): PlanCounts {
  const counts = { create: 0, update: 0, replace: 0, delete: 0, keep: 0, refused: 0 };
  for (const change of plan.changes) counts[change.refusal ? 'refused' : change.action]++;
  return counts;
}

/** Whether there is anything to do. */
export function isEmpty(plan: Plan): boolean {
  return plan.changes.every(({ action }) => action === 'keep');
}
