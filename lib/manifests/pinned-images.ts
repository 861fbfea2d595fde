/**
 * Images by digest: a tag may be moved to another image, a digest cannot. A scope is given the digests (from a lock file that CI
 * writes), and every image below it is written with its own. https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy
 */
import type { KubernetesObject } from '../kubernetes/object';
import { UserError } from '../kubernetes/user-error';

/** `{ 'nginx:1.27': 'sha256:0a39...' }` */
export type ImageDigests = Readonly<Record<string, string>>;

/** Where Pods stand in objects; other objects have no images. */
const PODS: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  Deployment: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  ReplicaSet: ['spec', 'template', 'spec'],
  ReplicationController: ['spec', 'template', 'spec'],
  Job: ['spec', 'template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
};

interface Container {
  readonly name: string;
  readonly image?: string;
}

/** @throws UserError for an image that has no digest in the list */
export function pinImages(object: KubernetesObject, digests: ImageDigests): KubernetesObject {
  const path = PODS[object.kind];
  return path === undefined
    ? object
    : (changeAt(object, path, (pod) => pinPod(object, pod, digests)) as KubernetesObject);
}

function pinPod(object: KubernetesObject, pod: Record<string, any>, digests: ImageDigests): Record<string, any> {
  const pinned = { ...pod };
  for (const list of ['initContainers', 'containers'] as const) {
    if (!Array.isArray(pod[list])) continue;
    pinned[list] = pod[list].map((container: Container) => {
      const { image } = container;
      if (image === undefined || image.includes('@')) return container;
      const digest = digests[image];
      if (digest !== undefined) return { ...container, image: `${image}@${digest}` };
      throw new UserError(
        'UnpinnedImage',
        `${object.kind} "${object.metadata.name}": no digest is known of image "${image}" of container "${container.name}"`,
        `Add it to the digests of the app or chart: { '${image}': 'sha256:...' }.`,
      );
    });
  }
  return pinned;
}

function changeAt(value: any, path: readonly string[], change: (value: Record<string, any>) => unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return change(value);
  return typeof value?.[step] === 'object' ? { ...value, [step]: changeAt(value[step], rest, change) } : value;
}
