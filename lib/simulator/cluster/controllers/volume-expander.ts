/**
 * Volume expansion: a claim that asks for more gets it, if its class allows it.
 * https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims
 *
 * The driver makes the disk larger (`Resizing`), then the kubelet the file system (`FileSystemResizePending`); only then does
 * the status show the new capacity. Here a driver always succeeds, and a claim that no pod mounts waits for its first one.
 */
import { type Condition, formatTime, type KubernetesObject } from '../../../kubernetes/object';
import { withCondition, withoutCondition } from './conditions';
import {
  type Controller,
  type ControllerContext,
  type ControllerDefinition,
  nameOf,
  type Requeue,
  splitName,
} from './controller';
import { claimsOfPod } from './persistent-volume-binder';
import { bytesOf, requestedBytes, storageClassOf } from './volume-matching';

const CLAIMS = 'persistentvolumeclaims';
const BY_CLAIM = 'claim';
const RESIZE_MS = 5_000;
const FILE_SYSTEM = 'FileSystemResizePending';

export const volumeExpander: ControllerDefinition = {
  name: 'persistentvolume-expander-controller',
  serviceAccount: 'expand-controller',
  component: 'external-resizer ebs.csi.aws.com',
  create: createVolumeExpander,
};

function createVolumeExpander(context: ControllerContext): Controller {
  const { store, client, events } = context;
  const { clock } = context.simulation;
  store.addIndex('pods', BY_CLAIM, claimsOfPod);

  function reconcile(key: string): Requeue | undefined {
    const { namespace, name } = splitName(key);
    const claim = store.get(CLAIMS, namespace, name);
    if (claim?.status?.phase !== 'Bound' || requestedBytes(claim) <= bytesOf(claim.status.capacity?.storage))
      return undefined;
    const conditions: Condition[] = claim.status.conditions ?? [];
    if (conditions.some(({ type }) => type === FILE_SYSTEM)) return growFileSystem(claim);
    const resizing = conditions.find(({ type }) => type === 'Resizing');
    if (!resizing) return startResizing(claim);
    const left = Date.parse(resizing.lastTransitionTime!) + RESIZE_MS - clock.now();
    if (left > 0) return { afterMs: left };
    growVolume(claim);
    return undefined;
  }

  function startResizing(claim: KubernetesObject): Requeue | undefined {
    if (!storageClassOf(store, claim)?.allowVolumeExpansion) return undefined;
    events.event(claim, 'Normal', 'Resizing', `External resizer is resizing volume ${claim.spec.volumeName}`);
    setConditions(claim, withCondition(claim.status.conditions, { type: 'Resizing', status: 'True' }, now()));
    return { afterMs: RESIZE_MS };
  }

  function growVolume(claim: KubernetesObject): void {
    const volume = store.get('persistentvolumes', undefined, claim.spec.volumeName);
    if (!volume) return;
    const capacity = { ...volume.spec.capacity, storage: claim.spec.resources.requests.storage };
    client.update('persistentvolumes', { ...volume, spec: { ...volume.spec, capacity } });
    const message = 'Waiting for user to (re-)start a pod to finish file system resize of volume on node.';
    events.event(claim, 'Normal', 'FileSystemResizeRequired', 'Require file system resize of volume on node');
    const rest = withoutCondition(claim.status.conditions, 'Resizing');
    setConditions(claim, withCondition(rest, { type: FILE_SYSTEM, status: 'True', message }, now()));
  }

  function growFileSystem(claim: KubernetesObject): undefined {
    const pods = [...store.byIndex('pods', BY_CLAIM, nameOf(claim))];
    if (!pods.some((pod) => pod.status?.phase === 'Running')) return undefined;
    const volume = store.get('persistentvolumes', undefined, claim.spec.volumeName);
    if (!volume) return undefined;
    const { conditions: _done, ...status } = claim.status;
    const rest = withoutCondition(claim.status.conditions, FILE_SYSTEM);
    const next = { ...status, capacity: volume.spec.capacity, ...(rest.length > 0 ? { conditions: rest } : {}) };
    client.updateStatus(CLAIMS, { ...claim, status: next });
    events.event(claim, 'Normal', 'FileSystemResizeSuccessful', 'MountVolume.NodeExpandVolume succeeded for volume');
    return undefined;
  }

  const now = () => formatTime(clock.now());
  const setConditions = (claim: KubernetesObject, conditions: Condition[]) =>
    client.updateStatus(CLAIMS, { ...claim, status: { ...claim.status, conditions } });

  return {
    watches: [
      { collection: CLAIMS },
      {
        collection: 'pods',
        names: ({ object, previous }) =>
          object.status?.phase === 'Running' && previous?.status?.phase !== 'Running' ? claimsOfPod(object) : [],
      },
    ],
    reconcile,
  };
}
