/** Leases: who leads, who lives. https://kubernetes.io/docs/concepts/architecture/leases/ */
import { age } from './cells';
import { defineKind } from './define-kind';

export const lease = defineKind({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  resource: 'leases',
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  cells: (object, context) => [object.metadata.name!, object.spec?.holderIdentity ?? '', age(object, context)],
});
