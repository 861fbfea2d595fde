/**
 * The ClusterRoles that every cluster starts with, in the notation of `rule-notation.ts`.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
 * Those of the single controllers are in `controller-roles.ts`.
 */
const CERTIFICATES = 'system:certificates.k8s.io:';
const SIGNERS = ['kube-apiserver-client', 'kube-apiserver-client-kubelet', 'kubelet-serving', 'legacy-unknown'];

/** Who may ask for a node's certificate and have it approved at once, and who may approve for a signer. */
const CERTIFICATE_ROLES: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    ['nodeclient', 'selfnodeclient'].map((which) => [
      `${CERTIFICATES}certificatesigningrequests:${which}`,
      [`create certificates.k8s.io:certificatesigningrequests/${which}`],
    ]),
  ),
  ...Object.fromEntries(
    SIGNERS.map((signer) => [
      `${CERTIFICATES}${signer}-approver`,
      [`approve certificates.k8s.io:signers[kubernetes.io/${signer}]`],
    ]),
  ),
};

export const CLUSTER_ROLES: Readonly<Record<string, readonly string[]>> = {
  'cluster-admin': ['* *:*', '* *'],
  'system:discovery': ['get /api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/'],
  'system:basic-user': [
    'create authorization.k8s.io:selfsubjectaccessreviews,selfsubjectrulesreviews',
    'create authentication.k8s.io:selfsubjectreviews',
  ],
  'system:public-info-viewer': ['get /healthz,/livez,/readyz,/version,/version/'],
  'system:node': [
    'create authentication.k8s.io:tokenreviews',
    'create authorization.k8s.io:localsubjectaccessreviews,subjectaccessreviews',
    'get,list,watch core:services',
    'create,get,list,watch core:nodes',
    'patch,update core:nodes/status',
    'patch,update core:nodes',
    'create,patch,update core,events.k8s.io:events',
    'get,list,watch core:pods',
    'create,delete core:pods',
    'patch,update core:pods/status',
    'create core:pods/eviction',
    'get,list,watch core:configmaps,secrets',
    'get core:persistentvolumeclaims,persistentvolumes',
    'get core:endpoints',
    'create,get,list,watch certificates.k8s.io:certificatesigningrequests',
    'create,delete,get,patch,update coordination.k8s.io:leases',
    'get storage.k8s.io:volumeattachments',
    'create core:serviceaccounts/token',
    'get,patch,update core:persistentvolumeclaims/status',
    'get,list,watch storage.k8s.io:csidrivers',
    'create,delete,get,patch,update storage.k8s.io:csinodes',
    'get,list,watch node.k8s.io:runtimeclasses',
    'get resource.k8s.io:resourceclaims',
    'deletecollection resource.k8s.io:resourceslices',
    'get core:serviceaccounts',
  ],
  'system:kube-scheduler': [
    'create,patch,update core,events.k8s.io:events',
    'create coordination.k8s.io:leases',
    'get,list,update,watch coordination.k8s.io:leases[kube-scheduler]',
    'create,delete,deletecollection,get,list,patch,update,watch coordination.k8s.io:leasecandidates',
    'get,list,watch core:nodes',
    'delete,get,list,watch core:pods',
    'create core:bindings,pods/binding',
    'patch,update core:pods/status',
    'get,list,watch core:replicationcontrollers,services',
    'get,list,watch apps,extensions:replicasets',
    'get,list,watch apps:statefulsets',
    'get,list,watch policy:poddisruptionbudgets',
    'get,list,watch core:persistentvolumeclaims,persistentvolumes',
    'create authentication.k8s.io:tokenreviews',
    'create authorization.k8s.io:subjectaccessreviews',
    'get,list,watch storage.k8s.io:csinodes',
    'get,list,watch storage.k8s.io:volumeattachments',
    'get,list,watch core:namespaces',
    'get,list,watch storage.k8s.io:csidrivers',
    'get,list,watch storage.k8s.io:csistoragecapacities',
    'get,list,watch resource.k8s.io:deviceclasses',
    'get,list,patch,update,watch resource.k8s.io:resourceclaims',
    'get,list,patch,update,watch resource.k8s.io:resourceclaims/status',
    'update core:pods/finalizers',
    'get,list,watch resource.k8s.io:resourceslices',
  ],
  'system:aggregate-to-view': [
    'get,list,watch core:configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status',
    'get,list,watch core:bindings,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,resourcequotas/status',
    'get,list,watch core:namespaces',
    'get,list,watch core,events.k8s.io:events',
    'get,list,watch discovery.k8s.io:endpointslices',
    'get,list,watch apps:controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status',
    'get,list,watch autoscaling:horizontalpodautoscalers,horizontalpodautoscalers/status',
    'get,list,watch batch:cronjobs,cronjobs/status,jobs,jobs/status',
    'get,list,watch extensions:daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale',
    'get,list,watch policy:poddisruptionbudgets,poddisruptionbudgets/status',
    'get,list,watch networking.k8s.io:ingresses,ingresses/status,networkpolicies',
    'get,list,watch resource.k8s.io:resourceclaims,resourceclaims/status,resourceclaimtemplates',
  ],
  'system:aggregate-to-edit': [
    'get,list,watch core:pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy',
    'impersonate core:serviceaccounts',
    'create,delete,deletecollection,patch,update core:pods,pods/attach,pods/exec,pods/portforward,pods/proxy',
    'create core:pods/eviction',
    'create,delete,deletecollection,patch,update core:configmaps,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy',
    'create core:serviceaccounts/token',
    'create,delete,deletecollection,patch,update core,events.k8s.io:events',
    'create,delete,deletecollection,patch,update apps:daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale',
    'create,delete,deletecollection,patch,update autoscaling:horizontalpodautoscalers',
    'create,delete,deletecollection,patch,update batch:cronjobs,jobs',
    'create,delete,deletecollection,patch,update extensions:daemonsets,deployments,deployments/rollback,deployments/scale,ingresses,networkpolicies,replicasets,replicasets/scale,replicationcontrollers/scale',
    'create,delete,deletecollection,patch,update policy:poddisruptionbudgets',
    'create,delete,deletecollection,patch,update networking.k8s.io:ingresses,networkpolicies',
    'create,delete,deletecollection,get,list,patch,update,watch coordination.k8s.io:leases',
    'create,delete,deletecollection,patch,update resource.k8s.io:resourceclaims,resourceclaimtemplates',
  ],
  'system:aggregate-to-admin': [
    'create authorization.k8s.io:localsubjectaccessreviews',
    'create,delete,deletecollection,get,list,patch,update,watch rbac.authorization.k8s.io:rolebindings,roles',
  ],
  'system:heapster': ['get,list,watch core:events,namespaces,nodes,pods', 'get,list,watch extensions:deployments'],
  'system:kube-aggregator': ['get,list,watch core:endpoints,services'],
  ...CERTIFICATE_ROLES,
  'system:auth-delegator': [
    'create authentication.k8s.io:tokenreviews',
    'create authorization.k8s.io:subjectaccessreviews',
  ],
  'system:monitoring': [
    'get /healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*',
    'get core:nodes/metrics',
  ],
  'system:kube-controller-manager': [
    'create,patch,update core,events.k8s.io:events',
    'create coordination.k8s.io:leases',
    'get,list,update,watch coordination.k8s.io:leases[kube-controller-manager]',
    'create core:secrets,serviceaccounts',
    'delete core:secrets',
    'get core:configmaps,namespaces,secrets,serviceaccounts',
    'update core:secrets,serviceaccounts',
    'create authentication.k8s.io:tokenreviews',
    'create authorization.k8s.io:subjectaccessreviews',
    'list,watch *:*',
    'create core:serviceaccounts/token',
  ],
  'system:kube-dns': ['list,watch core:endpoints,services'],
  'system:kubelet-api-admin': [
    'get,list,watch core:nodes',
    'proxy core:nodes',
    '* core:nodes/log,nodes/metrics,nodes/proxy,nodes/stats',
  ],
  'system:node-bootstrapper': ['create,get,list,watch certificates.k8s.io:certificatesigningrequests'],
  'system:node-problem-detector': [
    'get core:nodes',
    'patch core:nodes/status',
    'create,patch,update core,events.k8s.io:events',
  ],
  'system:node-proxier': [
    'list,watch core:endpoints,services',
    'get,list,watch core:nodes',
    'create,patch,update core,events.k8s.io:events',
    'list,watch discovery.k8s.io:endpointslices',
  ],
  'system:persistent-volume-provisioner': [
    'create,delete,get,list,watch core:persistentvolumes',
    'get,list,update,watch core:persistentvolumeclaims',
    'get,list,watch storage.k8s.io:storageclasses',
    'watch core:events',
    'create,patch,update core,events.k8s.io:events',
  ],
  'system:service-account-issuer-discovery': ['get /.well-known/openid-configuration,/openid/v1/jwks'],
  'system:volume-scheduler': [
    'get,list,patch,update,watch core:persistentvolumes',
    'get,list,watch storage.k8s.io:storageclasses',
    'get,list,patch,update,watch core:persistentvolumeclaims',
  ],
};

