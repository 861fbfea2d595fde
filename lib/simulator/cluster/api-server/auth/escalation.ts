/**
 * Nobody may give away more than they have: roles and bindings are refused when they allow what their writer may not do,
 * unless the writer may `escalate` the role or `bind` it.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
 *
 * In kube-apiserver the storage of the four kinds does this, after the last plugin that may change the object and before
 * validation; so it is the last plugin here.
 */
import { semanticEqual } from '../../../../kubernetes/equality';
import { forbidden } from '../../../../kubernetes/status-error';
import type { AdmissionAttributes, AdmissionContext, AdmissionPlugin } from '../admission/admission';
import { missingRules, type PolicyRule, ruleText } from './policy-rules';
import { aggregate } from './rbac-authorizer';

const GROUP = 'rbac.authorization.k8s.io';
const ROLES = new Set([`roles.${GROUP}`, `clusterroles.${GROUP}`]);
const BINDINGS = new Set([`rolebindings.${GROUP}`, `clusterrolebindings.${GROUP}`]);
const EVERYTHING: readonly PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

export const rbacEscalation: AdmissionPlugin = {
  name: 'RBACEscalation',
  handles: ['CREATE', 'UPDATE'],
  admit(attributes, context) {
    const { resource, user } = attributes;
    if (user.groups?.includes('system:masters')) return;
    if (ROLES.has(resource.collection)) checkRole(attributes, context);
    else if (BINDINGS.has(resource.collection)) checkBinding(attributes, context);
  },
};

function checkRole(attributes: AdmissionAttributes, context: AdmissionContext): void {
  const { resource, object, oldObject, namespace } = attributes;
  const role = object!;
  const name: string = role.metadata.name ?? '';
  if (may(attributes, context, { verb: 'escalate', resource: resource.resource, namespace, name })) return;
  const isSame = (field: string) =>
    oldObject !== undefined && semanticEqual(role[field] ?? null, oldObject[field] ?? null);
  if (isSame('rules') && isSame('aggregationRule')) return;
  confirm(attributes, context, role.rules ?? []);
  if (role.aggregationRule && missing(attributes, context, EVERYTHING).rules.length > 0) {
    throw forbidden(resource, name, 'must have cluster-admin privileges to use the aggregationRule');
  }
}

function checkBinding(attributes: AdmissionAttributes, context: AdmissionContext): void {
  const { object, oldObject, namespace } = attributes;
  const { roleRef, subjects } = object!;
  if (oldObject && semanticEqual({ roleRef, subjects }, { roleRef: oldObject.roleRef, subjects: oldObject.subjects })) {
    return;
  }
  const resource = roleRef?.kind === 'ClusterRole' ? 'clusterroles' : 'roles';
  if (may(attributes, context, { verb: 'bind', resource, namespace, name: roleRef?.name ?? '' })) return;
  const errors: string[] = [];
  const rules = context.rbac.rulesOfRole(roleRef, namespace, errors);
  if (errors.length > 0) {
    throw forbidden(attributes.resource, object!.metadata.name ?? '', errors[0]!);
  }
  confirm(attributes, context, rules);
}

function may(
  { user }: AdmissionAttributes,
  { authorizer }: AdmissionContext,
  what: { verb: string; resource: string; namespace: string; name: string },
): boolean {
  const { verb, ...rest } = what;
  return (
    authorizer({ user, verb, resource: { group: GROUP, version: 'v1', subresource: '', ...rest } })?.allowed ?? false
  );
}

function missing({ user, namespace }: AdmissionAttributes, { rbac }: AdmissionContext, wanted: readonly PolicyRule[]) {
  const { rules, errors } = rbac.rulesOf(user, namespace);
  return { rules: missingRules(rules, wanted), errors };
}

/** @throws StatusError 403 that names every right the writer does not have */
function confirm(attributes: AdmissionAttributes, context: AdmissionContext, wanted: readonly PolicyRule[]): void {
  const { rules, errors } = missing(attributes, context, wanted);
  if (rules.length === 0) return;
  const { user, resource, object } = attributes;
  const groups = (user.groups ?? []).map((each) => JSON.stringify(each)).join(' ');
  const texts = [...new Set(rules.map(ruleText))].sort();
  const tail = errors.length > 0 ? `; resolution errors: ${aggregate(errors)}` : '';
  const cause = `user "${user.name}" (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${texts.join('\n')}${tail}`;
  throw forbidden(resource, object!.metadata.name ?? '', cause);
}
