/**
 * Starts one container: image, configuration, creation, start; and what follows when it ends.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
 *
 * A container that ends is started again at once the first time, then after 10 s, 20 s, 40 s ... up to 5 minutes; ten
 * minutes without a crash forget all that.
 */
import { durationMs } from '../../../clock';
import type { Exit, Program } from '../images/image-behaviour';
import { logging, startShell } from '../images/shell/program';
import { StandardInput } from '../images/shell/standard-input';
import type { ContainerRecord, Run, Termination } from './container-record';
import { ContainerConfigError } from './environment';
import { runPostStart } from './lifecycle-hooks';
import type { PodWorker } from './pod-worker';
import { startProbes } from './probes';
import { RunningContainer } from './running-container';
import { latencyOf } from './services';

const FORGET_CRASHES_AFTER_MS = 600_000;
/** Retries after so many in a row are not waited for by `settle()`. */
const PATIENT_RETRIES_MS = 80_000;

export function startContainer(pod: PodWorker, container: ContainerRecord): void {
  container.state = 'starting';
  const { latencies } = pod.kubelet.services;
  pod.kubelet.pullImage(pod, container, (failure) => {
    if (pod.termination) {
      stoppedBeforeStart(pod, container);
      return;
    }
    if (failure) {
      waitAgain(pod, container, failure);
      return;
    }
    container.pullBackoffMs = 0;
    container.imageId = pod.kubelet.services.images.find(container.spec.image).imageId;
    pod.after(latencyOf(pod.kubelet.services, latencies.createContainer), () => create(pod, container));
  });
}

/** Why a container does not start yet, as its waiting state says it. */
export interface StartFailure {
  readonly reason: string;
  readonly message: string;
  /** Milliseconds until the next attempt. */
  readonly retryAfter: number;
  /** What it says while it waits, once the first report is out. */
  readonly afterwards?: { readonly reason: string; readonly message: string; readonly event: string };
}

function waitAgain(pod: PodWorker, container: ContainerRecord, failure: StartFailure): void {
  container.state = 'waiting';
  container.waitingReason = failure.reason;
  container.waitingMessage = failure.message;
  pod.report();
  const { afterwards } = failure;
  if (afterwards) {
    pod.after(0, () => {
      if (container.state !== 'waiting') return;
      pod.event('Normal', 'BackOff', afterwards.event, container);
      pod.event('Warning', 'Failed', `Error: ${afterwards.reason}`, container);
      container.waitingReason = afterwards.reason;
      container.waitingMessage = afterwards.message;
      pod.report();
    });
  }
  pod.after(
    failure.retryAfter,
    () => {
      if (pod.termination || container.state !== 'waiting') return;
      startContainer(pod, container);
    },
    failure.retryAfter >= PATIENT_RETRIES_MS / 4,
  );
}

function stoppedBeforeStart(pod: PodWorker, container: ContainerRecord): void {
  container.state = 'waiting';
  pod.containerStopped();
}

function create(pod: PodWorker, container: ContainerRecord): void {
  if (pod.termination) {
    stoppedBeforeStart(pod, container);
    return;
  }
  const { services } = pod.kubelet;
  let run: Run;
  try {
    run = newRun(pod, container);
  } catch (error) {
    if (!(error instanceof ContainerConfigError)) throw error;
    const { message } = error;
    pod.event('Warning', 'Failed', `Error: ${message}`, container);
    waitAgain(pod, container, { reason: 'CreateContainerConfigError', message, retryAfter: 12_000 });
    return;
  }
  pod.event('Normal', 'Created', 'Container created', container);
  pod.after(latencyOf(services, services.latencies.startContainer), () => {
    if (pod.termination) {
      stoppedBeforeStart(pod, container);
      return;
    }
    started(pod, container, run);
  });
}

function newRun(pod: PodWorker, container: ContainerRecord): Run {
  const { random, images } = pod.kubelet.services;
  const { behaviour } = images.find(container.spec.image);
  const startedAt = pod.now();
  checkUser(pod, container, behaviour.user);
  const view = new RunningContainer(pod, container, behaviour, startedAt);
  const { startupProbe, readinessProbe } = container.spec;
  return {
    containerId: random.hex(64),
    startedAt,
    behaviour,
    view,
    log: view.writtenLog,
    probes: [],
    started: !startupProbe,
    ready: !readinessProbe,
    stopping: false,
  };
}

