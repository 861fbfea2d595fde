/**
 * What kubelets may do: `system:node:<name>` in the group `system:nodes` reads and writes its own node and pods, and what those
 * pods lead to: pod -> claim -> volume -> secret.
 * https://kubernetes.io/docs/reference/access-authn-authz/node/
 */
import type { KubernetesObject } from '../../../../kubernetes/object';
import type { Store } from '../../store';
import type { AuthorizationAttributes, AuthorizationDecision, Authorizer, ResourceAttributes } from './authorizer';

const USER_PREFIX = 'system:node:';
const YES: AuthorizationDecision = { allowed: true, reason: '' };
const no = (reason: string): AuthorizationDecision => ({ allowed: false, reason });

const READS = ['get', 'list', 'watch'];
const ANYWHERE: Readonly<Record<string, readonly string[]>> = {
  'authentication.k8s.io/tokenreviews': ['create'],
  'authorization.k8s.io/subjectaccessreviews': ['create'],
  'authorization.k8s.io/localsubjectaccessreviews': ['create'],
  '/services': READS,
  '/events': ['create', 'patch', 'update'],
  'events.k8s.io/events': ['create', 'patch', 'update'],
  'certificates.k8s.io/certificatesigningrequests': ['create', ...READS],
  'storage.k8s.io/csidrivers': READS,
  'node.k8s.io/runtimeclasses': READS,
};

const PODS_BY_NODE = 'spec.nodeName';

export function nodeAuthorizer(store: Store): Authorizer {
  store.addIndex('pods', PODS_BY_NODE, ({ spec }) => (spec.nodeName ? [spec.nodeName] : []));
  return (attributes) => {
    const { user, resource } = attributes;
    if (!user.name.startsWith(USER_PREFIX) || !user.groups?.includes('system:nodes') || !resource) return undefined;
    return decide(store, user.name.slice(USER_PREFIX.length), attributes, resource);
  };
}

function decide(
  store: Store,
  node: string,
  { verb }: AuthorizationAttributes,
  resource: ResourceAttributes,
): AuthorizationDecision | undefined {
  const what = `${resource.group}/${resource.resource}`;
  if (ANYWHERE[what]?.includes(verb) && resource.subresource === '') return YES;
  switch (what) {
    case '/nodes':
      return ownNode(node, verb, resource);
    case '/pods':
      return ownPods(store, node, verb, resource);
    case '/configmaps':
    case '/secrets':
      return mentioned(store, node, verb, resource);
    case '/persistentvolumeclaims':
      if (resource.subresource === 'status') return changedByPods(store, node, verb, resource);
      return single(store, node, verb, resource);
    case '/persistentvolumes':
    case 'resource.k8s.io/resourceclaims':
    case 'storage.k8s.io/volumeattachments':
      return single(store, node, verb, resource);
    case 'resource.k8s.io/resourceslices':
      return ownSlice(store, node, verb, resource);
    case '/serviceaccounts':
      return accountOfPod(store, node, verb, resource);
    case 'coordination.k8s.io/leases':
      return ownLease(node, verb, resource);
    case 'storage.k8s.io/csinodes':
      return resource.name === node || verb === 'create' ? YES : no(`node '${node}' can only access its own CSINode`);
    default:
      return undefined;
  }
}

function ownNode(node: string, verb: string, { name, subresource, fieldSelector }: ResourceAttributes) {
  if (verb === 'create' && subresource === '') return YES;
  if (subresource !== '' && subresource !== 'status') return undefined;
  if (verb === 'list' || verb === 'watch') {
    if (selects(fieldSelector, 'metadata.name', node)) return YES;
    return no(`node '${node}' cannot read all nodes, only its own Node object`);
  }
  if (!['get', 'patch', 'update'].includes(verb)) return undefined;
  return name === node ? YES : no(`node '${node}' cannot read '${name}', only its own Node object`);
}

function ownPods(store: Store, node: string, verb: string, resource: ResourceAttributes) {
  const { subresource, namespace, name, fieldSelector } = resource;
  if (subresource === '' && (verb === 'list' || verb === 'watch') && name === '') {
    if (selects(fieldSelector, 'spec.nodeName', node)) return YES;
    return no('can only list/watch pods with spec.nodeName field selector');
  }
  if (verb === 'create' && (subresource === '' || subresource === 'eviction')) return YES;
  const allowed = subresource === 'status' ? ['get', 'patch', 'update'] : subresource === '' ? ['get', 'delete'] : [];
  if (!allowed.includes(verb)) return undefined;
  const runsHere = store.get('pods', namespace, name)?.spec?.nodeName === node;
  return runsHere ? YES : unrelated(node);
}

const unrelated = (node: string) => no(`no relationship found between node '${node}' and this object`);

function mentioned(store: Store, node: string, verb: string, resource: ResourceAttributes) {
  if (!READS.includes(verb) || resource.subresource !== '') return no('can only read resources of this type');
  if (resource.name === '') return no('can only read namespaced object of this type');
  return leadsTo(store, node, resource) ? YES : unrelated(node);
}

function single(store: Store, node: string, verb: string, resource: ResourceAttributes) {
  if (verb !== 'get' || resource.name === '') return no('can only get individual resources of this type');
  if (resource.subresource !== '') return no('cannot get subresource');
  return leadsTo(store, node, resource) ? YES : unrelated(node);
}

