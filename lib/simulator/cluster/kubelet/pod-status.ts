/**
 * The status of a pod, from the state of its containers.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
 */
import { type Condition, formatTime, type KubernetesObject } from '../../../kubernetes/object';
import { type ContainerRecord, containerStatus, isReady } from './container-record';

export interface PodStatusInput {
  readonly pod: KubernetesObject;
  readonly containers: readonly ContainerRecord[];
  readonly hostIp: string;
  readonly podIp: string | undefined;
  readonly sandboxReady: boolean;
  readonly startedAt: number;
  readonly now: number;
  /** The pod was ended for a reason of its own (evicted, rejected, too long active). */
  readonly ended?: { readonly reason: string; readonly message: string };
  /** Why its new requests are not granted yet. */
  readonly pendingResize?: { readonly reason: string; readonly message: string } | undefined;
  /** Everything has stopped and nothing will start again. */
  readonly isOver: boolean;
  readonly imageNameOf: (image: string) => string;
}

const PENDING = 'Pending';
const RESIZE_PENDING = 'PodResizePending';

export function buildPodStatus(input: PodStatusInput): Record<string, unknown> {
  const { pod, containers, hostIp, podIp, ended, imageNameOf } = input;
  const phase = phaseOf(input);
  const inits = containers.filter(({ role }) => role === 'init' || role === 'sidecar');
  const mains = containers.filter(({ role }) => role === 'main');
  const statusOf = (record: ContainerRecord) => containerStatus(record, imageNameOf(record.spec.image));
  const status: Record<string, unknown> = { ...pod.status };
  if (pod.metadata.generation) status.observedGeneration = pod.metadata.generation;
  status.phase = phase;
  status.conditions = conditionsOf(input, phase, inits, mains);
  if (ended) Object.assign(status, ended);
  status.hostIP = hostIp;
  status.hostIPs = [{ ip: hostIp }];
  if (podIp) {
    status.podIP = podIp;
    status.podIPs = [{ ip: podIp }];
  }
  status.startTime = formatTime(input.startedAt);
  if (inits.length > 0) status.initContainerStatuses = inits.map(statusOf);
  status.containerStatuses = mains.map(statusOf);
  const ephemeral = containers.filter(({ role }) => role === 'ephemeral');
  if (ephemeral.length > 0) status.ephemeralContainerStatuses = ephemeral.map(statusOf);
  status.qosClass ??= qosClassOf(pod.spec);
  return status;
}

export function phaseOf({ pod, containers, ended, isOver }: PodStatusInput): string {
  if (ended) return 'Failed';
  const policy: string = pod.spec.restartPolicy ?? 'Always';
  let waiting = 0;
  let running = 0;
  let failed = 0;
  let stopped = 0;
  for (const container of containers) {
    if (container.role === 'ephemeral') continue;
    const over = container.state === 'terminated' || container.lastTermination !== undefined;
    if (container.role === 'init') {
      if (container.state === 'terminated' && container.termination!.exitCode === 0) continue;
      if (container.state === 'terminated' && policy === 'Never') return 'Failed';
      if (!isOver) return PENDING;
      continue;
    }
    if (container.role === 'sidecar') {
      if (
        !isOver &&
        (container.state !== 'running' || !container.run!.started) &&
        container.restartCount === 0 &&
        !over
      ) {
        return PENDING;
      }
      continue;
    }
    if (container.state === 'running') running++;
    else if (container.state === 'terminated') {
      stopped++;
      if (container.termination!.exitCode !== 0) failed++;
    } else if (over) stopped++;
    else waiting++;
  }
  if (isOver) return failed > 0 || (stopped === 0 && waiting > 0) ? 'Failed' : 'Succeeded';
  if (waiting > 0) return PENDING;
  if (running > 0 || policy === 'Always') return 'Running';
  if (stopped > 0 && containers.every((each) => each.role !== 'main' || each.state === 'terminated')) {
    if (failed === 0) return 'Succeeded';
    return policy === 'Never' ? 'Failed' : 'Running';
  }
  return 'Running';
}