/** Roles whose rules a controller collects from all roles with the label `aggregate-to-<name>`. */
export const AGGREGATED_ROLES = ['admin', 'edit', 'view'];

/** Role -> the aggregated role that takes its rules in. */
export const AGGREGATED_TO: Readonly<Record<string, string>> = {
  edit: 'admin',
  view: 'edit',
  'system:aggregate-to-admin': 'admin',
  'system:aggregate-to-edit': 'edit',
  'system:aggregate-to-view': 'view',
};

const group = (name: string) => ({ kind: 'Group', name: `system:${name}` });
const user = (name: string) => ({ kind: 'User', name: `system:${name}` });
const account = (name: string) => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' });

/** ClusterRole -> who has it, by a binding of the same name. */
export const CLUSTER_ROLE_BINDINGS: Readonly<Record<string, readonly object[]>> = {
  'cluster-admin': [group('masters')],
  'system:basic-user': [group('authenticated')],
  'system:discovery': [group('authenticated')],
  'system:kube-controller-manager': [user('kube-controller-manager')],
  'system:kube-dns': [account('kube-dns')],
  'system:kube-scheduler': [user('kube-scheduler')],
  'system:monitoring': [group('monitoring')],
  'system:node': [],
  'system:node-proxier': [user('kube-proxy')],
  'system:public-info-viewer': [group('authenticated'), group('unauthenticated')],
  'system:service-account-issuer-discovery': [group('serviceaccounts')],
  'system:volume-scheduler': [user('kube-scheduler')],
};