/**
 * A container that must not run as root and would.
 * https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
 * @throws ContainerConfigError
 */
function checkUser(pod: PodWorker, { name, spec }: ContainerRecord, imageUser: number | undefined): void {
  const context = { ...pod.object.spec.securityContext, ...definedOf(spec.securityContext) };
  if (context.runAsNonRoot !== true) return;
  const where = `(pod: "${pod.name}_${pod.namespace}(${pod.uid})", container: ${name})`;
  if (context.runAsUser === 0) {
    throw new ContainerConfigError(`container's runAsUser breaks non-root policy ${where}`);
  }
  if (context.runAsUser === undefined && imageUser === 0) {
    throw new ContainerConfigError(`container has runAsNonRoot and image will run as root ${where}`);
  }
}

const definedOf = (object: object = {}) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== null));

function started(pod: PodWorker, container: ContainerRecord, prepared: Run): void {
  const run: Run = { ...prepared, startedAt: pod.now() };
  container.run = run;
  container.log = run.log;
  container.state = 'running';
  container.waitingMessage = undefined;
  const unknown = unknownCommand(run);
  if (unknown) {
    failToStart(pod, container, unknown);
    return;
  }
  pod.event('Normal', 'Started', 'Container started', container);
  const launch = () => {
    startProcess(pod, container, run);
    if (container.run !== run) return;
    startProbes(pod, container, run);
    if (run.behaviour.usage) pod.kubelet.memory.begin();
    pod.report();
    pod.sync();
  };
  if (container.spec.lifecycle?.postStart) runPostStart(pod, container, run, launch);
  else launch();
}

/** The runtime's words when the first word of the command is not a program of the image. */
function unknownCommand({ behaviour, view }: Run): string | undefined {
  if (!behaviour.onlyShell || behaviour.run || startShell(view, view.command)) return undefined;
  const name = view.command[0] ?? '';
  const cause = name.startsWith('/') ? `stat ${name}: no such file or directory` : 'executable file not found in $PATH';
  return `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "${name}": ${cause}`;
}

function failToStart(pod: PodWorker, container: ContainerRecord, message: string): void {
  pod.event('Warning', 'Failed', `Error: ${message}`, container);
  containerExited(pod, container, 128, 'StartError', message);
}

function startProcess(pod: PodWorker, container: ContainerRecord, run: Run): void {
  const { behaviour, view } = run;
  const program = programOf(container, run);
  if (program) {
    run.program = program;
    resume(pod, container, run, 0);
    return;
  }
  const exit: Exit | undefined = typeof behaviour.exit === 'function' ? behaviour.exit(view) : behaviour.exit;
  if (!exit) return;
  const background = !isWaitedFor(pod, container);
  run.timer = pod.after(
    durationMs(exit.after),
    () => containerExited(pod, container, exit.code, exit.reason),
    background,
  );
}

function programOf({ spec }: ContainerRecord, run: Run): Program | undefined {
  const { behaviour, view } = run;
  const own = behaviour.run?.(view);
  if (own) return own;
  // A container with a command of its own runs that; otherwise its image knows best.
  const isOwnCommand = spec.command !== undefined || (spec.args !== undefined && !behaviour.entrypoint);
  if (!isOwnCommand && !behaviour.onlyShell && behaviour.http) return undefined;
  if (!spec.stdin) return startShell(view, view.command) ?? undefined;
  run.input = StandardInput.open();
  return startShell(view, view.command, { ...logging(view, run.input), terminal: spec.tty === true }) ?? undefined;
}

/** Somebody who is attached has written to the container's standard input, or closed it. */
export function inputChanged(pod: PodWorker, container: ContainerRecord, run: Run): void {
  if (container.run === run && run.input?.isAwaited) resume(pod, container, run, PATIENT_NAPS);
}

/** Whether `settle()` waits for what the container does: an init container, or a container of a pod that is a task. */
function isWaitedFor(pod: PodWorker, { role }: ContainerRecord): boolean {
  return role === 'init' || (role === 'main' && pod.isTask);
}

const PATIENT_NAPS = 100;

function resume(pod: PodWorker, container: ContainerRecord, run: Run, naps: number): void {
  const { done, value } = run.program!.next();
  if (done) {
    containerExited(pod, container, value);
    return;
  }
  if (value === Number.POSITIVE_INFINITY) return;
  const background = naps > PATIENT_NAPS || !isWaitedFor(pod, container);
  run.timer = pod.after(Math.max(1, value), () => resume(pod, container, run, naps + 1), background);
}

