/**
 * Images and containers: an image that cannot be pulled, a container that ends, a server that takes long to start.
 * https://kubernetes.io/docs/tasks/debug/debug-application/debug-running-pod/
 */
import { durationMs } from '../../../clock';
import { UserError } from '../../../kubernetes/user-error';
import type { PullFailure } from '../images/image-registry';
import { type Fault, type FaultWorld, fault } from './fault';

/** Pulls of an image fail. Nodes that have it already go on using it. @param image a repository, or one image of it */
export function loseImage({ kubelets }: FaultWorld, image: string, why: PullFailure = 'notFound'): Fault {
  kubelets.images.fail(image, why);
  return fault(`image ${image} cannot be pulled: ${why}`, () => kubelets.images.restore(image));
}

export interface ContainerFaultOptions {
  /** @default default */
  readonly namespace?: string;
  /** @default the Pod's first container */
  readonly container?: string;
}

/** A container ends with an exit code. @throws UserError when it does not run */
export function crashContainer(
  world: FaultWorld,
  pod: string,
  { exitCode = 1, ...options }: ContainerFaultOptions & { readonly exitCode?: number } = {},
): Fault {
  const { namespace, container } = find(world, pod, options);
  world.kubelets.killContainer(namespace, pod, container, { exitCode });
  return fault(`container ${container} of pod ${namespace}/${pod} ended with ${exitCode}`);
}

/** The kernel ends a container because it used too much memory. @throws UserError when it does not run */
export function killForMemory(world: FaultWorld, pod: string, options: ContainerFaultOptions = {}): Fault {
  const { namespace, container } = find(world, pod, options);
  world.kubelets.killContainer(namespace, pod, container, { exitCode: 137, reason: 'OOMKilled' });
  return fault(`container ${container} of pod ${namespace}/${pod} was OOMKilled`);
}

/** Servers of an image take longer until they listen, from the next start of a container on. */
export function slowStart({ kubelets }: FaultWorld, image: string, by: number | string): Fault {
  kubelets.images.delay(image, durationMs(by));
  return fault(`image ${image} starts ${by} later`, () => kubelets.images.delay(image, 0));
}

function find({ store }: FaultWorld, pod: string, { namespace = 'default', container }: ContainerFaultOptions) {
  const object = store.get('pods', namespace, pod);
  if (!object) throw new UserError('NoSuchPod', `there is no pod "${namespace}/${pod}"`);
  return { namespace, container: container ?? (object.spec.containers[0].name as string) };
}
