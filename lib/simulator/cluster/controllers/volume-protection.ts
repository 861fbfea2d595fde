/**
 * Storage object in use protection: a claim that a pod mounts, and a volume that is bound, are not taken away; they wait
 * with a finalizer.
 * https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
 */
import { isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import { type ControllerContext, type ControllerDefinition, splitName } from './controller';
import { claimsOfPod } from './persistent-volume-binder';

const BY_CLAIM = 'claim';

interface Protected {
  readonly collection: string;
  readonly finalizer: string;
  readonly inUse: (object: KubernetesObject) => boolean;
}

export const pvcProtectionController: ControllerDefinition = {
  name: 'persistentvolumeclaim-protection-controller',
  serviceAccount: 'pvc-protection-controller',
  create: (context) => {
    const { store } = context;
    store.addIndex('pods', BY_CLAIM, claimsOfPod);
    const inUse = ({ metadata: { namespace, name } }: KubernetesObject) =>
      [...store.byIndex('pods', BY_CLAIM, `${namespace}/${name}`)].some((pod) => pod.spec.nodeName);
    const kind = { collection: 'persistentvolumeclaims', finalizer: 'kubernetes.io/pvc-protection', inUse };
    return {
      watches: [
        { collection: kind.collection },
        { collection: 'pods', names: ({ type, object }) => (type === 'DELETED' ? claimsOfPod(object) : []) },
      ],
      reconcile: (name) => protect(context, kind, name),
    };
  },
};

export const pvProtectionController: ControllerDefinition = {
  name: 'persistentvolume-protection-controller',
  serviceAccount: 'pv-protection-controller',
  create: (context) => {
    const inUse = ({ status }: KubernetesObject) => status?.phase === 'Bound';
    const kind = { collection: 'persistentvolumes', finalizer: 'kubernetes.io/pv-protection', inUse };
    return {
      watches: [{ collection: kind.collection }],
      reconcile: (name) => protect(context, kind, name),
    };
  },
};

function protect({ store, client }: ControllerContext, kind: Protected, key: string): undefined {
  const { namespace, name } = splitName(key);
  const object = store.get(kind.collection, namespace, name);
  if (!object) return undefined;
  const finalizers = object.metadata.finalizers ?? [];
  const isProtected = finalizers.includes(kind.finalizer);
  const write = (next: string[]) =>
    client.update(kind.collection, { ...object, metadata: { ...object.metadata, finalizers: next } });
  if (isTerminating(object)) {
    if (isProtected && !kind.inUse(object)) write(finalizers.filter((each) => each !== kind.finalizer));
  } else if (!isProtected) {
    write([...finalizers, kind.finalizer]);
  }
  return undefined;
}
