/**
 * Every namespace has a ServiceAccount `default`, which pods use that name no other.
 * https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
 */
import type { ControllerDefinition } from './controller';

export const serviceAccountController: ControllerDefinition = {
  name: 'serviceaccount-controller',
  serviceAccount: 'service-account-controller',
  create: ({ store, client }) => ({
    watches: [
      { collection: 'namespaces' },
      {
        collection: 'serviceaccounts',
        names: ({ type, object }) => (type === 'DELETED' ? [object.metadata.namespace!] : []),
      },
    ],
    reconcile(namespace) {
      if (store.get('namespaces', undefined, namespace)?.status?.phase !== 'Active') return undefined;
      if (store.get('serviceaccounts', namespace, 'default')) return undefined;
      client.create('serviceaccounts', {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'default', namespace },
      });
      return undefined;
    },
  }),
};
