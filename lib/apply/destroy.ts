/**
 * Takes away what was applied: an apply of nothing, which deletes in reverse order. What owns something outside of the
 * cluster goes first, while the controllers that clean up after it are still there.
 */
import { systemClock } from '../clock';
import { type ApplyOptions, apply, DEFAULT_SET, type EngineOptions } from './apply';
import { applySetOf } from './apply-set';
import type { ApplyResult } from './events';
import { KubernetesApi } from './kubernetes-api';
import { CONFIG_MAP } from './observe';
import { forgetRevisions } from './revisions';

export type DestroyOptions = EngineOptions & Pick<ApplyOptions, 'confirm' | 'timeout' | 'lockTimeout' | 'identity'>;

/**
 * Deletes every object of the set, waits until all are gone, and forgets the set. A set that was never applied, or is
 * gone already, is destroyed with success.
 */
export async function destroy(options: DestroyOptions): Promise<ApplyResult> {
  const result = await apply({ ...options, objects: [], allowEmpty: true });
  if (result.outcome !== 'succeeded') return result;
  const api = new KubernetesApi(options.transport, options.clock ?? systemClock);
  const set = applySetOf(options.set ?? DEFAULT_SET);
  await forgetRevisions(api, set);
  const { name, namespace } = set;
  await api.delete(CONFIG_MAP, { group: '', version: 'v1', kind: 'ConfigMap', namespace, name });
  return result;
}