/** A kubelet notes in the status of a claim how far its growth is. */
function changedByPods(store: Store, node: string, verb: string, resource: ResourceAttributes) {
  if (!['get', 'patch', 'update'].includes(verb) || resource.name === '') {
    return no('can only get, update, or patch status of this type');
  }
  return leadsTo(store, node, resource) ? YES : unrelated(node);
}

/** Whether something on the node needs the object. */
function leadsTo(store: Store, node: string, { resource, namespace, name }: ResourceAttributes): boolean {
  if (resource === 'volumeattachments') {
    return store.get('volumeattachments.storage.k8s.io', undefined, name)?.spec.nodeName === node;
  }
  for (const pod of store.byIndex('pods', PODS_BY_NODE, node)) {
    const isHere = pod.metadata.namespace === namespace;
    switch (resource) {
      case 'persistentvolumeclaims':
        if (isHere && claimsOf(pod).includes(name)) return true;
        break;
      case 'persistentvolumes':
        if (volumesOf(store, pod).some(({ metadata }) => metadata.name === name)) return true;
        break;
      case 'resourceclaims':
        if (isHere && resourceClaimsOf(pod).includes(name)) return true;
        break;
      default:
        if (isHere && namesOf(resource, pod).has(name)) return true;
        if (resource === 'secrets' && volumesOf(store, pod).some((each) => hasSecret(each, namespace, name)))
          return true;
    }
  }
  return false;
}

/** Claims that a pod names, and those that are made for it. */
const claimsOf = ({ metadata, spec }: KubernetesObject): string[] =>
  (spec?.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }: any) =>
    persistentVolumeClaim ? [persistentVolumeClaim.claimName] : ephemeral ? [`${metadata.name}-${name}`] : [],
  );

function volumesOf(store: Store, pod: KubernetesObject): KubernetesObject[] {
  const { namespace } = pod.metadata;
  return claimsOf(pod).flatMap((claim) => {
    const volumeName = store.get('persistentvolumeclaims', namespace, claim)?.spec.volumeName;
    const volume = volumeName ? store.get('persistentvolumes', undefined, volumeName) : undefined;
    const { claimRef } = volume?.spec ?? {};
    return volume && claimRef?.name === claim && claimRef.namespace === namespace ? [volume] : [];
  });
}

/** Secrets that a volume is mounted with: `nodePublishSecretRef`, ... of its driver. */
function hasSecret({ spec }: KubernetesObject, namespace: string, name: string): boolean {
  const home = spec.claimRef?.namespace;
  return Object.values<any>(spec).some((source) =>
    Object.entries<any>(source ?? {}).some(
      ([key, each]) => /[sS]ecretRef$/.test(key) && each?.name === name && (each.namespace ?? home) === namespace,
    ),
  );
}

const resourceClaimsOf = ({ spec, status }: KubernetesObject): string[] => [
  ...(spec?.resourceClaims ?? []).flatMap(({ resourceClaimName }: any) => resourceClaimName ?? []),
  ...(status?.resourceClaimStatuses ?? []).flatMap(({ resourceClaimName }: any) => resourceClaimName ?? []),
  ...[status?.extendedResourceClaimStatus?.resourceClaimName ?? []].flat(),
];

/** Names of ConfigMaps or Secrets that a pod mentions. */
function namesOf(resource: string, { spec }: KubernetesObject): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (value: any): void => {
    if (value === null || typeof value !== 'object') return;
    for (const [key, each] of Object.entries<any>(value)) {
      if (resource === 'configmaps' && /^configMap/.test(key) && each?.name) names.add(each.name);
      if (resource === 'secrets' && /^(secret(Ref|KeyRef)?|nodePublishSecretRef)$/.test(key))
        names.add(each?.name ?? each?.secretName);
      if (resource === 'secrets' && key === 'imagePullSecrets') for (const { name } of each) names.add(name);
      visit(each);
    }
  };
  visit(spec);
  return names;
}

function ownSlice(store: Store, node: string, verb: string, { name, fieldSelector }: ResourceAttributes) {
  switch (verb) {
    case 'create':
      return YES;
    case 'list':
    case 'watch':
    case 'deletecollection':
      if (selects(fieldSelector, 'spec.nodeName', node)) return YES;
      return no('can only list/watch/deletecollection resourceslices with nodeName field selector');
    case 'get':
    case 'update':
    case 'patch':
    case 'delete': {
      const isOwn = store.get('resourceslices.resource.k8s.io', undefined, name)?.spec.nodeName === node;
      return isOwn ? YES : unrelated(node);
    }
    default:
      return no(
        'only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection',
      );
  }
}

function accountOfPod(store: Store, node: string, verb: string, resource: ResourceAttributes) {
  const { namespace, name, subresource } = resource;
  if (!(verb === 'create' && subresource === 'token') && !(verb === 'get' && subresource === '')) return undefined;
  for (const { metadata, spec } of store.byIndex('pods', PODS_BY_NODE, node)) {
    if (metadata.namespace === namespace && spec.serviceAccountName === name) return YES;
  }
  return unrelated(node);
}

function ownLease(node: string, verb: string, { namespace, name }: ResourceAttributes) {
  if (!['create', 'delete', 'get', 'patch', 'update'].includes(verb)) {
    return no('can only get, create, update, patch, or delete a node lease');
  }
  if (namespace !== 'kube-node-lease') return no('can only access leases in the "kube-node-lease" system namespace');
  return verb === 'create' || name === node
    ? YES
    : no('can only access node lease with the same name as the requesting node');
}

const selects = (selector: string | undefined, field: string, value: string): boolean =>
  selector?.split(',').some((each) => each.replace('==', '=') === `${field}=${value}`) ?? false;
