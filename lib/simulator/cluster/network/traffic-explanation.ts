/**
 * Why a request failed, in words: what its Pod was doing at that time. A failure in traffic is nearly always the gap between
 * a Pod that stops or starts and those who still, or already, send requests to it.
 * https://kubernetes.io/docs/tutorials/services/pods-and-endpoint-termination-flow/
 */
import { isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import type { Store } from '../store';

/** Undefined when the cluster's objects do not explain it. */
export function explainFailure(store: Store, { message }: { readonly message: string }): string | undefined {
  if (/has no ready endpoints/.test(message)) return `${message}: none of its Pods is ready`;
  if (/has no target: .*initial/.test(message)) {
    return `${message}: new Pods replaced the old ones before the load balancer had found them healthy; a readiness gate (target-health.elbv2.k8s.aws) or slower roll-outs (minReadySeconds) wait for that`;
  }
  const [, address, port] = /(?:dial|read) tcp ([\d.]+):(\d+)/.exec(message) ?? [];
  if (address === undefined) return undefined;
  const pod = podAt(store, address);
  if (!pod) return undefined;
  const name = `pod ${templateNameOf(pod)}`;
  if (pod.isGone || isTerminating(pod.object)) {
    const hook = pod.object.spec.containers.some((each: any) => each.lifecycle?.preStop);
    const advice = hook
      ? 'its preStop hook or its grace period is too short'
      : 'it has no preStop hook: one that sleeps a few seconds keeps it listening until everybody has heard';
    return `${name} had been told to stop and no longer listened on port ${port}, while requests still came; ${advice}`;
  }
  if (pod.object.spec.containers.some((each: any) => each.readinessProbe)) {
    return `${name} is ready and did not listen on port ${port}`;
  }
  return `${name} got requests before it listened on port ${port}; it has no readiness probe, so it counts as ready as soon as it runs`;
}

interface FoundPod {
  readonly object: KubernetesObject;
  readonly isGone: boolean;
}

/** The Pod that has an address, or had it last. */
function podAt(store: Store, address: string): FoundPod | undefined {
  for (const object of store.list('pods')) {
    if (object.status?.podIP === address && !isFinished(object)) return { object, isGone: false };
  }
  const events = store.eventsAfter('pods', Math.max(0, store.revision - RECENT_REVISIONS)) ?? [];
  for (let i = events.length - 1; i >= 0; i--) {
    const { type, object } = events[i]!;
    if (object.status?.podIP === address) return { object, isGone: type === 'DELETED' || isFinished(object) };
  }
  return undefined;
}

/** How far back a Pod that is gone is looked for. */
const RECENT_REVISIONS = 5_000;

const isFinished = ({ status }: KubernetesObject): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** `default/web-5d59d67564-*`: Pods of one template fail alike. */
function templateNameOf({ object: { metadata } }: FoundPod): string {
  const name = metadata.generateName ? `${metadata.generateName}*` : metadata.name;
  return `${metadata.namespace}/${name}`;
}