export interface NamespaceRole {
  readonly namespace: string;
  readonly name: string;
  readonly rules: readonly string[];
  /** @default the name of the role */
  readonly binding?: string;
  readonly subjects: readonly object[];
}

const LEADER_RULES = [
  'create,get,list,update,watch coordination.k8s.io:leases',
  'create,get,list,update,watch coordination.k8s.io:leasecandidates',
];

export const NAMESPACE_ROLES: readonly NamespaceRole[] = [
  {
    namespace: 'kube-system',
    name: 'extension-apiserver-authentication-reader',
    rules: ['get,list,watch core:configmaps[extension-apiserver-authentication]'],
    binding: 'system::extension-apiserver-authentication-reader',
    subjects: [user('kube-controller-manager'), user('kube-scheduler')],
  },
  {
    namespace: 'kube-system',
    name: 'system::leader-locking-kube-controller-manager',
    rules: LEADER_RULES,
    subjects: [
      user('kube-controller-manager'),
      account('kube-controller-manager'),
      account('leader-election-controller'),
    ],
  },
  {
    namespace: 'kube-system',
    name: 'system::leader-locking-kube-scheduler',
    rules: LEADER_RULES,
    subjects: [user('kube-scheduler'), account('kube-scheduler')],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:bootstrap-signer',
    rules: ['get,list,watch core:secrets'],
    subjects: [account('bootstrap-signer')],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:cloud-provider',
    rules: ['create,get,list,watch core:configmaps'],
    subjects: [account('cloud-provider')],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:token-cleaner',
    rules: ['delete,get,list,watch core:secrets', 'create,patch,update core,events.k8s.io:events'],
    subjects: [account('token-cleaner')],
  },
  {
    namespace: 'kube-public',
    name: 'system:controller:bootstrap-signer',
    rules: [
      'get,list,watch core:configmaps',
      'update core:configmaps[cluster-info]',
      'create,patch,update core,events.k8s.io:events',
    ],
    subjects: [account('bootstrap-signer')],
  },
];
