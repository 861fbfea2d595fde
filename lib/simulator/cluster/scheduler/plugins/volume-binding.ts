/**
 * A pod goes where its volumes are, or can be made.
 * https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode
 *
 * With WaitForFirstConsumer nothing is made before the scheduler has chosen a node: it writes the choice on the claim
 * (annotation volume.kubernetes.io/selected-node), the volume is made there, and only when the claim is bound is the pod
 * bound too.
 *
 * Left out: storage capacity tracking (CSIStorageCapacity).
 */
import type { KubernetesObject } from '../../../../kubernetes/object';
import { isTerminating } from '../../../../kubernetes/object';
import { integerValue, parseQuantity } from '../../../../kubernetes/quantity';
import { compileLabelSelector } from '../../../../kubernetes/selectors';
import { type Rejection, rejectUnresolvable, type SchedulerPlugin, type SchedulingView } from '../framework';
import type { NodeInfo } from '../node-info';
import { compileNodeSelectorTerms } from '../node-selector';
import type { PodInfo } from '../pod-info';

const NAME = 'VolumeBinding';
const CLAIMS = 'persistentvolumeclaims';
const VOLUMES = 'persistentvolumes';
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

const NO_VOLUMES = rejectUnresolvable(NAME, "node(s) didn't find available persistent volumes to bind");
const WRONG_NODE = rejectUnresolvable(NAME, "node(s) didn't match PersistentVolume's node affinity");
const LOST = rejectUnresolvable(NAME, 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)');
const UNBOUND_IMMEDIATE = rejectUnresolvable(NAME, 'pod has unbound immediate PersistentVolumeClaims');

export const volumeBinding: SchedulerPlugin = {
  name: NAME,
  requeueOn: ['StorageChange', 'NodeAdd', 'NodeUpdate', 'PodUpdate'],

  preFilter(pod, view) {
    const claims = claimNamesOf(pod);
    if (claims.length === 0) return undefined;
    const bound: KubernetesObject[] = [];
    const delayed: KubernetesObject[] = [];
    for (const { name, isEphemeral } of claims) {
      const claim = view.get(CLAIMS, pod.namespace, name);
      const problem = problemOf(claim, name, isEphemeral);
      if (problem) return problem;
      if (claim!.spec.volumeName && claim!.status?.phase === 'Bound') bound.push(claim!);
      else if (isDelayed(claim!, view)) delayed.push(claim!);
      else return UNBOUND_IMMEDIATE;
    }
    const volumes = bound.map((claim) => view.get(VOLUMES, undefined, claim.spec.volumeName));
    return {
      filter(node) {
        for (const volume of volumes) {
          if (!volume) return LOST;
          if (!isReachable(volume, node)) return WRONG_NODE;
        }
        return delayed.every((claim) => canBind(claim, node, view)) ? undefined : NO_VOLUMES;
      },
    };
  },

  preBind(pod, node, view) {
    const open = claimNamesOf(pod)
      .map(({ name }) => view.get(CLAIMS, pod.namespace, name)!)
      .filter((claim) => claim.status?.phase !== 'Bound');
    if (open.length === 0) return undefined;
    for (const claim of open) {
      if (claim.metadata.annotations?.[SELECTED_NODE] === node.name) continue;
      const patch = { metadata: { annotations: { [SELECTED_NODE]: node.name } } };
      view.client.patch(CLAIMS, pod.namespace, claim.metadata.name!, 'merge', patch);
    }
    return () =>
      open.every(({ metadata }) => view.get(CLAIMS, pod.namespace, metadata.name!)?.status?.phase === 'Bound');
  },
};

interface ClaimName {
  readonly name: string;
  readonly isEphemeral: boolean;
}

/** The claims of a pod; a generic ephemeral volume has one of its own. */
export function claimNamesOf(pod: PodInfo): ClaimName[] {
  const volumes: any[] = pod.object.spec.volumes ?? [];
  return volumes.flatMap(({ name, persistentVolumeClaim, ephemeral }): ClaimName[] => {
    if (persistentVolumeClaim) return [{ name: persistentVolumeClaim.claimName, isEphemeral: false }];
    return ephemeral ? [{ name: `${pod.name}-${name}`, isEphemeral: true }] : [];
  });
}

function problemOf(claim: KubernetesObject | undefined, name: string, isEphemeral: boolean): Rejection | undefined {
  if (!claim) {
    const reason = isEphemeral
      ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
      : `persistentvolumeclaim "${name}" not found`;
    return rejectUnresolvable(NAME, reason);
  }
  if (claim.status?.phase === 'Lost') {
    const reason = `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName}"`;
    return rejectUnresolvable(NAME, reason);
  }
  return isTerminating(claim)
    ? rejectUnresolvable(NAME, `persistentvolumeclaim "${name}" is being deleted`)
    : undefined;
}

function classOf(claim: KubernetesObject, view: SchedulingView): KubernetesObject | undefined {
  const name = claim.spec.storageClassName;
  return name ? view.get('storageclasses.storage.k8s.io', undefined, name) : undefined;
}

function isDelayed(claim: KubernetesObject, view: SchedulingView): boolean {
  return classOf(claim, view)?.volumeBindingMode === 'WaitForFirstConsumer';
}

function isReachable(volume: KubernetesObject, node: NodeInfo): boolean {
  const terms = volume.spec.nodeAffinity?.required?.nodeSelectorTerms;
  return !terms || compileNodeSelectorTerms(terms)(node.labels, node.name);
}

/** A volume that is free and fits, or one that can be made in this place. */
function canBind(claim: KubernetesObject, node: NodeInfo, view: SchedulingView): boolean {
  const chosen = claim.metadata.annotations?.[SELECTED_NODE];
  if (chosen !== undefined && chosen !== node.name) return false;
  for (const volume of view.list(VOLUMES)) if (isFree(volume, claim) && isReachable(volume, node)) return true;
  const storageClass = classOf(claim, view)!;
  if (storageClass.provisioner === NO_PROVISIONER) return false;
  const topologies: any[] | undefined = storageClass.allowedTopologies;
  if (!topologies || topologies.length === 0) return true;
  return topologies.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }: any) => values.includes(node.labels[key])),
  );
}

function isFree(volume: KubernetesObject, claim: KubernetesObject): boolean {
  const { spec, status } = volume;
  if (status?.phase !== 'Available' || spec.storageClassName !== claim.spec.storageClassName) return false;
  if (spec.claimRef && spec.claimRef.name !== claim.metadata.name) return false;
  if (claim.spec.selector && !compileLabelSelector(claim.spec.selector)(volume.metadata.labels)) return false;
  const modes: string[] = spec.accessModes ?? [];
  if (!claim.spec.accessModes.every((mode: string) => modes.includes(mode))) return false;
  const size = (quantity: string | undefined) => integerValue(parseQuantity(quantity ?? '0'));
  return size(spec.capacity?.storage) >= size(claim.spec.resources?.requests?.storage);
}