function conditionsOf(
  input: PodStatusInput,
  phase: string,
  inits: readonly ContainerRecord[],
  mains: readonly ContainerRecord[],
): unknown[] {
  const { pod } = input;
  const before: any[] = pod.status?.conditions ?? [];
  const generation = pod.metadata.generation;
  const condition = (type: string, status: 'True' | 'False', reason?: string, message?: string) => {
    const old = before.find((each) => each.type === type);
    const made: Condition & { lastProbeTime: null } = { type, status, lastProbeTime: null };
    if (generation) made.observedGeneration = generation;
    made.lastTransitionTime = old?.status === status ? old.lastTransitionTime : formatTime(input.now);
    if (reason) made.reason = reason;
    if (message) made.message = message;
    return made;
  };
  const own = [
    condition('PodReadyToStartContainers', input.sandboxReady ? 'True' : 'False'),
    initialized(condition, phase, inits),
    ...readiness(condition, input, phase, mains),
  ];
  if (input.ended?.reason === 'Evicted') {
    own.push(condition('DisruptionTarget', 'True', 'TerminationByKubelet', input.ended.message));
  }
  if (input.pendingResize) {
    own.push(condition(RESIZE_PENDING, 'True', input.pendingResize.reason, input.pendingResize.message));
  }
  const names = new Set([RESIZE_PENDING, ...own.map(({ type }) => type)]);
  return [...own, ...before.filter(({ type }) => !names.has(type))];
}

type ConditionBuilder = (
  type: string,
  status: 'True' | 'False',
  reason?: string,
  message?: string,
) => { readonly type: string };

function initialized(condition: ConditionBuilder, phase: string, inits: readonly ContainerRecord[]) {
  if (phase === 'Succeeded') return condition('Initialized', 'True', 'PodCompleted');
  const incomplete = inits
    .filter((each) => (each.role === 'init' ? !isReady(each) : !each.run?.started && each.restartCount === 0))
    .map(({ name }) => name);
  if (incomplete.length === 0) return condition('Initialized', 'True');
  const message = `containers with incomplete status: [${incomplete.join(' ')}]`;
  return condition('Initialized', 'False', 'ContainersNotInitialized', message);
}

function readiness(
  condition: ConditionBuilder,
  input: PodStatusInput,
  phase: string,
  mains: readonly ContainerRecord[],
) {
  const both = (reason: string, message?: string) => [
    condition('Ready', 'False', reason, message),
    condition('ContainersReady', 'False', reason, message),
  ];
  if (phase === 'Succeeded') return both('PodCompleted');
  if (phase === 'Failed') return both('PodFailed');
  const sidecars = input.containers.filter((each) => each.role === 'sidecar');
  const unready = [...sidecars, ...mains].filter((each) => !isReady(each)).map(({ name }) => name);
  if (unready.length > 0) return both('ContainersNotReady', `containers with unready status: [${unready.join(' ')}]`);
  const gate = unmetReadinessGate(input.pod);
  return [
    gate ? condition('Ready', 'False', 'ReadinessGatesNotReady', gate) : condition('Ready', 'True'),
    condition('ContainersReady', 'True'),
  ];
}

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-readiness-gate */
function unmetReadinessGate(pod: KubernetesObject): string | undefined {
  const messages: string[] = [];
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    const found = (pod.status?.conditions ?? []).find((each: any) => each.type === conditionType);
    if (!found) messages.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    else if (found.status !== 'True') {
      messages.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${found.status}`);
    }
  }
  return messages.length > 0 ? messages.join(', ') : undefined;
}

/**
 * Guaranteed: every container limits CPU and memory and requests just as much. BestEffort: nobody asks for anything.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
 */
export function qosClassOf(spec: any): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const names = ['cpu', 'memory'];
  const asks = ({ resources }: any) =>
    names.some((name) => resources?.requests?.[name] !== undefined || resources?.limits?.[name] !== undefined);
  if (!containers.some(asks)) return 'BestEffort';
  const isGuaranteed = ({ resources }: any) =>
    names.every((name) => {
      const limit = resources?.limits?.[name];
      return limit !== undefined && String(resources?.requests?.[name] ?? limit) === String(limit);
    });
  return containers.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}

/** Somebody wrote over what the kubelet knows better: its node was given up too early, and its pods marked not ready. */
export function isContradictory({ status }: KubernetesObject): boolean {
  const is = (type: string) => status?.conditions?.find((each: { type: string }) => each.type === type)?.status;
  return is('ContainersReady') === 'True' && is('Ready') === 'False';
}
