/**
 * Creates the roles and bindings that every cluster starts with.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#auto-reconciliation
 *
 * They are created once; the real server also repairs them at each start, and here it starts only once.
 */
import { type SeedContext, seed } from '../seeder';
import {
  AGGREGATED_ROLES,
  AGGREGATED_TO,
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  NAMESPACE_ROLES,
} from './cluster-roles';
import { CONTROLLER_ROLES } from './controller-roles';
import { parseRule } from './rule-notation';

const GROUP = 'rbac.authorization.k8s.io';
const API_VERSION = `${GROUP}/v1`;

const bootstrapMetadata = (name: string, labels: Readonly<Record<string, string>> = {}) => ({
  name,
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
});

const aggregateLabel = (role: string) => `rbac.authorization.k8s.io/aggregate-to-${role}`;

const labelsOf = (role: string): Record<string, string> =>
  AGGREGATED_TO[role] === undefined ? {} : { [aggregateLabel(AGGREGATED_TO[role])]: 'true' };

const withGroup = (subject: any) => (subject.kind === 'ServiceAccount' ? subject : { ...subject, apiGroup: GROUP });

const CONTROLLER = 'system:controller:';

export function createRoles(context: SeedContext): void {
  const controllers = Object.entries(CONTROLLER_ROLES).map(([name, rules]) => [`${CONTROLLER}${name}`, rules] as const);
  for (const [name, rules] of [...Object.entries(CLUSTER_ROLES), ...controllers]) {
    const metadata = bootstrapMetadata(name, labelsOf(name));
    const role = { apiVersion: API_VERSION, kind: 'ClusterRole', metadata, rules: rules.map(parseRule) };
    seed(context, `clusterroles.${GROUP}`, role);
  }
  for (const name of AGGREGATED_ROLES) {
    const metadata = bootstrapMetadata(name, labelsOf(name));
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { [aggregateLabel(name)]: 'true' } }] };
    const role = { apiVersion: API_VERSION, kind: 'ClusterRole', metadata, aggregationRule, rules: null };
    seed(context, `clusterroles.${GROUP}`, role);
  }
  for (const [name, subjects] of Object.entries(CLUSTER_ROLE_BINDINGS)) {
    seed(context, `clusterrolebindings.${GROUP}`, binding('ClusterRole', name, subjects, bootstrapMetadata(name)));
  }
  for (const account of Object.keys(CONTROLLER_ROLES)) {
    const name = `${CONTROLLER}${account}`;
    const subjects = [{ kind: 'ServiceAccount', name: account, namespace: 'kube-system' }];
    seed(context, `clusterrolebindings.${GROUP}`, binding('ClusterRole', name, subjects, bootstrapMetadata(name)));
  }
  for (const { namespace, name, rules, binding: bindingName = name, subjects } of NAMESPACE_ROLES) {
    const metadata = { ...bootstrapMetadata(name), namespace };
    seed(context, `roles.${GROUP}`, { apiVersion: API_VERSION, kind: 'Role', metadata, rules: rules.map(parseRule) });
    const bindingMetadata = { ...bootstrapMetadata(bindingName), namespace };
    seed(context, `rolebindings.${GROUP}`, binding('Role', name, subjects, bindingMetadata));
  }
}

function binding(kind: 'Role' | 'ClusterRole', role: string, subjects: readonly object[], metadata: any) {
  return {
    apiVersion: API_VERSION,
    kind: `${kind}Binding`,
    metadata,
    roleRef: { apiGroup: GROUP, kind, name: role },
    ...(subjects.length > 0 ? { subjects: subjects.map(withGroup) } : {}),
  };
}
