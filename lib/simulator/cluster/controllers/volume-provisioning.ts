/**
 * The driver's half of dynamic provisioning (the external-provisioner that runs beside a CSI driver): makes volumes for
 * claims that ask for them and removes those that nobody claims any more.
 * https://kubernetes.io/docs/concepts/storage/dynamic-provisioning/
 *
 * Who really makes the disk is a {@link VolumeProvisioner}.
 */
import { isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import { isAlreadyExists, isNotFound, StatusError } from '../../../kubernetes/status-error';
import type { StoreEvent } from '../store';
import { EBS_DRIVER, EBS_IN_TREE, type ProvisionedVolume } from '../volume-provisioner';
import { ATTACHMENTS, BY_VOLUME, indexAttachments } from './attach-detach';
import { type Controller, type ControllerContext, type ControllerDefinition, nameOf, splitName } from './controller';
import { STORAGE_PROVISIONER } from './persistent-volume-binder';
import { requestedBytes, SELECTED_NODE, storageClassOf } from './volume-matching';

const CLAIMS = 'persistentvolumeclaims';
const VOLUMES = 'persistentvolumes';
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
const FINALIZER = 'external-provisioner.volume.kubernetes.io/finalizer';
/** How long the driver waits after the API server refused a write. */
const RETRY_MS = 1_000;
const ZONE = 'topology.kubernetes.io/zone';

export const volumeProvisioningController: ControllerDefinition = {
  name: 'external-provisioner',
  serviceAccount: 'ebs-csi-controller-sa',
  component: `${EBS_DRIVER}_ebs-csi-controller`,
  create: createProvisioningController,
};

function createProvisioningController(context: ControllerContext): Controller {
  const { store, client, events } = context;
  const { clock } = context.simulation;
  /** By uid of the claim or volume: the driver is at it. */
  const atWork = new Set<string>();
  indexAttachments(store);

  function reconcile(name: string): undefined {
    const [kind, key] = name.split('|') as [string, string];
    const { namespace, name: objectName } = splitName(key);
    const object = store.get(kind, namespace, objectName);
    if (!object || atWork.has(object.metadata.uid!)) return undefined;
    if (kind === CLAIMS) provision(object);
    else remove(object);
    return undefined;
  }

  function provision(claim: KubernetesObject): void {
    const { annotations, uid } = claim.metadata;
    const storageClass = storageClassOf(store, claim);
    const driver = context.volumeProvisioners.get(annotations?.[STORAGE_PROVISIONER] ?? '');
    const name = `pvc-${uid}`;
    if (!driver || !storageClass || claim.spec.volumeName || store.get(VOLUMES, undefined, name)) return;
    const node = annotations?.[SELECTED_NODE];
    if (storageClass.volumeBindingMode === 'WaitForFirstConsumer' && node === undefined) return;
    const zone = zoneOf(node);
    const message = `External provisioner is provisioning volume for claim "${nameOf(claim)}"`;
    events.event(claim, 'Normal', 'Provisioning', message);
    atWork.add(uid!);
    const request = { name, claim, storageClass, bytes: requestedBytes(claim), ...(zone ? { zone } : {}) };
    driver.create(request, (result) => {
      atWork.delete(uid!);
      if (result instanceof Error) reportFailure(claim, storageClass, result);
      else createVolume(claim, storageClass, result);
    });
  }

  /** The zone of the chosen node; for a class that binds at once, that of any node. */
  function zoneOf(nodeName: string | undefined): string | undefined {
    const nodes = nodeName === undefined ? [...store.list('nodes')] : [store.get('nodes', undefined, nodeName)];
    return nodes.map((node) => node?.metadata.labels?.[ZONE]).find((zone) => zone !== undefined);
  }

  function reportFailure(claim: KubernetesObject, storageClass: KubernetesObject, error: Error): void {
    const message = `failed to provision volume with StorageClass "${storageClass.metadata.name}": ${error.message}`;
    events.event(claim, 'Warning', 'ProvisioningFailed', message);
    context.enqueue(`${CLAIMS}|${nameOf(claim)}`, 10_000, { background: true });
  }

  function createVolume(claim: KubernetesObject, storageClass: KubernetesObject, made: ProvisionedVolume): void {
    const volume = volumeOf(claim, storageClass, made);
    // The disk is there, so its object has to come to be: the provisioner asks until the API server takes it.
    try {
      client.create(VOLUMES, volume);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (isAlreadyExists(error)) return;
      atWork.add(claim.metadata.uid!);
      clock.after(RETRY_MS, () => {
        atWork.delete(claim.metadata.uid!);
        createVolume(claim, storageClass, made);
      });
      return;
    }
    const message = `Successfully provisioned volume ${volume.metadata.name}`;
    events.event(claim, 'Normal', 'ProvisioningSucceeded', message);
  }

  /** With the policy Delete the disk goes after its claim, and the PersistentVolume after the disk. */
  function remove(volume: KubernetesObject): void {
    const { annotations, uid } = volume.metadata;
    const driver = context.volumeProvisioners.get(annotations?.[PROVISIONED_BY] ?? '');
    const released = volume.status?.phase === 'Released' || (isTerminating(volume) && volume.status?.phase !== 'Bound');
    if (!driver || !released || volume.spec.persistentVolumeReclaimPolicy !== 'Delete' || !volume.spec.csi) return;
    const [attachment] = store.byIndex(ATTACHMENTS, BY_VOLUME, volume.metadata.name!);
    // When it is detached, this is asked again.
    if (attachment) return;
    atWork.add(uid!);
    driver.delete(volume.spec.csi.volumeHandle, (error) => {
      atWork.delete(uid!);
      if (error) {
        events.event(volume, 'Warning', 'VolumeFailedDelete', error.message);
        context.enqueue(`${VOLUMES}|${nameOf(volume)}`, 10_000, { background: true });
      } else deleteVolume(volume.metadata.name!);
    });
  }

  function deleteVolume(name: string): void {
    try {
      client.delete(VOLUMES, undefined, name);
      const volume = client.tryGet(VOLUMES, undefined, name);
      if (!volume) return;
      const finalizers = volume.metadata.finalizers?.filter((finalizer) => finalizer !== FINALIZER) ?? [];
      client.update(VOLUMES, { ...volume, metadata: { ...volume.metadata, finalizers } });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (!isNotFound(error)) clock.after(RETRY_MS, () => deleteVolume(name));
    }
  }

  return {
    watches: [
      ...[CLAIMS, VOLUMES].map((collection) => ({
        collection,
        names: ({ type, object }: StoreEvent) => (type === 'DELETED' ? [] : [`${collection}|${nameOf(object)}`]),
      })),
      {
        collection: ATTACHMENTS,
        names: ({ type, object }) =>
          type === 'DELETED' ? [`${VOLUMES}|${object.spec.source.persistentVolumeName}`] : [],
      },
    ],
    reconcile,
  };
}

function volumeOf(
  claim: KubernetesObject,
  storageClass: KubernetesObject,
  { handle, bytes, zone }: ProvisionedVolume,
): KubernetesObject {
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const fsType = storageClass.parameters?.fsType ?? storageClass.parameters?.['csi.storage.k8s.io/fstype'] ?? 'ext4';
  const { mountOptions } = storageClass;
  // The plugin in the tree was migrated to the driver, which makes all volumes now.
  const migrated = storageClass.provisioner === EBS_IN_TREE;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: `pvc-${uid}`,
      annotations: {
        ...(migrated ? { 'pv.kubernetes.io/migrated-to': EBS_DRIVER } : {}),
        [PROVISIONED_BY]: storageClass.provisioner,
        'volume.kubernetes.io/provisioner-deletion-secret-name': '',
        'volume.kubernetes.io/provisioner-deletion-secret-namespace': '',
      },
      finalizers: [FINALIZER],
    },
    spec: {
      accessModes: claim.spec.accessModes,
      capacity: { storage: `${bytes / 1024 ** 3}Gi` },
      claimRef: { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name, uid, resourceVersion },
      csi: { driver: EBS_DRIVER, fsType, volumeHandle: handle },
      ...(mountOptions ? { mountOptions } : {}),
      ...(zone ? { nodeAffinity: inZone(zone) } : {}),
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      volumeMode: claim.spec.volumeMode ?? 'Filesystem',
    },
  };
}

const inZone = (zone: string) => ({
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'In', values: [zone] }] }] },
});
