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

/**
 * A Pod that fits on no node for so long, while nothing has announced a new one, is not going to. Karpenter and the
 * Cluster Autoscaler announce theirs within half a minute; the node itself may take two more.
 */
const NO_NODE_BELIEVED_MS = 120_000;
const NODE_IS_COMING = /^(Nominated|TriggeredScaleUp)$/;

export interface PodCircumstances {
  /** About the Pod, oldest first. @default none */
  readonly events?: readonly KubernetesObject[];
  /** Milliseconds since 1970. @default unknown: nothing has taken too long */
  readonly now?: number;
}

/** The worst trouble of a Pod, or undefined when it has none that shows. */
export function podTrouble(pod: KubernetesObject, circumstances: PodCircumstances = {}): PodTrouble | undefined {
  const { events = [], now } = circumstances;
  return (
    failedPod(pod) ??
    containerTrouble(pod, events) ??
    unschedulable(pod, events, now) ??
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
    const attempt = lastEvent(events, ({ message }) => /^Failed to pull image/.test(message ?? ''));
    const why = reason === 'ErrImagePull' ? waiting.message : (attempt?.message ?? waiting.message);
    const message = `container ${status.name} cannot pull image "${status.image}"${why ? `: ${lastWords(why)}` : ''}`;
    return { reason, message, hopeless: IMAGE_IS_MISSING.test(why ?? '') };
  }
  // "failed to sync configmap cache: timed out" comes from the kubelet's own cache and passes.
  const hopeless = HOPELESS_WAITING.has(reason) && !/failed to sync/.test(waiting.message ?? '');
  const message = `container ${status.name}: ${waiting.message ?? reason}`;
  return { reason, message, hopeless };
}

/**
 * The container runtime tells the whole way down: `rpc error: code = NotFound desc = failed to pull and unpack image "x":
 * failed to resolve reference "x": x: not found`. What it found at the end is `x: not found`.
 */
function lastWords(message: string): string {
  return message.replace(
    /^(Failed to pull image "[^"]*": |rpc error: code = \w+ desc = |failed to pull and unpack image "[^"]*": |failed to resolve reference "[^"]*": )+/,
    '',
  );
}

function unschedulable(
  pod: KubernetesObject,
  events: readonly KubernetesObject[],
  now: number | undefined,
): PodTrouble | undefined {
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status !== 'False') return undefined;
  const reason = scheduled.reason ?? 'Unschedulable';
  const message = scheduled.message ?? 'no node takes the Pod';
  const since = Date.parse(scheduled.lastTransitionTime ?? '');
  const coming = lastEvent(events, (event) => NODE_IS_COMING.test(event.reason));
  if (coming) return { reason, message: `${message} ${coming.message}`, hopeless: false };
  return { reason, message, hopeless: now !== undefined && now - since >= NO_NODE_BELIEVED_MS };
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
