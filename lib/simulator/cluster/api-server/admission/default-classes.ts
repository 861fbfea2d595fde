/**
 * A claim without a storage class, and an Ingress without an ingress class, get the cluster's default one.
 * https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass
 * https://kubernetes.io/docs/concepts/services-networking/ingress/#default-ingress-class
 */
import type { KubernetesObject } from '../../../../kubernetes/object';
import type { Store } from '../../store';
import type { AdmissionPlugin } from './admission';

const DEFAULT_STORAGE = 'storageclass.kubernetes.io/is-default-class';
const DEFAULT_STORAGE_BETA = 'storageclass.beta.kubernetes.io/is-default-class';
const STORAGE_CLASS_BETA = 'volume.beta.kubernetes.io/storage-class';
const DEFAULT_INGRESS = 'ingressclass.kubernetes.io/is-default-class';
const INGRESS_CLASS_OLD = 'kubernetes.io/ingress.class';

export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  handles: ['CREATE'],
  admit({ resource, subresource, object }, { store }) {
    if (resource.collection !== 'persistentvolumeclaims' || subresource !== '') return;
    const { metadata, spec } = object!;
    if (spec.storageClassName !== undefined || metadata.annotations?.[STORAGE_CLASS_BETA] !== undefined) return;
    const [found] = defaults(store, 'storageclasses.storage.k8s.io', [DEFAULT_STORAGE, DEFAULT_STORAGE_BETA]);
    if (found) spec.storageClassName = found.metadata.name;
  },
};

export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  handles: ['CREATE'],
  admit({ resource, subresource, object }, { store }) {
    if (resource.collection !== 'ingresses.networking.k8s.io' || subresource !== '') return;
    const { metadata, spec } = object!;
    if (spec.ingressClassName !== undefined || metadata.annotations?.[INGRESS_CLASS_OLD] !== undefined) return;
    const found = defaults(store, 'ingressclasses.networking.k8s.io', [DEFAULT_INGRESS]);
    if (found[0]) spec.ingressClassName = found[0].metadata.name;
  },
};

/** Those marked as default: the newest first, then by name. */
function defaults(store: Store, collection: string, annotations: readonly string[]): KubernetesObject[] {
  const isDefault = ({ metadata }: KubernetesObject) =>
    annotations.some((annotation) => metadata.annotations?.[annotation] === 'true');
  const age = ({ metadata }: KubernetesObject) => metadata.creationTimestamp ?? '';
  return store
    .sorted(collection)
    .filter(isDefault)
    .sort((a, b) => (age(a) < age(b) ? 1 : age(a) > age(b) ? -1 : 0));
}
