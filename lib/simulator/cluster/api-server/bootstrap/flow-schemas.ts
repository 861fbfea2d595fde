/**
 * Which requests go to which priority level: the FlowSchemas of a fresh cluster. They are only objects here: nobody is
 * throttled.
 * https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#defaults
 */
import { type SeedContext, seed } from './seeder';

const GROUP = 'flowcontrol.apiserver.k8s.io';

const groups = (...names: string[]) => names.map((name) => ({ kind: 'Group', group: { name: `system:${name}` } }));
const users = (...names: string[]) => names.map((name) => ({ kind: 'User', user: { name: `system:${name}` } }));
const account = (name: string) => ({ kind: 'ServiceAccount', serviceAccount: { namespace: 'kube-system', name } });

const everything = (subjects: readonly object[]) => ({
  subjects,
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
});

const election = (subjects: readonly object[], namespace: string) => ({
  subjects,
  resourceRules: [
    leaderRule('', ['endpoints', 'configmaps'], namespace),
    leaderRule('coordination.k8s.io', ['leases'], '*'),
  ],
});

const leaderRule = (group: string, resources: readonly string[], namespace: string) => ({
  verbs: ['get', 'create', 'update'],
  apiGroups: [group],
  resources,
  namespaces: [namespace],
});

const ENDPOINT_RULES = [
  {
    subjects: [
      ...users('kube-controller-manager'),
      account('endpoint-controller'),
      account('endpointslicemirroring-controller'),
    ],
    resourceRules: [
      { verbs: ['get', 'create', 'update'], apiGroups: [''], resources: ['endpoints'], namespaces: ['*'] },
      {
        verbs: ['get', 'create', 'update'],
        apiGroups: ['discovery.k8s.io'],
        resources: ['endpointslices'],
        namespaces: ['*'],
      },
    ],
  },
];

const NODE_RULES = [
  {
    subjects: groups('nodes'),
    resourceRules: [
      { verbs: ['*'], apiGroups: [''], resources: ['nodes', 'nodes/status'], clusterScope: true, namespaces: ['*'] },
      { verbs: ['*'], apiGroups: ['coordination.k8s.io'], resources: ['leases'], namespaces: ['*'] },
    ],
  },
];

const PROBES = [
  {
    subjects: groups('unauthenticated', 'authenticated'),
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
  },
];

interface Flow {
  readonly level: string;
  readonly precedence: number;
  /** What keeps the flows of one schema apart. */
  readonly by?: 'ByUser' | 'ByNamespace';
  readonly rules: readonly object[];
}

const FLOWS: Readonly<Record<string, Flow>> = {
  exempt: { level: 'exempt', precedence: 1, rules: [everything(groups('masters'))] },
  probes: { level: 'exempt', precedence: 2, rules: PROBES },
  'system-leader-election': {
    level: 'leader-election',
    precedence: 100,
    by: 'ByUser',
    rules: [election([...users('kube-controller-manager', 'kube-scheduler'), account('*')], 'kube-system')],
  },
  'endpoint-controller': { level: 'workload-high', precedence: 150, by: 'ByUser', rules: ENDPOINT_RULES },
  'workload-leader-election': {
    level: 'leader-election',
    precedence: 200,
    by: 'ByUser',
    rules: [election([account('*')], '*')],
  },
  'system-node-high': { level: 'node-high', precedence: 400, by: 'ByUser', rules: NODE_RULES },
  'system-nodes': { level: 'system', precedence: 500, by: 'ByUser', rules: [everything(groups('nodes'))] },
  'kube-controller-manager': {
    level: 'workload-high',
    precedence: 800,
    by: 'ByNamespace',
    rules: [everything(users('kube-controller-manager'))],
  },
  'kube-scheduler': {
    level: 'workload-high',
    precedence: 800,
    by: 'ByNamespace',
    rules: [everything(users('kube-scheduler'))],
  },
  'kube-system-service-accounts': {
    level: 'workload-high',
    precedence: 900,
    by: 'ByNamespace',
    rules: [everything([account('*')])],
  },
  'service-accounts': {
    level: 'workload-low',
    precedence: 9000,
    by: 'ByUser',
    rules: [everything(groups('serviceaccounts'))],
  },
  'global-default': {
    level: 'global-default',
    precedence: 9900,
    by: 'ByUser',
    rules: [everything(groups('unauthenticated', 'authenticated'))],
  },
  'catch-all': {
    level: 'catch-all',
    precedence: 10_000,
    by: 'ByUser',
    rules: [everything(groups('unauthenticated', 'authenticated'))],
  },
};

export function createFlowSchemas(context: SeedContext): void {
  for (const [name, { level, precedence, by, rules }] of Object.entries(FLOWS)) {
    seed(context, `flowschemas.${GROUP}`, {
      apiVersion: `${GROUP}/v1`,
      kind: 'FlowSchema',
      metadata: { name, annotations: { 'apf.kubernetes.io/autoupdate-spec': 'true' } },
      spec: {
        priorityLevelConfiguration: { name: level },
        matchingPrecedence: precedence,
        ...(by ? { distinguisherMethod: { type: by } } : {}),
        rules,
      },
    });
  }
}