/** A run is over, whatever ended it. */
export function containerExited(
  pod: PodWorker,
  container: ContainerRecord,
  exitCode: number,
  reason = exitCode === 0 ? 'Completed' : 'Error',
  message?: string,
): void {
  const { run } = container;
  if (!run || container.state !== 'running') return;
  stopTimers(pod, run);
  const said = message ?? terminationMessage(container, run, exitCode);
  const termination: Termination = {
    exitCode,
    reason,
    ...(said ? { message: said } : {}),
    startedAt: reason === 'StartError' ? undefined : run.startedAt,
    finishedAt: pod.now(),
    containerId: run.containerId,
  };
  run.log.end();
  container.run = undefined;
  container.state = 'terminated';
  container.termination = termination;
  if (pod.termination) {
    pod.containerStopped();
    return;
  }
  if (!restarts(pod, container, exitCode)) {
    pod.report();
    pod.after(latencyOf(pod.kubelet.services, pod.kubelet.services.latencies.notice), () => pod.sync());
    return;
  }
  scheduleRestart(pod, container, termination);
}

const MESSAGE_LIMIT = 4_096;
const LOG_LINES = 80;
const LOG_LIMIT = 2_048;

/** https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/ */
function terminationMessage({ spec }: ContainerRecord, { view, log }: Run, exitCode: number): string | undefined {
  const written = view.tryWritten(spec.terminationMessagePath ?? '/dev/termination-log');
  if (written) return written.slice(0, MESSAGE_LIMIT);
  if (spec.terminationMessagePolicy !== 'FallbackToLogsOnError' || exitCode === 0) return undefined;
  const lines = log.read().slice(-LOG_LINES);
  return lines
    .map(({ text }) => `${text}\n`)
    .join('')
    .slice(-LOG_LIMIT);
}

function stopTimers(pod: PodWorker, run: Run): void {
  pod.cancel(run.timer);
  for (const probe of run.probes) probe.stop();
}

function restarts(pod: PodWorker, { role, spec }: ContainerRecord, exitCode: number): boolean {
  if (role === 'sidecar') return true;
  if (role === 'ephemeral') return false;
  if (role === 'init') return exitCode !== 0 && pod.restartPolicy !== 'Never';
  const policy: string = spec.restartPolicy ?? pod.restartPolicy;
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

function scheduleRestart(pod: PodWorker, container: ContainerRecord, termination: Termination): void {
  const { latencies } = pod.kubelet.services;
  const now = pod.now();
  if (now - container.backoffSetAt > FORGET_CRASHES_AFTER_MS) container.backoffMs = 0;
  const wait = container.backoffMs;
  container.backoffMs = Math.min(latencies.lastCrashBackoff, wait === 0 ? latencies.firstCrashBackoff : wait * 2);
  container.restarts = true;
  const restart = () => {
    if (pod.termination || container.state === 'running') return;
    container.backoffSetAt = pod.now();
    container.restarts = false;
    container.lastTermination = termination;
    container.termination = undefined;
    container.previousLog = container.log;
    container.restartCount++;
    container.waitingReason = 'ContainerCreating';
    startContainer(pod, container);
  };
  // The end is seen first; a moment later the container is up again, or has to wait.
  pod.report();
  const notice = latencyOf(pod.kubelet.services, latencies.notice);
  if (wait === 0) {
    pod.after(notice, restart);
    return;
  }
  pod.after(notice, () => {
    if (pod.termination) return;
    backOff(pod, container, termination, wait);
  });
  pod.after(wait, restart, wait >= PATIENT_RETRIES_MS);
}

function backOff(pod: PodWorker, container: ContainerRecord, termination: Termination, wait: number): void {
  const where = `${pod.name}_${pod.namespace}(${pod.uid})`;
  container.state = 'waiting';
  container.lastTermination = termination;
  container.termination = undefined;
  container.waitingReason = 'CrashLoopBackOff';
  container.waitingMessage = `back-off ${goDuration(wait)} restarting failed container=${container.name} pod=${where}`;
  pod.event('Warning', 'BackOff', `Back-off restarting failed container ${container.name} in pod ${where}`, container);
  pod.report();
}

/** As Go prints durations: `10s`, `1m20s`, `5m0s`. */
function goDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
