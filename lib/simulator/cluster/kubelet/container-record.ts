/**
 * One container of a pod, over all of its runs.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-states
 */
import type { Timer } from '../../../clock';
import { formatTime } from '../../../kubernetes/object';
import type { ImageBehaviour, Program } from '../images/image-behaviour';
import type { StandardInput } from '../images/shell/standard-input';
import type { ContainerLog } from './container-log';
import type { ProbeWorker } from './probes';
import type { RunningContainer } from './running-container';

/**
 * `init` runs to its end before the next starts; `sidecar` starts among them and stays (restartPolicy Always); `ephemeral`
 * is added to a running pod to look around in it (`kubectl debug`), and is never started again.
 */
export type ContainerRole = 'init' | 'sidecar' | 'main' | 'ephemeral';

/** The list of the pod's spec in which a container stands, as events name it. */
export function fieldOf(role: ContainerRole): 'containers' | 'initContainers' | 'ephemeralContainers' {
  if (role === 'main') return 'containers';
  return role === 'ephemeral' ? 'ephemeralContainers' : 'initContainers';
}

/** One run, from its start to its end. */
export interface Run {
  readonly containerId: string;
  readonly startedAt: number;
  readonly behaviour: ImageBehaviour;
  readonly view: RunningContainer;
  readonly log: ContainerLog;
  program?: Program;
  /** What the program reads, when the container's spec says `stdin: true`. */
  input?: StandardInput;
  /** What ends or resumes it. */
  timer?: Timer;
  readonly probes: ProbeWorker[];
  /** The startup probe has succeeded, or there is none. */
  started: boolean;
  /** The readiness probe succeeds, or there is none. */
  ready: boolean;
  /** Set once it is asked to stop. */
  stopping: boolean;
}

export interface Termination {
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string;
  readonly startedAt: number | undefined;
  readonly finishedAt: number;
  readonly containerId: string;
}

export interface ContainerRecord {
  readonly name: string;
  /** The container in the pod's spec. */
  spec: any;
  /** Its resources as the node has granted them; what the spec asks for may have to wait. */
  allocated: any;
  readonly role: ContainerRole;
  state: 'waiting' | 'starting' | 'running' | 'terminated';
  waitingReason: string;
  waitingMessage: string | undefined;
  run: Run | undefined;
  /** The log of the run before: `kubectl logs --previous`. */
  previousLog: ContainerLog | undefined;
  /** The log of the last run, also after its end. */
  log: ContainerLog | undefined;
  termination: Termination | undefined;
  lastTermination: Termination | undefined;
  restartCount: number;
  /** It has ended and will be started again. */
  restarts: boolean;
  /** The next crash waits so long; 0 before the first crash. */
  backoffMs: number;
  backoffSetAt: number;
  pullBackoffMs: number;
  imageId: string;
}

export function newContainerRecord(spec: any, role: ContainerRole, hasInitContainers: boolean): ContainerRecord {
  return {
    name: spec.name,
    spec,
    allocated: spec.resources,
    role,
    state: 'waiting',
    waitingReason: hasInitContainers ? 'PodInitializing' : 'ContainerCreating',
    waitingMessage: undefined,
    run: undefined,
    previousLog: undefined,
    log: undefined,
    termination: undefined,
    lastTermination: undefined,
    restartCount: 0,
    restarts: false,
    backoffMs: 0,
    backoffSetAt: 0,
    pullBackoffMs: 0,
    imageId: '',
  };
}

export function isRunning(container: ContainerRecord): boolean {
  return container.state === 'running';
}

export function isReady(container: ContainerRecord): boolean {
  if (container.role === 'init') return container.state === 'terminated' && container.termination?.exitCode === 0;
  return container.state === 'running' && container.run!.ready && container.run!.started;
}

/** The entry of `status.containerStatuses`. Built field by field: it is made for every transition of every pod. */
export function containerStatus(container: ContainerRecord, imageName: string): Record<string, unknown> {
  const { spec, allocated, run, termination, lastTermination, imageId } = container;
  const containerId = run?.containerId ?? termination?.containerId ?? lastTermination?.containerId;
  const status: Record<string, unknown> = {};
  if (allocated?.requests) status.allocatedResources = allocated.requests;
  if (containerId) status.containerID = `containerd://${containerId}`;
  status.image = imageId === '' ? spec.image : imageName;
  status.imageID = imageId;
  status.lastState = lastTermination ? { terminated: terminated(lastTermination) } : NO_STATE;
  status.name = container.name;
  status.ready = isReady(container);
  if (hasFields(allocated)) status.resources = allocated;
  status.restartCount = container.restartCount;
  status.started = run?.started === true;
  status.state = stateOf(container);
  if (spec.volumeMounts && imageId !== '') status.volumeMounts = spec.volumeMounts.map(mountStatus);
  return status;
}

const NO_STATE = {};

function hasFields(object: object | undefined): boolean {
  for (const _ in object) return true;
  return false;
}

function mountStatus({ name, mountPath, readOnly }: any): Record<string, unknown> {
  return { mountPath, name, ...(readOnly ? { readOnly, recursiveReadOnly: 'Disabled' } : {}) };
}

function stateOf(container: ContainerRecord): Record<string, unknown> {
  if (container.state === 'running') return { running: { startedAt: formatTime(container.run!.startedAt) } };
  if (container.state === 'terminated') return { terminated: terminated(container.termination!) };
  const { waitingReason: reason, waitingMessage: message } = container;
  return { waiting: message ? { message, reason } : { reason } };
}

function terminated(termination: Termination): Record<string, unknown> {
  const { containerId, exitCode, finishedAt, message, reason, startedAt } = termination;
  return {
    containerID: `containerd://${containerId}`,
    exitCode,
    finishedAt: formatTime(finishedAt),
    ...(message ? { message } : {}),
    reason,
    startedAt: startedAt === undefined ? null : formatTime(startedAt),
  };
}
