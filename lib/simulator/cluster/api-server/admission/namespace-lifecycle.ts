/**
 * Nothing is created in a namespace that does not exist or is going away, and the namespaces a cluster cannot live without
 * stay.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#namespacelifecycle
 */
import { groupResource } from '../../../../kubernetes/object';
import { forbidden, notFound, StatusError } from '../../../../kubernetes/status-error';
import type { AdmissionPlugin } from './admission';

const IMMORTAL = new Set(['default', 'kube-system', 'kube-public']);
/** Access reviews may be asked about namespaces that do not exist. */
const ALLOWED_ANYWHERE = new Set(['localsubjectaccessreviews.authorization.k8s.io']);

export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  handles: ['CREATE', 'UPDATE', 'DELETE'],
  admit({ operation, resource, namespace, name, object }, { store }) {
    if (resource.collection === 'namespaces') {
      if (operation === 'DELETE' && IMMORTAL.has(name)) {
        throw forbidden(resource, name, 'this namespace may not be deleted');
      }
      return;
    }
    if (!resource.namespaced || operation !== 'CREATE' || ALLOWED_ANYWHERE.has(groupResource(resource))) return;
    const found = store.get('namespaces', undefined, namespace);
    if (!found) throw notFound({ group: '', resource: 'namespaces' }, namespace);
    if (found.status?.phase !== 'Terminating') return;
    const message = `unable to create new content in namespace ${namespace} because it is being terminated`;
    throw terminating(resource, object?.metadata.name ?? name, namespace, message);
  },
};

function terminating(
  resource: { group: string; resource: string },
  name: string,
  namespace: string,
  cause: string,
): StatusError {
  const error = forbidden(resource, name, cause);
  return new StatusError(403, 'Forbidden', error.message, {
    ...error.details,
    causes: [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  });
}
