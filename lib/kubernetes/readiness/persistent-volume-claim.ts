/** https://kubernetes.io/docs/concepts/storage/persistent-volumes/#lifecycle-of-a-volume-and-claim */
import type { KubernetesObject } from '../object';
import { current, failed, inProgress, type Readiness, type Surroundings } from './readiness';
import { eventsAbout } from './workload-pods';

export function persistentVolumeClaimReadiness(claim: KubernetesObject, surroundings: Surroundings): Readiness {
  const phase = claim.status?.phase ?? 'Pending';
  if (phase === 'Bound') return current(`bound to ${claim.spec.volumeName}`);
  if (phase === 'Lost') return failed(`its volume ${claim.spec.volumeName} is gone`, 'Lost');
  // To wait for a claim that waits for a Pod that waits for this claim would take for ever.
  if (surroundings.storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && !claim.spec.volumeName) {
    return current('will be bound when a Pod uses it');
  }
  const event = eventsAbout(claim, surroundings.events).at(-1);
  if (event?.reason === 'WaitForFirstConsumer') return current('will be bound when a Pod uses it');
  return inProgress(event?.message ?? 'not bound yet', event?.reason);
}
