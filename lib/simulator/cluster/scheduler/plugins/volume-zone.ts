/**
 * A volume that lives in one zone keeps its pods there.
 * https://kubernetes.io/docs/reference/labels-annotations-taints/#topologykubernetesiozone
 */
import { rejectUnresolvable, type SchedulerPlugin } from '../framework';
import { claimNamesOf } from './volume-binding';

const NAME = 'VolumeZone';
const REJECTION = rejectUnresolvable(NAME, 'node(s) had no available volume zone');
const KEYS = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

export const volumeZone: SchedulerPlugin = {
  name: NAME,
  requeueOn: ['StorageChange', 'NodeAdd', 'NodeUpdate'],
  preFilter(pod, view) {
    const wanted = claimNamesOf(pod).flatMap(({ name }) => {
      const volumeName = view.get('persistentvolumeclaims', pod.namespace, name)?.spec.volumeName;
      const labels = volumeName && view.get('persistentvolumes', undefined, volumeName)?.metadata.labels;
      return KEYS.flatMap((key) => (labels?.[key] ? [{ key, zones: new Set(labels[key].split('__')) }] : []));
    });
    if (wanted.length === 0) return undefined;
    return {
      filter: (node) => (wanted.every(({ key, zones }) => zones.has(node.labels[key] ?? '')) ? undefined : REJECTION),
    };
  },
};
