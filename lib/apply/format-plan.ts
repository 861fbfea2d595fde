/**
 * A plan as text: one line per change with its cause, below it the fields that change.
 *
 *     2 to create, 1 to update, 4 unchanged
 *     + namespace/shop                not in the cluster
 *     ~ deployment.apps/web   -n shop changed in the source
 *         spec.replicas: 3 -> 4
 */
import type { FieldChange } from './diff';
import { formatRef } from './object-ref';
import { type Action, type Change, countsOf, type Plan } from './plan';

const SIGNS: Readonly<Record<Action, string>> = { create: '+', update: '~', replace: '±', delete: '-', keep: '=' };
const MAX_VALUE_LENGTH = 80;

export interface FormatPlanOptions {
  /** List the objects that stay as they are. @default false */
  readonly unchanged?: boolean;
}

export function formatPlan(plan: Plan, options: FormatPlanOptions = {}): string {
  const shown = plan.changes.filter(({ action }) => options.unchanged || action !== 'keep');
  const names = shown.map(nameOf);
  const width = Math.max(0, ...names.map((name) => name.length));
  const lines = shown.flatMap((change, index) => linesOf(change, names[index]!.padEnd(width)));
  return [formatCounts(plan), ...lines].join('\n');
}

/** `2 to create, 1 to update, 4 unchanged` */
export function formatCounts(plan: Plan): string {
  const counts = countsOf(plan);
  const parts = [
    ...(['create', 'update', 'replace', 'delete'] as const).map((action) => [counts[action], `to ${action}`] as const),
    [counts.refused, 'refused'] as const,
    [counts.keep, 'unchanged'] as const,
  ];
  const text = parts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`);
  return text.length === 0 ? 'nothing to do' : text.join(', ');
}

function nameOf({ ref }: Change): string {
  return ref.namespace ? `${formatRef(ref)} -n ${ref.namespace}` : formatRef(ref);
}

function linesOf(change: Change, name: string): string[] {
  const { refusal } = change;
  if (refusal) {
    const hint = refusal.hint ? [`    ${refusal.hint}`] : [];
    return [`! ${name}  ${refusal.message}`, ...hint];
  }
  const cause = change.unverified ? `${change.cause} (not checked: ${change.unverified})` : change.cause;
  return [`${SIGNS[change.action]} ${name}  ${cause}`, ...change.fields.map((field) => `    ${formatField(field)}`)];
}

/** `spec.replicas: 3 -> 4`, `metadata.labels.tier: + "web"`, `spec.paused: - true` */
export function formatField(field: FieldChange): string {
  const { path, before, after } = field;
  if (!('before' in field)) return `${path}: + ${formatValue(after)}`;
  if (!('after' in field)) return `${path}: - ${formatValue(before)}`;
  return `${path}: ${formatValue(before)} -> ${formatValue(after)}`;
}

function formatValue(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= MAX_VALUE_LENGTH ? text : `${text.slice(0, MAX_VALUE_LENGTH - 1)}…`;
}
