/**
 * Admission of what is posted to a subresource: an Eviction, a Binding.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
 */
import type { Draft } from '../../../../kubernetes/kinds';
import type { AdmissionAttributes } from '../admission/admission';
import type { ApiRequest } from '../request';
import type { ServerContext } from '../server-context';

/** @param object may be changed in place @throws StatusError when a plugin refuses */
export function admitSubresource(
  server: ServerContext,
  request: ApiRequest,
  object: Draft,
  warn: (text: string) => void,
): void {
  const { resource, subresource, namespace, name, user, options } = request;
  const attributes: AdmissionAttributes = {
    operation: 'CREATE',
    resource,
    subresource,
    namespace,
    name,
    object,
    user,
    dryRun: options.dryRun ?? false,
    request,
    warn,
  };
  server.admission.admit(attributes);
  server.admission.validate(attributes);
}
