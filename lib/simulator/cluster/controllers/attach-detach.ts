/**
 * Attach and detach: a volume is brought to the nodes whose pods mount it, and taken away when none does any more.
 * https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
 *
 * The wish is an object, a VolumeAttachment for each volume and node; the driver's attacher (csi-attacher.ts) fulfils it. A
 * volume that only one node may have (ReadWriteOnce) is not attached to a second one before the first has let go: the pod
 * waits, with a Multi-Attach error. A node whose kubelet is silent cannot say that it has unmounted; it is waited for six
 * minutes, unless somebody says that it is out of service.
 * https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#storage-force-detach-on-timeout
 */
import { createHash } from 'node:crypto';
import { semanticEqual } from '../../../kubernetes/equality';
import { isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import type { Store } from '../store';
import { findCondition } from './conditions';
import {
  type Controller,
  type ControllerContext,
  type ControllerDefinition,
  nameOf,
  type Requeue,
  splitName,
} from './controller';
import { claimsOfPod } from './persistent-volume-binder';
import { isPodFinished } from './pods';

export const ATTACHMENTS = 'volumeattachments.storage.k8s.io';
const VOLUMES = 'persistentvolumes';
const CLAIMS = 'persistentvolumeclaims';
const BY_CLAIM = 'claim';
export const BY_VOLUME = 'volume';
/** Before the name of a node in the work queue; other names are volumes. */
const NODE = 'node|';
const MAX_WAIT_FOR_UNMOUNT_MS = 360_000;
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

export const attachDetachController: ControllerDefinition = {
  name: 'persistentvolume-attach-detach-controller',
  serviceAccount: 'attachdetach-controller',
  create: createAttachDetachController,
};

function createAttachDetachController(context: ControllerContext): Controller {
  const { store, client, events } = context;
  const { clock } = context.simulation;
  store.addIndex('pods', BY_CLAIM, claimsOfPod);
  indexAttachments(store);
  /** Since when nobody wants an attachment any more, by its name. */
  const unwantedSince = new Map<string, number>();
  /** `volume|node`: whose pods have heard that another node has the volume. */
  const reported = new Set<string>();

  function reconcile(name: string): Requeue | undefined {
    if (name.startsWith(NODE)) return listOnNode(name.slice(NODE.length));
    const volume = store.get(VOLUMES, undefined, name);
    const pods = volume ? podsOf(volume) : [];
    const wanted = new Map<string, KubernetesObject[]>();
    for (const pod of pods) wanted.set(pod.spec.nodeName, [...(wanted.get(pod.spec.nodeName) ?? []), pod]);
    const attachments = [...store.byIndex(ATTACHMENTS, BY_VOLUME, name)];
    let wait: number | undefined;
    for (const attachment of attachments) {
      if (wanted.has(attachment.spec.nodeName)) unwantedSince.delete(attachment.metadata.name!);
      else {
        const left = detach(attachment);
        if (left !== undefined) wait = Math.min(wait ?? left, left);
      }
    }
    if (volume && context.volumeProvisioners.has(volume.spec.csi?.driver)) {
      for (const node of [...wanted.keys()].sort()) attach(volume, node, wanted);
    }
    return wait === undefined ? undefined : { afterMs: wait, background: true };
  }

  /** The pods that mount a volume and have not ended. */
  function podsOf({ spec: { claimRef } }: KubernetesObject): KubernetesObject[] {
    if (!claimRef) return [];
    return [...store.byIndex('pods', BY_CLAIM, `${claimRef.namespace}/${claimRef.name}`)].filter(
      (pod) => pod.spec.nodeName && !isPodFinished(pod),
    );
  }

  /** @returns how long to wait before the volume may be taken from the node */
  function detach({ metadata, spec }: KubernetesObject): number | undefined {
    if (metadata.deletionTimestamp) return undefined;
    const name = metadata.name!;
    const since = unwantedSince.get(name) ?? clock.now();
    unwantedSince.set(name, since);
    const left = hasUnmounted(spec.nodeName) ? 0 : since + MAX_WAIT_FOR_UNMOUNT_MS - clock.now();
    if (left > 0) return left;
    unwantedSince.delete(name);
    client.delete(ATTACHMENTS, undefined, name);
    return undefined;
  }

  /** A kubelet that is alive has unmounted what its pods no longer need. */
  function hasUnmounted(nodeName: string): boolean {
    const node = store.get('nodes', undefined, nodeName);
    if (node?.spec.taints?.some(({ key }: any) => key === OUT_OF_SERVICE)) return true;
    return findCondition(node?.status?.conditions, 'Ready')?.status === 'True';
  }

  function attach(volume: KubernetesObject, node: string, wanted: ReadonlyMap<string, KubernetesObject[]>): void {
    const attachments = [...store.byIndex(ATTACHMENTS, BY_VOLUME, volume.metadata.name!)];
    if (attachments.some(({ spec }) => spec.nodeName === node)) return;
    const key = `${volume.metadata.name}|${node}`;
    if (isExclusive(volume) && attachments.length > 0) {
      if (!reported.has(key)) reportMultiAttach(volume, wanted.get(node)!, othersThan(node, wanted));
      reported.add(key);
      return;
    }
    reported.delete(key);
    client.create(ATTACHMENTS, attachmentOf(volume, node));
  }

  function reportMultiAttach(
    { metadata }: KubernetesObject,
    waiting: readonly KubernetesObject[],
    users: readonly KubernetesObject[],
  ): void {
    for (const pod of waiting) {
      const local = users.filter((user) => user.metadata.namespace === pod.metadata.namespace);
      const names = local.map((user) => user.metadata.name).join(', ');
      const elsewhere = users.length - local.length;
      let why = "Volume is already exclusively attached to one node and can't be attached to another";
      if (local.length > 0) why = `Volume is already used by pod(s) ${names}`;
      if (local.length > 0 && elsewhere > 0) why += ` and ${elsewhere} pod(s) in different namespaces`;
      else if (elsewhere > 0) why = `Volume is already used by ${elsewhere} pod(s) in different namespaces`;
      const message = `Multi-Attach error for volume "${metadata.name}" ${why}`;
      events.event(pod, 'Warning', 'FailedAttachVolume', message);
    }
  }

  /** What the attacher has done is told to the pods that wait, and to the node. */
  function heard(attachment: KubernetesObject, previous: KubernetesObject | undefined): void {
    const { spec, status } = attachment;
    const volume = store.get(VOLUMES, undefined, spec.source.persistentVolumeName);
    if (!volume) return;
    const name = volume.metadata.name!;
    const pods = podsOf(volume).filter((pod) => pod.spec.nodeName === spec.nodeName);
    if (status?.attached && !previous?.status?.attached) {
      const message = `AttachVolume.Attach succeeded for volume "${name}"`;
      for (const pod of pods) events.event(pod, 'Normal', 'SuccessfulAttachVolume', message);
    }
    const error = status?.attachError;
    if (error && error.time !== previous?.status?.attachError?.time) {
      const message = `AttachVolume.Attach failed for volume "${name}" : ${error.message}`;
      for (const pod of pods) events.event(pod, 'Warning', 'FailedAttachVolume', message);
    }
  }

  /** The node's status names what is attached to it. */
  function listOnNode(nodeName: string): undefined {
    const node = store.get('nodes', undefined, nodeName);
    if (!node) return;
    const volumesAttached = [...store.list(ATTACHMENTS)].flatMap(({ spec, status }) => {
      const csi = store.get(VOLUMES, undefined, spec.source.persistentVolumeName)?.spec.csi;
      if (spec.nodeName !== nodeName || !status?.attached || !csi) return [];
      return [{ name: `kubernetes.io/csi/${csi.driver}^${csi.volumeHandle}`, devicePath: '' }];
    });
    const before = node.status?.volumesAttached ?? [];
    if (semanticEqual(volumesAttached, before)) return;
    client.updateStatus('nodes', { ...node, status: { ...node.status, volumesAttached } });
  }

  return {
    watches: [
      { collection: 'pods', names: ({ object, previous }) => (concerns(object, previous) ? volumesOf(object) : []) },
      { collection: CLAIMS, names: ({ object }) => (object.spec.volumeName ? [object.spec.volumeName] : []) },
      {
        collection: ATTACHMENTS,
        names: ({ type, object, previous }) => {
          const volume = object.spec.source.persistentVolumeName;
          if (type !== 'DELETED') heard(object, previous);
          return [NODE + object.spec.nodeName, ...(volume ? [volume] : [])];
        },
      },
      { collection: 'nodes', names: ({ object }) => attachedTo(object.metadata.name!) },
    ],
    reconcile,
  };

  function volumesOf(pod: KubernetesObject): string[] {
    return claimsOfPod(pod).flatMap((claim) => {
      const { namespace, name } = splitName(claim);
      return store.get(CLAIMS, namespace, name)?.spec.volumeName ?? [];
    });
  }

  /** A node that came back, or is out of service, may let go at once. */
  function attachedTo(nodeName: string): string[] {
    if (unwantedSince.size === 0) return [];
    return [...unwantedSince.keys()].flatMap((name) => {
      const attachment = store.get(ATTACHMENTS, undefined, name);
      return attachment?.spec.nodeName === nodeName ? [attachment.spec.source.persistentVolumeName] : [];
    });
  }
}

export function indexAttachments(store: Store): void {
  store.addIndex(ATTACHMENTS, BY_VOLUME, ({ spec }) => [spec.source.persistentVolumeName ?? '']);
}

/** Whether a pod has come to a node, or has ended. */
function concerns(pod: KubernetesObject, previous: KubernetesObject | undefined): boolean {
  if (!pod.spec.volumes || !pod.spec.nodeName) return false;
  return !previous || !previous.spec.nodeName || isPodFinished(pod) !== isPodFinished(previous) || isTerminating(pod);
}

function othersThan(node: string, wanted: ReadonlyMap<string, KubernetesObject[]>): KubernetesObject[] {
  return [...wanted]
    .flatMap(([name, pods]) => (name === node ? [] : pods))
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/** Whether one node at a time may have it. */
function isExclusive({ spec: { accessModes = [] } }: KubernetesObject): boolean {
  return !accessModes.includes('ReadWriteMany') && !accessModes.includes('ReadOnlyMany');
}

function attachmentOf({ metadata, spec: { csi } }: KubernetesObject, nodeName: string): KubernetesObject {
  const hash = createHash('sha256').update(`${csi.volumeHandle}${csi.driver}${nodeName}`).digest('hex');
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttachment',
    metadata: { name: `csi-${hash}` },
    spec: { attacher: csi.driver, nodeName, source: { persistentVolumeName: metadata.name } },
  };
}
