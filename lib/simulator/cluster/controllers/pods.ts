/**
 * What controllers ask of a Pod.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
 */
import { isTerminating, type KubernetesObject, type ObjectMeta } from '../../../kubernetes/object';
import { busyMs, GATHER_MS, type Requeue, type Watch } from './controller';
import { controllerReference, countSiblings, type OwnerKind, watchDependents } from './ownership';

/** Succeeded or Failed: it will not run again. */
export function isPodFinished(pod: KubernetesObject): boolean {
  const phase = pod.status?.phase;
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Counts towards the replicas of its controller. */
export function isPodActive(pod: KubernetesObject): boolean {
  return !isTerminating(pod) && !isPodFinished(pod);
}

/** Asked to go, but its containers still run. */
export function isPodTerminating(pod: KubernetesObject): boolean {
  return isTerminating(pod) && !isPodFinished(pod);
}

interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly lastTransitionTime?: string;
}

export function podCondition(pod: KubernetesObject, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition: PodCondition) => condition.type === type);
}

export function isPodReady(pod: KubernetesObject): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** Whether anything changed that a controller of pods looks at. That it was scheduled, say, is none of that. */
export function podChanged(before: KubernetesObject, now: KubernetesObject): boolean {
  return (
    before.metadata.labels !== now.metadata.labels ||
    before.metadata.annotations !== now.metadata.annotations ||
    before.metadata.ownerReferences !== now.metadata.ownerReferences ||
    before.metadata.finalizers !== now.metadata.finalizers ||
    isTerminating(before) !== isTerminating(now) ||
    before.status?.phase !== now.status?.phase ||
    isPodReady(before) !== isPodReady(now)
  );
}

/** Wakes the owners of pods that changed in a way that matters to them. */
export function watchOwnedPods(owners: OwnerKind): Watch {
  const { collection, names } = watchDependents('pods', owners);
  return {
    collection,
    gatherMs: (_, { object }) => Math.max(GATHER_MS, busyMs(countSiblings(owners.store, 'pods', object))),
    names: (event) => {
      const { type, object, previous } = event;
      return type === 'MODIFIED' && previous && !podChanged(previous, object) ? [] : names!(event);
    },
  };
}

/** Since when it is ready, in milliseconds; undefined when it is not. */
export function readySince(pod: KubernetesObject): number | undefined {
  const ready = podCondition(pod, 'Ready');
  if (ready?.status !== 'True') return undefined;
  return ready.lastTransitionTime === undefined ? 0 : Date.parse(ready.lastTransitionTime);
}

/**
 * When a ready pod becomes (or became) available, in milliseconds: `minReadySeconds` after it became ready. Undefined
 * when it is not ready.
 */
export function availableAt(pod: KubernetesObject, minReadySeconds: number): number | undefined {
  // Without a wait the time does not matter, and need not be read.
  if (minReadySeconds === 0) return isPodReady(pod) ? 0 : undefined;
  const since = readySince(pod);
  return since === undefined ? undefined : since + minReadySeconds * 1000;
}

export function isPodAvailable(pod: KubernetesObject, minReadySeconds: number, now: number): boolean {
  const at = availableAt(pod, minReadySeconds);
  return at !== undefined && at <= now;
}

/** When to look again because the next pod becomes available by the mere passing of `minReadySeconds`. */
export function nextAvailability(
  pods: readonly KubernetesObject[],
  minReadySeconds: number,
  now: number,
): Requeue | undefined {
  if (minReadySeconds === 0) return undefined;
  const times = pods.map((pod) => availableAt(pod, minReadySeconds) ?? 0).filter((at) => at > now);
  return times.length === 0 ? undefined : { afterMs: Math.min(...times) - now };
}

/** The most restarts of any of its containers. */
export function maxRestarts(pod: KubernetesObject): number {
  let most = 0;
  for (const status of pod.status?.containerStatuses ?? []) most = Math.max(most, status.restartCount ?? 0);
  return most;
}

export interface PodTemplate {
  readonly metadata?: ObjectMeta;
  readonly spec: Record<string, unknown>;
}

/** A new pod made from a template; the API server completes its name from `<owner>-`. */
export function podFromTemplate(template: PodTemplate, owner: KubernetesObject): KubernetesObject {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: owner.metadata.namespace,
      generateName: `${owner.metadata.name}-`,
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(finalizers ? { finalizers } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    spec: template.spec,
  };
}
