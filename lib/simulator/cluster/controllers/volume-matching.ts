/**
 * Which PersistentVolume suits a claim: big enough, of its class, with its access modes; of those the smallest.
 * https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { isTerminating } from '../../../kubernetes/object';
import { integerValue, parseQuantity } from '../../../kubernetes/quantity';
import type { Store } from '../store';
import { matcherOf } from './ownership';

export const CLASSES = 'storageclasses.storage.k8s.io';
const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

export function bytesOf(quantity: string | undefined): number {
  return quantity === undefined ? 0 : integerValue(parseQuantity(quantity));
}

export const requestedBytes = (claim: KubernetesObject): number => bytesOf(claim.spec.resources?.requests?.storage);
export const capacityBytes = (volume: KubernetesObject): number => bytesOf(volume.spec.capacity?.storage);
export const className = (object: KubernetesObject): string => object.spec.storageClassName ?? '';

export function storageClassOf(store: Store, claim: KubernetesObject): KubernetesObject | undefined {
  return store.get(CLASSES, undefined, className(claim));
}

/** The newest class that says it is the default. */
export function defaultStorageClass(store: Store): KubernetesObject | undefined {
  return [...store.list(CLASSES)]
    .filter(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true')
    .sort((a, b) => (a.metadata.creationTimestamp! < b.metadata.creationTimestamp! ? 1 : -1))[0];
}

/** Whether the volume is kept for this very claim. */
export function isReservedFor(volume: KubernetesObject, claim: KubernetesObject): boolean {
  const reference = volume.spec.claimRef;
  if (!reference) return false;
  const { namespace, name, uid } = claim.metadata;
  return reference.namespace === namespace && reference.name === name && (!reference.uid || reference.uid === uid);
}

/** A claim of a WaitForFirstConsumer class that waits for the scheduler to choose a node. */
export function waitsForConsumer(store: Store, claim: KubernetesObject): boolean {
  if (claim.metadata.annotations?.[SELECTED_NODE]) return false;
  return storageClassOf(store, claim)?.volumeBindingMode === 'WaitForFirstConsumer';
}

/** @param delayed only a volume kept for the claim will do: the scheduler chooses among the others. */
export function findVolumeFor(store: Store, claim: KubernetesObject, delayed: boolean): KubernetesObject | undefined {
  let best: KubernetesObject | undefined;
  for (const volume of store.list('persistentvolumes')) {
    if (isReservedFor(volume, claim) && !isTerminating(volume)) return volume;
    if (delayed || volume.spec.claimRef || isTerminating(volume) || volume.status?.phase !== 'Available') continue;
    if (!suits(volume, claim)) continue;
    if (!best || capacityBytes(volume) < capacityBytes(best)) best = volume;
  }
  return best;
}

/** Also asked of a volume that the claim names itself. */
export function suits(volume: KubernetesObject, claim: KubernetesObject): boolean {
  const modes: readonly string[] = volume.spec.accessModes ?? [];
  const { selector } = claim.spec;
  return (
    className(volume) === className(claim) &&
    (volume.spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem') &&
    (claim.spec.accessModes ?? []).every((mode: string) => modes.includes(mode)) &&
    capacityBytes(volume) >= requestedBytes(claim) &&
    (!selector || matcherOf(selector)(volume.metadata.labels))
  );
}
