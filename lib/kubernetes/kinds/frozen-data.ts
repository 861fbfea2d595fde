/**
 * `immutable: true` freezes the data of a ConfigMap or Secret, for good.
 * https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-immutable
 */
import { semanticEqual } from '../equality';
import { type ErrorList, root } from '../field-errors';
import type { KubernetesObject } from '../object';

export function validateFrozen(
  next: KubernetesObject,
  old: KubernetesObject,
  fields: readonly string[],
  errors: ErrorList,
): void {
  if (old.immutable !== true) return;
  const rule = 'field is immutable when `immutable` is set';
  if (next.immutable !== true) errors.forbidden(root('immutable'), rule);
  for (const field of fields) if (!semanticEqual(next[field], old[field])) errors.forbidden(root(field), rule);
}

/** How many bytes a base64 text holds: `YWI=` holds 2. */
export function base64Length(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}
