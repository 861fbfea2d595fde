/**
 * What an expression of a policy may speak of: the objects, the request, the namespace, the authorizer, parameters, and
 * variables of the policy, each computed when it is first asked for.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#validation-expression
 */
import { type AccessQuestion, AuthorizerValue } from '../../../../../kubernetes/cel/authorizer-functions';
import { Lazy } from '../../../../../kubernetes/cel/program';
import { adapt } from '../../../../../kubernetes/cel/values';
import type { UserInfo } from '../../../../../kubernetes/kinds';
import type { ServedResource } from '../../resources';
import type { AdmissionAttributes, AdmissionContext } from '../admission';
import { kindOf, objectsIn, resourceOf } from '../versioned';

export type CelVariables = Readonly<Record<string, unknown>>;

/** @param matched the version of the resource in which the rules want to see it */
export function requestVariables(
  attributes: AdmissionAttributes,
  context: AdmissionContext,
  matched: ServedResource,
): CelVariables {
  const { resource, namespace, user } = attributes;
  const { object, oldObject } = objectsIn(matched, attributes);
  const authorizer = new AuthorizerValue((question, verb) => ask(context, user, question, verb));
  const { group, resource: plural } = resource;
  const asked = { group, resource: plural, subresource: attributes.subresource, namespace, name: attributes.name };
  return {
    object: adapt(object ?? null),
    oldObject: adapt(oldObject ?? null),
    request: new Lazy(() => adapt(requestOf(attributes, matched))),
    namespaceObject: new Lazy(() =>
      adapt(resource.namespaced ? (context.store.get('namespaces', undefined, namespace) ?? null) : null),
    ),
    authorizer,
    'authorizer.requestResource': authorizer.with(asked),
  };
}

/** Empty fields are left out, as in JSON: asking for them is an error. */
function requestOf(attributes: AdmissionAttributes, matched: ServedResource): object {
  const { operation, resource, subresource, namespace, name, user, dryRun } = attributes;
  return {
    kind: kindOf(attributes, matched),
    resource: resourceOf(matched),
    ...(subresource === '' ? {} : { subResource: subresource }),
    requestKind: kindOf(attributes, resource),
    requestResource: resourceOf(resource),
    ...(subresource === '' ? {} : { requestSubResource: subresource }),
    ...(name === '' ? {} : { name }),
    ...(namespace === '' ? {} : { namespace }),
    operation,
    userInfo: {
      username: user.name,
      ...(user.uid ? { uid: user.uid } : {}),
      groups: user.groups ?? [],
      ...(user.extra ? { extra: user.extra } : {}),
    },
    dryRun,
  };
}

function ask({ authorizer }: AdmissionContext, user: UserInfo, question: AccessQuestion, verb: string) {
  const { path, serviceAccount } = question;
  const { group = '', resource = '', subresource = '', namespace = '', name = '' } = question;
  const who = serviceAccount ? accountOf(serviceAccount) : user;
  const what =
    path === undefined ? { resource: { group, version: '*', resource, subresource, namespace, name } } : { path };
  return authorizer({ user: who, verb, ...what }) ?? { allowed: false, reason: '' };
}

const accountOf = ({ namespace, name }: { namespace: string; name: string }): UserInfo => ({
  name: `system:serviceaccount:${namespace}:${name}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
});
