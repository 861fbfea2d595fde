/**
 * Goes back to what was applied before: an apply of an older record, with the same plan, waits and deletions as any other,
 * and a new revision of its own.
 *
 * What it cannot undo it says beforehand: the values of Secrets, data on volumes, and Jobs that have run.
 */
import { systemClock } from '../clock';
import type { KubernetesObject } from '../kubernetes/object';
import { UserError } from '../kubernetes/user-error';
import { type ApplyOptions, apply, DEFAULT_SET, type EngineOptions } from './apply';
import { applySetOf } from './apply-set';
import type { ApplyResult } from './events';
import { KubernetesApi } from './kubernetes-api';
import { formatRef, refOf } from './object-ref';
import { listRevisions, type Revision, readRevision, SECRET } from './revisions';

export interface RollbackOptions extends Omit<ApplyOptions, 'objects'> {
  /** @default the one before the last */
  readonly revision?: number;
}

/** What was applied successfully, oldest first; the last ten. */
export async function revisions(options: Pick<EngineOptions, 'transport' | 'set' | 'clock'>): Promise<Revision[]> {
  const api = new KubernetesApi(options.transport, options.clock ?? systemClock);
  return listRevisions(api, applySetOf(options.set ?? DEFAULT_SET));
}

/** @throws UserError when there is nothing to go back to, or a Secret of that time is gone. */
export async function rollback(options: RollbackOptions): Promise<ApplyResult> {
  const clock = options.clock ?? systemClock;
  const api = new KubernetesApi(options.transport, clock);
  const set = applySetOf(options.set ?? DEFAULT_SET);
  const target = options.revision ?? revisionBefore(set.name, await listRevisions(api, set));
  const recorded = await readRevision(api, set, target);
  const warn = (message: string) => options.onEvent?.({ at: clock.now(), type: 'warning', message });
  const objects = await Promise.all(recorded.map((object) => restoreSecret(api, object, warn)));
  return apply({ ...options, objects });
}

function revisionBefore(name: string, known: readonly Revision[]): number {
  const previous = known.at(-2);
  if (previous) return previous.number;
  throw new UserError('NothingToGoBackTo', `${name} has ${known.length} revisions: there is none before the last.`);
}

/** Values are not recorded, so a Secret keeps those that it has. */
async function restoreSecret(
  api: KubernetesApi,
  object: KubernetesObject,
  warn: (message: string) => void,
): Promise<KubernetesObject> {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return object;
  const name = formatRef(refOf(object));
  const live = await api.tryGet(SECRET, object.metadata.namespace, object.metadata.name!);
  const keys = Object.keys(object.data ?? {});
  const missing = keys.filter((key) => live?.data?.[key] === undefined);
  if (missing.length > 0) {
    const message = `${name} had the keys ${missing.join(', ')} then, and their values are recorded nowhere.`;
    throw new UserError('SecretValuesGone', message, 'Apply from the source of that time instead.');
  }
  if (keys.length > 0) warn(`${name} keeps its present values: revisions do not record those of Secrets`);
  return { ...object, data: Object.fromEntries(keys.map((key) => [key, live!.data[key]])) };
}
