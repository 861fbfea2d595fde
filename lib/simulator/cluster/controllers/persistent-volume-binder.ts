/**
 * Binds PersistentVolumeClaims to PersistentVolumes, one to one, and says what becomes of a volume whose claim is gone.
 * https://kubernetes.io/docs/concepts/storage/persistent-volumes/#lifecycle-of-a-volume-and-claim
 *
 * Binding writes four times, so that it can be taken up again wherever it was interrupted: the volume names the claim, the
 * volume is Bound, the claim names the volume, the claim is Bound. A claim for which there is no volume asks the
 * provisioner of its class; with WaitForFirstConsumer only after the scheduler has chosen a node.
 *
 * Left out: the Recycle policy and the checks of raw block volumes.
 */
import { semanticEqual } from '../../../kubernetes/equality';
import { isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import { type Controller, type ControllerContext, type ControllerDefinition, nameOf, splitName } from './controller';
import {
  className,
  defaultStorageClass,
  findVolumeFor,
  isReservedFor,
  storageClassOf,
  suits,
  waitsForConsumer,
} from './volume-matching';

const CLAIMS = 'persistentvolumeclaims';
const VOLUMES = 'persistentvolumes';
const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
/** Says to the driver that the volume is its to make. */
export const STORAGE_PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
const BETA_STORAGE_PROVISIONER = 'volume.beta.kubernetes.io/storage-provisioner';
const BY_CLAIM = 'claim';

export const persistentVolumeBinder: ControllerDefinition = {
  name: 'persistentvolume-binder-controller',
  serviceAccount: 'persistent-volume-binder',
  component: 'persistentvolume-controller',
  create: createBinder,
};

const claimName = (claim: KubernetesObject) => `claim|${nameOf(claim)}`;
const volumeName = (volume: KubernetesObject) => `volume|${nameOf(volume)}`;

function createBinder(context: ControllerContext): Controller {
  const { store, client, events } = context;
  store.addIndex('pods', BY_CLAIM, claimsOfPod);

  function reconcile(name: string): undefined {
    const [kind, key] = name.split('|') as [string, string];
    const { namespace, name: objectName } = splitName(key);
    if (kind === 'volume') {
      const volume = store.get(VOLUMES, undefined, objectName);
      if (volume) syncVolume(volume);
      return undefined;
    }
    const claim = store.get(CLAIMS, namespace, objectName);
    if (!claim) return undefined;
    if (claim.metadata.annotations?.[BIND_COMPLETED]) syncBoundClaim(claim);
    else syncUnboundClaim(claim);
    return undefined;
  }

  function syncUnboundClaim(claim: KubernetesObject): void {
    const wanted: string | undefined = claim.spec.volumeName || undefined;
    if (wanted !== undefined) {
      const volume = store.get(VOLUMES, undefined, wanted);
      const free = volume && (isReservedFor(volume, claim) || (!volume.spec.claimRef && suits(volume, claim)));
      if (free) bind(volume, claim);
      else setClaimStatus(claim, 'Pending');
      return;
    }
    const delayed = waitsForConsumer(store, claim);
    const volume = findVolumeFor(store, claim, delayed);
    if (volume) bind(volume, claim);
    else waitForVolume(withDefaultClass(claim), delayed);
  }

  /** A claim that names no class (not even the empty one) gets the default class, also when that comes later. */
  function withDefaultClass(claim: KubernetesObject): KubernetesObject {
    if (claim.spec.storageClassName !== undefined) return claim;
    const name = defaultStorageClass(store)?.metadata.name;
    return name === undefined
      ? claim
      : client.update(CLAIMS, { ...claim, spec: { ...claim.spec, storageClassName: name } });
  }

  function waitForVolume(claim: KubernetesObject, delayed: boolean): void {
    const pending = setClaimStatus(claim, 'Pending');
    if (delayed || waitsForConsumer(store, pending)) {
      events.event(pending, 'Normal', ...firstConsumer(pending));
    } else if (className(pending) !== '') {
      askProvisioner(pending);
    } else {
      const message = 'no persistent volumes available for this claim and no storage class is set';
      events.event(pending, 'Normal', 'FailedBinding', message);
    }
  }

  function firstConsumer({ metadata: { namespace, name } }: KubernetesObject): [string, string] {
    const pods = [...store.byIndex('pods', BY_CLAIM, `${namespace}/${name}`)].map((pod) => pod.metadata.name!);
    if (pods.length === 0) return ['WaitForFirstConsumer', 'waiting for first consumer to be created before binding'];
    const who = pods.length === 1 ? `pod ${pods[0]}` : `pods ${pods.join(',')}`;
    return ['WaitForPodScheduled', `waiting for ${who} to be scheduled`];
  }

  function askProvisioner(claim: KubernetesObject): void {
    const storageClass = storageClassOf(store, claim);
    if (!storageClass) {
      const message = `storageclass.storage.k8s.io "${className(claim)}" not found`;
      events.event(claim, 'Warning', 'ProvisioningFailed', message);
      return;
    }
    const { provisioner } = storageClass;
    if (provisioner === 'kubernetes.io/no-provisioner') {
      const message = 'no persistent volumes available for this claim and no storage class is set';
      events.event(claim, 'Normal', 'FailedBinding', message);
      return;
    }
    const asked = annotate(claim, { [BETA_STORAGE_PROVISIONER]: provisioner, [STORAGE_PROVISIONER]: provisioner });
    const message =
      `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system ` +
      'administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.';
    events.event(asked, 'Normal', 'ExternalProvisioning', message);
  }

  function annotate(claim: KubernetesObject, annotations: Record<string, string>): KubernetesObject {
    const before = claim.metadata.annotations;
    if (Object.entries(annotations).every(([key, value]) => before?.[key] === value)) return claim;
    return client.update(CLAIMS, {
      ...claim,
      metadata: { ...claim.metadata, annotations: { ...before, ...annotations } },
    });
  }

  function bind(volume: KubernetesObject, claim: KubernetesObject): void {
    const bound = setVolumePhase(reserve(volume, claim), 'Bound');
    let mine = claim;
    if (claim.spec.volumeName !== bound.metadata.name) {
      mine = client.update(CLAIMS, { ...claim, spec: { ...claim.spec, volumeName: bound.metadata.name } });
      mine = annotate(mine, { [BIND_COMPLETED]: 'yes', [BOUND_BY_CONTROLLER]: 'yes' });
    } else {
      mine = annotate(mine, { [BIND_COMPLETED]: 'yes' });
    }
    setClaimStatus(mine, 'Bound', bound);
  }

  /** Writes the claim into the volume. */
  function reserve(volume: KubernetesObject, claim: KubernetesObject): KubernetesObject {
    if (volume.spec.claimRef?.uid === claim.metadata.uid) return volume;
    const { namespace, name, uid, resourceVersion } = claim.metadata;
    const claimRef = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name, uid, resourceVersion };
    const byUs: Record<string, string> = volume.spec.claimRef ? {} : { [BOUND_BY_CONTROLLER]: 'yes' };
    return client.update(VOLUMES, {
      ...volume,
      metadata: { ...volume.metadata, annotations: { ...volume.metadata.annotations, ...byUs } },
      spec: { ...volume.spec, claimRef },
    });
  }

  function syncBoundClaim(claim: KubernetesObject): void {
    const volume = claim.spec.volumeName ? store.get(VOLUMES, undefined, claim.spec.volumeName) : undefined;
    if (!volume) {
      const what = claim.spec.volumeName ? 'its PersistentVolume' : 'reference to PersistentVolume';
      lose(claim, 'ClaimLost', `Bound claim has lost ${what}. Data on the volume is lost!`);
    } else if (!volume.spec.claimRef || isReservedFor(volume, claim)) {
      bind(volume, claim);
    } else {
      const message = 'Two claims are bound to the same volume, this one is bound incorrectly';
      lose(claim, 'ClaimMisbound', message);
    }
  }

  function lose(claim: KubernetesObject, reason: string, message: string): void {
    if (claim.status?.phase === 'Lost') return;
    const lost = setClaimStatus(claim, 'Lost');
    events.event(lost, 'Warning', reason, message);
  }

  function setClaimStatus(claim: KubernetesObject, phase: string, volume?: KubernetesObject): KubernetesObject {
    const status = volume
      ? { ...claim.status, phase, accessModes: volume.spec.accessModes, capacity: boundCapacity(claim, volume) }
      : { phase };
    if (semanticEqual(status, claim.status)) return claim;
    return client.updateStatus(CLAIMS, { ...claim, status });
  }

  /** An expansion is told by the expander; until then the claim has what it was bound with. */
  function boundCapacity(claim: KubernetesObject, volume: KubernetesObject) {
    return claim.status?.phase === 'Bound' ? claim.status.capacity : volume.spec.capacity;
  }

  function setVolumePhase(volume: KubernetesObject, phase: string): KubernetesObject {
    if (volume.status?.phase === phase) return volume;
    return client.updateStatus(VOLUMES, { ...volume, status: { ...volume.status, phase } });
  }

  function syncVolume(volume: KubernetesObject): void {
    const reference = volume.spec.claimRef;
    // Without a uid it is kept for a claim that is still to come.
    if (!reference?.uid) {
      setVolumePhase(volume, 'Available');
      return;
    }
    const claim = store.get(CLAIMS, reference.namespace, reference.name);
    if (claim?.metadata.uid !== reference.uid) {
      if (!isTerminating(volume) && volume.status?.phase !== 'Failed') setVolumePhase(volume, 'Released');
    } else if (claim!.spec.volumeName === volume.metadata.name) {
      setVolumePhase(volume, 'Bound');
    } else if (!claim!.spec.volumeName) {
      context.enqueue(claimName(claim!));
    }
  }

  return {
    watches: [
      {
        collection: CLAIMS,
        names: ({ type, object }) => [
          ...(type === 'DELETED' ? [] : [claimName(object)]),
          ...(object.spec.volumeName ? [`volume|${object.spec.volumeName}`] : []),
        ],
      },
      { collection: VOLUMES, names: (event) => volumeAndItsClaims(context, event.object) },
      { collection: 'pods', names: ({ type, object }) => (type === 'ADDED' ? claimsOfPod(object).map(prefixed) : []) },
      {
        collection: 'storageclasses.storage.k8s.io',
        names: ({ type }) => (type === 'ADDED' ? unboundClaims(context) : []),
      },
    ],
    reconcile,
  };
}

const prefixed = (name: string) => `claim|${name}`;

/** A volume that is free may suit any claim that waits. */
function volumeAndItsClaims(context: ControllerContext, volume: KubernetesObject): string[] {
  const reference = volume.spec.claimRef;
  if (reference) return [volumeName(volume), `claim|${reference.namespace}/${reference.name}`];
  return [volumeName(volume), ...unboundClaims(context)];
}

function unboundClaims({ store }: ControllerContext): string[] {
  return [...store.list(CLAIMS)].filter((claim) => !claim.metadata.annotations?.[BIND_COMPLETED]).map(claimName);
}

/** `default/data` for each claim that a pod mounts. */
export function claimsOfPod({ metadata, spec }: KubernetesObject): string[] {
  const names: string[] = [];
  for (const volume of spec.volumes ?? []) {
    const claim = volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral && `${metadata.name}-${volume.name}`);
    if (claim) names.push(`${metadata.namespace}/${claim}`);
  }
  return names;
}
