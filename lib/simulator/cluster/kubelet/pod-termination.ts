/**
 * How a pod is stopped: preStop hooks, SIGTERM, and SIGKILL when the grace period is over; sidecars last.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
 */
import { durationMs } from '../../../clock';
import { handlerOf } from '../images/shell/program';
import { type ContainerRecord, isRunning, type Run } from './container-record';
import { containerExited } from './container-starter';
import { runPreStop } from './lifecycle-hooks';
import type { PodEnd, PodWorker } from './pod-worker';

const KILLED = 137;
/** A process takes a moment to end. */
const EXIT_MS = 50;

/** Starts to stop the pod, or shortens the time that it has. */
export function beginTermination(pod: PodWorker, graceSeconds: number, endsWith?: PodEnd): void {
  const deadline = pod.now() + graceSeconds * 1000;
  if (pod.termination) {
    if (deadline < pod.termination.deadline) setDeadline(pod, deadline);
    return;
  }
  pod.termination = { deadline, ...(endsWith ? { endsWith } : {}) };
  setDeadline(pod, deadline);
  const mains = pod.containers.filter((each) => each.role !== 'sidecar' && isRunning(each));
  for (const container of mains) askToStop(pod, container);
  pod.containerStopped();
}

/** Called whenever a container has stopped: sidecars follow in reverse order, then the pod is over. */
export function continueTermination(pod: PodWorker): void {
  if (pod.containers.some((each) => each.state === 'starting')) return;
  if (pod.containers.some((each) => each.role !== 'sidecar' && isRunning(each))) return;
  const sidecar = pod.containers.filter((each) => each.role === 'sidecar' && isRunning(each)).pop();
  if (!sidecar) pod.stopped();
  else if (!sidecar.run!.stopping) askToStop(pod, sidecar);
}

/** The containers end at once, and nobody is told: the pod is gone already. */
export function killNow(pod: PodWorker): void {
  for (const container of pod.containers) {
    const { run } = container;
    if (!run) continue;
    run.log.end();
    container.run = undefined;
    container.state = 'terminated';
  }
}

function setDeadline(pod: PodWorker, deadline: number): void {
  const termination = pod.termination!;
  pod.cancel(termination.timer);
  termination.deadline = deadline;
  termination.timer = pod.after(deadline - pod.now(), () => {
    for (const container of pod.containers) if (isRunning(container)) containerExited(pod, container, KILLED);
  });
}

function askToStop(pod: PodWorker, container: ContainerRecord): void {
  const run = container.run!;
  if (run.stopping) return;
  run.stopping = true;
  pod.event('Normal', 'Killing', `Stopping container ${container.name}`, container);
  stopContainer(pod, container, run);
}

/** Hook and SIGTERM. @param graceMs SIGKILL after that time. @default the pod's own deadline kills */
export function stopContainer(pod: PodWorker, container: ContainerRecord, run: Run, graceMs?: number): void {
  if (graceMs !== undefined) {
    pod.after(graceMs, () => {
      if (container.run === run) containerExited(pod, container, KILLED);
    });
  }
  const signal = () => terminate(pod, container, run);
  if (container.spec.lifecycle?.preStop) runPreStop(pod, container, run, signal);
  else signal();
}

function terminate(pod: PodWorker, container: ContainerRecord, run: Run): void {
  const exit = (code: number, delayMs: number) =>
    pod.after(delayMs, () => {
      if (container.run === run) containerExited(pod, container, code);
    });
  if (run.program) {
    const handler = handlerOf(run.program, 'TERM');
    // Process 1 of a container is only ended by signals that it handles.
    if (handler) walkHandler(pod, handler.program, (code) => handler.exits && exit(code, EXIT_MS));
    return;
  }
  const { onTerm } = run.behaviour;
  if (onTerm === 'ignore') return;
  exit(onTerm?.code ?? 0, onTerm ? durationMs(onTerm.after) : EXIT_MS);
}

function walkHandler(pod: PodWorker, handler: Iterator<number, number, void>, done: (code: number) => void): void {
  const { done: isOver, value } = handler.next();
  if (isOver) done(value);
  else if (value !== Number.POSITIVE_INFINITY) pod.after(value, () => walkHandler(pod, handler, done));
}
