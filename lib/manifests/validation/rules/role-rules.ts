/** What roles allow. */
import type { KubernetesObject } from '../../../kubernetes/object';
import { namedResources } from '../../../kubernetes/resources';
import type { PolicyRule } from '../../../kubernetes/types/rbac-v1.generated';
import type { Rule } from '../rule';

export const roleWrongGroup: Rule = {
  id: 'role-wrong-group',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources',
  about: 'A resource is allowed in its own API group only: `deployments` are in `apps`, not in the core group.',
  check(app, report) {
    const roles: readonly KubernetesObject[] = [
      ...app.all('rbac.authorization.k8s.io/v1/Role'),
      ...app.all('rbac.authorization.k8s.io/v1/ClusterRole'),
    ];
    for (const role of roles) {
      (role.rules ?? []).forEach((rule: PolicyRule, index: number) => {
        for (const resource of rule.resources ?? []) {
          const group = groupInstead(rule.apiGroups ?? [], resource);
          if (group === undefined || allows(role.rules, group, resource)) continue;
          const groups = (rule.apiGroups ?? []).map((each) => `"${each}"`).join(', ');
          report(role, {
            field: `rules[${index}].apiGroups`,
            message: `allows ${resource} in group ${groups}, where there is no such resource`,
            fix: `${resource.split('/')[0]} are in group "${group}"`,
          });
        }
      });
    }
  },
};

/** Whether a rule beside it says it right: then nothing is missing. */
const allows = (rules: readonly PolicyRule[], group: string, resource: string) =>
  rules.some(({ apiGroups, resources }) => apiGroups?.includes(group) && resources?.includes(resource));

const groupsByResource = new Map<string, ReadonlySet<string>>();
let builtInGroups: ReadonlySet<string> | undefined;

/** The right group, when all groups of the rule are built in and none has the resource. */
function groupInstead(groups: readonly string[], resource: string): string | undefined {
  builtInGroups ??= new Set(namedResources().map(({ group }) => group));
  if (groups.length === 0 || groups.includes('*') || !groups.every((group) => builtInGroups!.has(group)))
    return undefined;
  const plural = resource.split('/')[0]!;
  let known = groupsByResource.get(plural);
  if (known === undefined) {
    known = new Set(namedResources(plural).map(({ group }) => group));
    groupsByResource.set(plural, known);
  }
  if (known.size === 0 || groups.some((group) => known.has(group))) return undefined;
  return [...known][0];
}

export const roleAllowsAll: Rule = {
  id: 'role-allows-all',
  severity: 'advice',
  see: 'https://kubernetes.io/docs/concepts/security/rbac-good-practices/',
  about: 'A role that allows every verb on everything is cluster-admin by another name.',
  check(app, report) {
    const roles: readonly KubernetesObject[] = [
      ...app.all('rbac.authorization.k8s.io/v1/Role'),
      ...app.all('rbac.authorization.k8s.io/v1/ClusterRole'),
    ];
    for (const role of roles) {
      const index = (role.rules ?? []).findIndex(
        ({ apiGroups, resources, verbs }: PolicyRule) =>
          apiGroups?.includes('*') && resources?.includes('*') && verbs?.includes('*'),
      );
      if (index < 0) continue;
      report(role, {
        field: `rules[${index}]`,
        message: 'allows every verb on every resource of every group',
        fix: 'name what is needed',
      });
    }
  },
};
