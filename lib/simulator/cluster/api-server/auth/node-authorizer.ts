/**
 * What kubelets may do: `system:node:<name>` in the group `system:nodes` reads and writes its own node and pods, and what those
 * pods mention.
 * https://kubernetes.io/docs/reference/access-authn-authz/node/
 *
 * Left out: claims and volumes that are reached over more than one object (pod -> claim -> volume), resource claims,
 * certificates.
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

export function nodeAuthorizer(store: Store): Authorizer {
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
    case '/persistentvolumeclaims':
      return mentioned(store, node, verb, resource);
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

function mentioned(store: Store, node: string, verb: string, { resource, namespace, name }: ResourceAttributes) {
  if (!READS.includes(verb)) return no('can only read resources of this type');
  if (name === '') return no('can only read namespaced object of this type');
  const pods = store.sorted('pods').filter((pod) => isIn(pod, namespace) && pod.spec?.nodeName === node);
  return pods.some((pod) => namesOf(resource, pod).has(name)) ? YES : unrelated(node);
}

const isIn = (pod: KubernetesObject, namespace: string) => pod.metadata.namespace === namespace;

/** Names of ConfigMaps, Secrets or claims that a pod mentions. */
function namesOf(resource: string, { spec }: KubernetesObject): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (value: any): void => {
    if (value === null || typeof value !== 'object') return;
    for (const [key, each] of Object.entries<any>(value)) {
      if (resource === 'configmaps' && /^configMap/.test(key) && each?.name) names.add(each.name);
      if (resource === 'secrets' && /^secret(Ref|KeyRef)?$/.test(key)) names.add(each?.name ?? each?.secretName);
      if (resource === 'secrets' && key === 'imagePullSecrets') for (const { name } of each) names.add(name);
      if (resource === 'persistentvolumeclaims' && key === 'persistentVolumeClaim') names.add(each?.claimName);
      visit(each);
    }
  };
  visit(spec);
  return names;
}

function accountOfPod(store: Store, node: string, verb: string, resource: ResourceAttributes) {
  const { namespace, name, subresource } = resource;
  if (!(verb === 'create' && subresource === 'token') && !(verb === 'get' && subresource === '')) return undefined;
  const uses = (pod: KubernetesObject) => pod.spec?.nodeName === node && pod.spec?.serviceAccountName === name;
  return store.sorted('pods').some((pod) => isIn(pod, namespace) && uses(pod)) ? YES : unrelated(node);
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
