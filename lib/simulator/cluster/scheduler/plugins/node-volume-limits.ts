/**
 * A machine can only have so many volumes attached: what its CSI driver says in the CSINode object.
 * https://kubernetes.io/docs/concepts/storage/storage-limits/
 */
import { reject, type SchedulerPlugin, type SchedulingView } from '../framework';
import type { PodInfo } from '../pod-info';
import { claimNamesOf } from './volume-binding';

const NAME = 'NodeVolumeLimits';
const REJECTION = reject(NAME, 'node(s) exceed max volume count');

export const nodeVolumeLimits: SchedulerPlugin = {
  name: NAME,
  requeueOn: ['AssignedPodDelete', 'NodeAdd', 'StorageChange'],
  preFilter(pod, view) {
    const wanted = volumesOf(pod, view);
    if (wanted.length === 0) return undefined;
    return {
      filter(node) {
        const drivers: any[] = view.get('csinodes.storage.k8s.io', undefined, node.name)?.spec.drivers ?? [];
        const limited = drivers.filter(({ allocatable }) => allocatable?.count !== undefined);
        if (limited.length === 0) return undefined;
        const attached = [...node.pods.values()].flatMap((other) => volumesOf(other, view));
        for (const { name, allocatable } of limited) {
          const all = [...attached, ...wanted].filter(({ driver }) => driver === name).map(({ id }) => id);
          if (new Set(all).size > allocatable.count) return REJECTION;
        }
        return undefined;
      },
    };
  },
};

/** The volumes of a pod, with the driver that attaches them. A claim that is not bound yet counts as one. */
function volumesOf(pod: PodInfo, view: SchedulingView): { readonly driver: string; readonly id: string }[] {
  return claimNamesOf(pod).flatMap(({ name }) => {
    const claim = view.get('persistentvolumeclaims', pod.namespace, name);
    if (!claim) return [];
    const volume = claim.spec.volumeName && view.get('persistentvolumes', undefined, claim.spec.volumeName);
    if (volume) return volume.spec.csi ? [{ driver: volume.spec.csi.driver, id: volume.spec.csi.volumeHandle }] : [];
    const storageClass = view.get('storageclasses.storage.k8s.io', undefined, claim.spec.storageClassName ?? '');
    return storageClass ? [{ driver: storageClass.provisioner, id: `${pod.namespace}/${name}` }] : [];
  });
}
