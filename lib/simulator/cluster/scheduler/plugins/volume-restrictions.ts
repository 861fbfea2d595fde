/**
 * A claim with access mode ReadWriteOncePod has one pod at a time.
 * https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
 */
import { reject, type SchedulerPlugin } from '../framework';
import { claimNamesOf } from './volume-binding';

const NAME = 'VolumeRestrictions';
const REASON =
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod';

export const volumeRestrictions: SchedulerPlugin = {
  name: NAME,
  requeueOn: ['AssignedPodDelete', 'StorageChange'],
  preFilter(pod, { get, nodes }) {
    const exclusive = claimNamesOf(pod)
      .map(({ name }) => name)
      .filter((name) =>
        get('persistentvolumeclaims', pod.namespace, name)?.spec.accessModes?.includes('ReadWriteOncePod'),
      );
    if (exclusive.length === 0) return undefined;
    for (const { pod: other } of nodes.placedIn(pod.namespace)) {
      const isUsed = claimNamesOf(other).some(({ name }) => exclusive.includes(name));
      if (isUsed && other.key !== pod.key) return { filter: () => reject(NAME, REASON) };
    }
    return undefined;
  },
};
