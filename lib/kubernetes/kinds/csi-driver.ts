/** CSIDrivers: how a storage driver wants to be treated. https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/csi-driver-v1/ */
import { age } from './cells';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';

function defaults({ spec }: Draft): void {
  spec.attachRequired ??= true;
  spec.podInfoOnMount ??= false;
  spec.storageCapacity ??= false;
  spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
  if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent'];
  spec.requiresRepublish ??= false;
  spec.seLinuxMount ??= false;
}

export const csiDriver = defineKind({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSIDriver',
  resource: 'csidrivers',
  namespaced: false,
  defaults,
  allowUnconditionalUpdate: false,
  cells: (object, context) => {
    const { spec = {} } = object;
    const tokens = (spec.tokenRequests ?? []).map(({ audience }: any) => audience).join(',');
    return [
      object.metadata.name!,
      spec.attachRequired ?? true,
      spec.podInfoOnMount ?? false,
      spec.storageCapacity ?? false,
      spec.tokenRequests?.length ? tokens : '<unset>',
      spec.requiresRepublish ?? false,
      (spec.volumeLifecycleModes ?? []).join(',') || '<none>',
      age(object, context),
    ];
  },
});
