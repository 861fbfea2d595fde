/**
 * Admission of what is posted to a subresource: an Eviction, a Binding. Only the plugins that may refuse are asked; none of the
 * others changes such objects.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
 */
import type { Draft } from '../../../../kubernetes/kinds';
import type { ApiRequest } from '../request';
import type { ServerContext } from '../server-context';

/** @throws StatusError when a plugin refuses */
export function admitSubresource(
  server: ServerContext,
  request: ApiRequest,
  object: Draft,
  warn: (text: string) => void,
): void {
  const { resource, subresource, namespace, name, user, options } = request;
  const dryRun = options.dryRun ?? false;
  server.admission.validate({
    operation: 'CREATE',
    resource,
    subresource,
    namespace,
    name,
    object,
    user,
    dryRun,
    warn,
  });
}
