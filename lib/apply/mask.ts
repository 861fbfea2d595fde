/**
 * Keeps secret values out of plans, events and logs. Values are compared in the open and replaced afterwards, and by the
 * same mark always: a hash or a length would tell too much about a short password.
 */
import type { KubernetesObject } from '../kubernetes/object';
import type { FieldChange } from './diff';

export const MASK = '***';

const SECRET_PATH = /^(data|stringData)([.[]|$)/;
const LAST_APPLIED = 'metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]';
/** An environment variable with a literal value under such a name. */
const SECRET_NAME = /\[name=[^\]]*(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)[^\]]*\]\.value$/i;

export function mask(object: KubernetesObject, changes: readonly FieldChange[]): FieldChange[] {
  const isSecret = object.kind === 'Secret' && object.apiVersion === 'v1';
  return changes.map((change) => {
    const { path } = change;
    const hidden = (isSecret && SECRET_PATH.test(path)) || path === LAST_APPLIED || SECRET_NAME.test(path);
    if (!hidden) return change;
    return {
      path,
      ...('before' in change ? { before: masked(change.before) } : {}),
      ...('after' in change ? { after: masked(change.after) } : {}),
    };
  });
}

/** Maps keep their keys, so that one sees which secret is meant. */
function masked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return MASK;
  return Object.fromEntries(Object.keys(value).map((key) => [key, MASK]));
}
