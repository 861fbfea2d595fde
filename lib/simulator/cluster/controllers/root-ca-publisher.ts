/**
 * Every namespace has a ConfigMap `kube-root-ca.crt` with the certificate by which pods know the API server; it is part
 * of the volume with their token.
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-token-volume
 */
import { semanticEqual } from '../../../kubernetes/equality';
import type { ControllerDefinition } from './controller';

const NAME = 'kube-root-ca.crt';
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal ' +
  'service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

export const rootCaPublisher: ControllerDefinition = {
  name: 'root-ca-certificate-publisher-controller',
  serviceAccount: 'root-ca-cert-publisher',
  create: (context) => ({
    watches: [
      { collection: 'namespaces' },
      {
        collection: 'configmaps',
        names: ({ object }) => (object.metadata.name === NAME ? [object.metadata.namespace!] : []),
      },
    ],
    reconcile(namespace) {
      const { store, client } = context;
      if (store.get('namespaces', undefined, namespace)?.status?.phase !== 'Active') return undefined;
      const data = { 'ca.crt': context.caCertificate ?? '' };
      const annotations = { 'kubernetes.io/description': DESCRIPTION };
      const found = store.get('configmaps', namespace, NAME);
      if (!found) {
        const metadata = { name: NAME, namespace, annotations };
        client.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
      } else if (!semanticEqual(found.data, data)) {
        client.update('configmaps', { ...found, data });
      }
      return undefined;
    },
  }),
};
