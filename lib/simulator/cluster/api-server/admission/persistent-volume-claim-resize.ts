/**
 * A claim may only grow when its volume can: it was provisioned by a class that allows expansion.
 * https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims
 */
import { compareQuantities, parseQuantity } from '../../../../kubernetes/quantity';
import { forbidden } from '../../../../kubernetes/status-error';
import type { AdmissionPlugin } from './admission';

const CLASS_BETA = 'volume.beta.kubernetes.io/storage-class';
const NOT_RESIZABLE =
  'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';

export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  handles: ['UPDATE'],
  validate({ resource, subresource, name, object, oldObject }, { store }) {
    if (resource.collection !== 'persistentvolumeclaims' || subresource !== '') return;
    if (compareQuantities(sizeOf(object), sizeOf(oldObject)) <= 0) return;
    if (oldObject!.status?.phase !== 'Bound') {
      throw forbidden(resource, name, 'Only bound persistent volume claims can be expanded');
    }
    const className = classOf(object);
    const found =
      className && className === classOf(oldObject)
        ? store.get('storageclasses.storage.k8s.io', undefined, className)
        : undefined;
    if (!found?.allowVolumeExpansion) throw forbidden(resource, name, NOT_RESIZABLE);
  },
};

const sizeOf = (claim: any) => parseQuantity(claim.spec.resources?.requests?.storage ?? '0');

const classOf = ({ metadata, spec }: any): string => metadata.annotations?.[CLASS_BETA] ?? spec.storageClassName ?? '';
