/**
 * May this user do this? Asked before anything else is looked at.
 * https://kubernetes.io/docs/reference/access-authn-authz/authorization/
 *
 * A chain of authorizers: the first that allows decides; when none does, the answer is no, and the reasons of all of them
 * are its reason. (An authorizer that forbids what others would allow does not exist in a default cluster.)
 */
import type { UserInfo } from '../../../../kubernetes/kinds';
import { StatusError } from '../../../../kubernetes/status-error';

export interface ResourceAttributes {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** `spec.nodeName=n1`, of lists and watches. */
  readonly fieldSelector?: string;
}

export interface AuthorizationAttributes {
  readonly user: UserInfo;
  readonly verb: string;
  /** Absent for paths that are no resource, such as `/healthz`. */
  readonly resource?: ResourceAttributes;
  /** Only for non-resource requests. */
  readonly path?: string;
}

export interface AuthorizationDecision {
  /** False: no opinion. */
  readonly allowed: boolean;
  readonly reason: string;
}

/** Undefined: no opinion, and nothing to say about it. */
export type Authorizer = (attributes: AuthorizationAttributes) => AuthorizationDecision | undefined;

/** Whoever is in the group `system:masters` may do everything. */
export const privilegedGroup: Authorizer = ({ user }) =>
  user.groups?.includes('system:masters') ? { allowed: true, reason: '' } : undefined;

export function authorizerChain(authorizers: readonly Authorizer[]): Authorizer {
  return (attributes) => {
    const reasons: string[] = [];
    for (const authorizer of authorizers) {
      const decision = authorizer(attributes);
      if (decision?.allowed) return decision;
      if (decision && decision.reason !== '') reasons.push(decision.reason);
    }
    return { allowed: false, reason: reasons.join('\n') };
  };
}

/** @throws StatusError 403 in the words of the API server. */
export function authorize(authorizer: Authorizer, attributes: AuthorizationAttributes): void {
  const decision = authorizer(attributes);
  if (decision?.allowed) return;
  throw forbiddenError(attributes, decision?.reason ?? '');
}

function forbiddenError(attributes: AuthorizationAttributes, reason: string): StatusError {
  const { user, verb, resource, path } = attributes;
  const tail = reason === '' ? '' : `: ${reason}`;
  const who = `User "${user.name}" cannot ${verb}`;
  if (!resource) {
    return new StatusError(403, 'Forbidden', `forbidden: ${who} path "${path}"${tail}`, {});
  }
  const { group, subresource, namespace, name } = resource;
  const what = subresource === '' ? resource.resource : `${resource.resource}/${subresource}`;
  const scope = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const cause = `${who} resource "${what}" in API group "${group}" ${scope}${tail}`;
  const qualified = group === '' ? resource.resource : `${resource.resource}.${group}`;
  const subject = name === '' ? qualified : `${qualified} "${name}"`;
  return new StatusError(403, 'Forbidden', `${subject} is forbidden: ${cause}`, {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind: resource.resource,
  });
}
