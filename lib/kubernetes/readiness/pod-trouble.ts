/**
 * Why a Pod does not run, in one line: what `kubectl describe pod` would show after some reading.
 * https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/
 *
 * A trouble is *hopeless* when waiting cannot help, because what the Pod asks for does not exist. Then whoever waits
 * can stop at once and say why, instead of reporting a timeout ten minutes later.
 */
import type { KubernetesObject } from '../object';
import { conditionOf } from './readiness';

export interface PodTrouble {
  readonly reason: string;
  readonly message: string;
  readonly hopeless: boolean;
}

/** After so many restarts a container that keeps crashing is believed. */
const CRASHES_BELIEVED = 3;

/** A registry answered, and the answer will not change: the image or the permission is missing. */
const IMAGE_IS_MISSING =
  /not found|manifest unknown|does not exist|repository name not known|denied|unauthorized|forbidden/i;

const HOPELESS_WAITING = new Set(['InvalidImageName', 'ErrImageNeverPull', 'CreateContainerConfigError']);

/** The worst trouble of a Pod, or undefined when it has none that shows. `events` are those about the Pod, oldest first. */
export function podTrouble(pod: KubernetesObject, events: readonly KubernetesObject[] = []): PodTrouble | undefined {
  return (
    failedPod(pod) ??
    containerTrouble(pod, events) ??
    unschedulable(pod) ??
    probeTrouble(pod, events) ??
    mountTrouble(pod, events)
  );
}

function failedPod(pod: KubernetesObject): PodTrouble | undefined {
  if (pod.status?.phase !== 'Failed') return undefined;
  const ended = statuses(pod).find((status) => status.state?.terminated?.exitCode > 0);
  const detail = ended ? `container ${ended.name} ${exit(ended.state.terminated)}` : 'the Pod failed';
  return { reason: pod.status.reason ?? 'PodFailed', message: pod.status.message ?? detail, hopeless: true };
}

function containerTrouble(pod: KubernetesObject, events: readonly KubernetesObject[]): PodTrouble | undefined {
  const troubles = statuses(pod).flatMap((status) => {
    const waiting = status.state?.waiting;
    if (!waiting?.reason || waiting.reason === 'ContainerCreating' || waiting.reason === 'PodInitializing') return [];
    return [waitingTrouble(status, waiting, events)];
  });
  return troubles.find((trouble) => trouble.hopeless) ?? troubles[0];
}

function waitingTrouble(status: any, waiting: any, events: readonly KubernetesObject[]): PodTrouble {
  const { reason } = waiting;
  if (reason === 'CrashLoopBackOff') {
    const last = status.lastState?.terminated;
    const times = `${status.restartCount ?? 0} restart${status.restartCount === 1 ? '' : 's'}`;
    const message = `container ${status.name} keeps crashing: ${last ? `it ${exit(last)}` : 'no exit code yet'}, ${times}`;
    return { reason, message, hopeless: (status.restartCount ?? 0) >= CRASHES_BELIEVED };
  }
  if (reason === 'ErrImagePull' || reason === 'ImagePullBackOff') {
    // The back-off's own message is only `Back-off pulling image "x"`; why is in the event of the last attempt.
    const attempt = lastEvent(events, (event) => event.reason === 'Failed' && /pull/i.test(event.message ?? ''));
    const why = reason === 'ErrImagePull' ? waiting.message : (attempt?.message ?? waiting.message);
    const message = `container ${status.name} cannot pull image "${status.image}"${why ? `: ${why}` : ''}`;
    return { reason, message, hopeless: IMAGE_IS_MISSING.test(why ?? '') };
  }
  // "failed to sync configmap cache: timed out" comes from the kubelet's own cache and passes.
  const hopeless = HOPELESS_WAITING.has(reason) && !/failed to sync/.test(waiting.message ?? '');
  const message = `container ${status.name}: ${waiting.message ?? reason}`;
  return { reason, message, hopeless };
}

function unschedulable(pod: KubernetesObject): PodTrouble | undefined {
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status !== 'False') return undefined;
  const reason = scheduled.reason ?? 'Unschedulable';
  return { reason, message: scheduled.message ?? 'no node takes the Pod', hopeless: false };
}

function probeTrouble(pod: KubernetesObject, events: readonly KubernetesObject[]): PodTrouble | undefined {
  if (pod.status?.phase !== 'Running' || conditionOf(pod, 'Ready')?.status === 'True') return undefined;
  const event = lastEvent(events, ({ reason }) => reason === 'Unhealthy');
  return event && { reason: 'Unhealthy', message: event.message, hopeless: false };
}

function mountTrouble(pod: KubernetesObject, events: readonly KubernetesObject[]): PodTrouble | undefined {
  if (pod.status?.phase !== 'Pending') return undefined;
  const event = lastEvent(
    events,
    ({ reason, type }) => type === 'Warning' && /^Failed(Mount|Attach|Create)/.test(reason),
  );
  return event && { reason: event.reason, message: event.message, hopeless: false };
}

function statuses(pod: KubernetesObject): any[] {
  return [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
}

function exit(terminated: { exitCode?: number; reason?: string; signal?: number }): string {
  const reason = terminated.reason && terminated.reason !== 'Error' ? ` (${terminated.reason})` : '';
  return `exited with code ${terminated.exitCode ?? 0}${reason}`;
}

function lastEvent(events: readonly KubernetesObject[], matches: (event: KubernetesObject) => boolean) {
  for (let i = events.length - 1; i >= 0; i--) if (matches(events[i]!)) return events[i];
  return undefined;
}
