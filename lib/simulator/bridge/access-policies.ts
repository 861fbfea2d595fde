/**
 * EKS access policies: permissions in the cluster that come from AWS, beside RBAC. An access entry has some of them, for the
 * whole cluster or for some namespaces.
 * https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
 */
import type { AccessEntry } from '../aws/eks/state';
import type { Authorizer } from '../cluster/api-server/auth/authorizer';
import { type PolicyRule, ruleAllows } from '../cluster/api-server/auth/policy-rules';
import { parseRule } from '../cluster/api-server/bootstrap/rbac/rule-notation';

const READ = 'get,list,watch';
const WRITE = 'create,delete,deletecollection,patch,update';
const WORKLOADS = 'daemonsets,deployments,deployments/scale,replicasets,replicasets/scale';
const CONNECTIONS = 'pods/attach,pods/exec,pods/portforward,pods/proxy';

const VIEW = [
  `${READ} apps:controllerrevisions,${WORKLOADS},statefulsets,statefulsets/scale,daemonsets/status,deployments/status,replicasets/status,statefulsets/status`,
  `${READ} autoscaling:horizontalpodautoscalers,horizontalpodautoscalers/status`,
  `${READ} batch:cronjobs,cronjobs/status,jobs,jobs/status`,
  `${READ} discovery.k8s.io:endpointslices`,
  `${READ} extensions:${WORKLOADS},daemonsets/status,deployments/status,ingresses,ingresses/status,networkpolicies,replicasets/status,replicationcontrollers/scale`,
  `${READ} networking.k8s.io:ingresses,ingresses/status,networkpolicies`,
  `${READ} policy:poddisruptionbudgets,poddisruptionbudgets/status`,
  `${READ} core:configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status`,
  `${READ} core:bindings,events,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,resourcequotas/status`,
  `${READ} core:namespaces`,
];

const EDIT = [
  ...VIEW,
  `${WRITE} apps:${WORKLOADS},deployments/rollback,statefulsets,statefulsets/scale`,
  `${WRITE} autoscaling:horizontalpodautoscalers`,
  `${WRITE} batch:cronjobs,jobs`,
  `${WRITE} extensions:${WORKLOADS},deployments/rollback,ingresses,networkpolicies,replicationcontrollers/scale`,
  `${WRITE} networking.k8s.io:ingresses,networkpolicies`,
  `${WRITE} policy:poddisruptionbudgets`,
  `${READ} core:${CONNECTIONS},secrets,services/proxy`,
  'impersonate core:serviceaccounts',
  `${WRITE} core:pods,${CONNECTIONS}`,
  `${WRITE} core:configmaps,events,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy`,
];

const POLICIES: Readonly<Record<string, readonly string[]>> = {
  AmazonEKSClusterAdminPolicy: ['* *:*', '* *'],
  AmazonEKSAdminPolicy: [
    ...EDIT,
    'create authorization.k8s.io:localsubjectaccessreviews',
    `${READ},${WRITE} rbac.authorization.k8s.io:rolebindings,roles`,
  ],
  AmazonEKSAdminViewPolicy: [`${READ} *:*`],
  AmazonEKSEditPolicy: EDIT,
  AmazonEKSViewPolicy: VIEW,
  AmazonEKSSecretReaderPolicy: [`${READ} core:secrets`],
};

const rules = new Map<string, readonly PolicyRule[]>(
  Object.entries(POLICIES).map(([name, lines]) => [name, lines.map(parseRule)]),
);

/** @param entryOf the access entry of an IAM principal, as it is now */
export function accessPolicies(entryOf: (principalArn: string) => AccessEntry | undefined): Authorizer {
  return (attributes) => {
    const { user, resource } = attributes;
    // Whoever is impersonated has no principal behind them.
    const principal = user.extra?.arn?.[0];
    const entry = principal === undefined ? undefined : entryOf(principal);
    for (const { policyArn, accessScope } of entry?.policies ?? []) {
      const namespaces = accessScope.type === 'namespace' ? (accessScope.namespaces ?? []) : undefined;
      if (namespaces && !namespaces.some((pattern: string) => fits(pattern, resource?.namespace ?? ''))) continue;
      const name = policyArn.slice(policyArn.lastIndexOf('/') + 1);
      if (!rules.get(name)?.some((rule) => ruleAllows(rule, attributes))) continue;
      const kind = namespaces ? 'RoleBinding' : 'ClusterRoleBinding';
      const binding = `${entry!.principalArn}+${policyArn}${namespaces ? `/${resource!.namespace}` : ''}`;
      const reason = `EKS Access Policy: allowed by ${kind} "${binding}" of ClusterRole "${policyArn}" to User "${user.name}"`;
      return { allowed: true, reason };
    }
    return undefined;
  };
}

/** `dev-*` and `dev`; what belongs to no namespace fits no pattern. */
function fits(pattern: string, namespace: string): boolean {
  if (namespace === '') return false;
  const source = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`).test(namespace);
}
