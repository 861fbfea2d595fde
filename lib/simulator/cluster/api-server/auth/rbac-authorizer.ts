/**
 * Role-based access control: bindings say who has which role, roles say what is allowed. Everything is allowed that some
 * rule allows; nothing can be forbidden.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 *
 * Cluster-wide bindings are asked first, then those of the namespace. A role that is missing allows nothing, and is told in
 * the reason of the refusal.
 */
import type { UserInfo } from '../../../../kubernetes/kinds';
import type { KubernetesObject } from '../../../../kubernetes/object';
import type { Store } from '../../store';
import type { AuthorizationAttributes, AuthorizationDecision } from './authorizer';
import { type PolicyRule, ruleAllows } from './policy-rules';

const GROUP = 'rbac.authorization.k8s.io';

interface Grant {
  readonly rules: readonly PolicyRule[];
  /** `RoleBinding "rb/shop" of Role "r" to User "alice"` */
  readonly source: string;
}

export interface UserRules {
  readonly rules: readonly PolicyRule[];
  readonly errors: readonly string[];
}

export class RbacAuthorizer {
  constructor(private readonly store: Store) {}

  authorize(attributes: AuthorizationAttributes): AuthorizationDecision | undefined {
    const errors: string[] = [];
    for (const { rules, source } of this.grants(attributes.user, attributes.resource?.namespace ?? '', errors)) {
      if (rules.some((rule) => ruleAllows(rule, attributes))) {
        return { allowed: true, reason: `RBAC: allowed by ${source}` };
      }
    }
    return errors.length > 0 ? { allowed: false, reason: `RBAC: ${aggregate(errors)}` } : undefined;
  }

  rulesOf(user: UserInfo, namespace: string): UserRules {
    const errors: string[] = [];
    const rules = [...this.grants(user, namespace, errors)].flatMap((grant) => grant.rules);
    return { rules, errors };
  }

  /** @throws nothing: `errors` takes the texts of roles that do not exist */
  rulesOfRole(roleRef: { kind: string; name: string }, namespace: string, errors: string[]): readonly PolicyRule[] {
    const isClusterRole = roleRef.kind === 'ClusterRole';
    const collection = isClusterRole ? 'clusterroles' : 'roles';
    const role = this.store.get(`${collection}.${GROUP}`, isClusterRole ? undefined : namespace, roleRef.name);
    if (!role) errors.push(`${isClusterRole ? 'clusterrole' : 'role'}.${GROUP} "${roleRef.name}" not found`);
    return role?.rules ?? [];
  }

  private *grants(user: UserInfo, namespace: string, errors: string[]): Generator<Grant> {
    for (const binding of this.store.sorted(`clusterrolebindings.${GROUP}`)) {
      const grant = this.grant(binding, user, errors);
      if (grant) yield grant;
    }
    if (namespace === '') return;
    for (const binding of this.store.sorted(`rolebindings.${GROUP}`)) {
      if (binding.metadata.namespace !== namespace) continue;
      const grant = this.grant(binding, user, errors);
      if (grant) yield grant;
    }
  }

  private grant(binding: KubernetesObject, user: UserInfo, errors: string[]): Grant | undefined {
    const { kind, metadata, roleRef, subjects = [] } = binding;
    const namespace = metadata.namespace ?? '';
    const subject = subjects.find((each: any) => isSubject(each, user, namespace));
    if (!subject) return undefined;
    const missing = errors.length;
    const rules = this.rulesOfRole(roleRef, namespace, errors);
    if (errors.length > missing) return undefined;
    const name = namespace === '' ? metadata.name! : `${metadata.name}/${namespace}`;
    const source = `${kind} "${name}" of ${roleRef.kind} "${roleRef.name}" to ${subjectText(subject, namespace)}`;
    return { rules, source };
  }
}

function isSubject({ kind, name, namespace }: any, user: UserInfo, bindingNamespace: string): boolean {
  switch (kind) {
    case 'User':
      return user.name === name;
    case 'Group':
      return user.groups?.includes(name) ?? false;
    case 'ServiceAccount': {
      const home = namespace || bindingNamespace;
      return home !== '' && user.name === `system:serviceaccount:${home}:${name}`;
    }
    default:
      return false;
  }
}

function subjectText({ kind, name, namespace }: any, bindingNamespace: string): string {
  return kind === 'ServiceAccount' ? `${kind} "${name}/${namespace || bindingNamespace}"` : `${kind} "${name}"`;
}

/** Several errors in one text, each once. */
export function aggregate(errors: readonly string[]): string {
  const texts = [...new Set(errors)];
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
}
