/**
 * Probes: the kubelet asks a container, again and again, whether it has started, is alive, is ready.
 * https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
 *
 * A probe that succeeds against an image which always answers the same is not repeated; nothing would come of it.
 * Until a probe has come to a result, `settle()` waits for it; after that it runs in the background.
 */
import type { Timer } from '../../../clock';
import { execInShell } from '../images/shell/program';
import type { ContainerRecord, Run } from './container-record';
import { stopContainer } from './pod-termination';
import type { PodWorker } from './pod-worker';

type ProbeKind = 'startup' | 'liveness' | 'readiness';

const NAMES: Readonly<Record<ProbeKind, string>> = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' };

/** Starts the container's probes; liveness and readiness wait for the startup probe. */
export function startProbes(pod: PodWorker, container: ContainerRecord, run: Run): void {
  const { startupProbe, livenessProbe, readinessProbe } = container.spec;
  const startOthers = () => {
    if (livenessProbe) run.probes.push(new ProbeWorker(pod, container, run, 'liveness', livenessProbe));
    if (readinessProbe) run.probes.push(new ProbeWorker(pod, container, run, 'readiness', readinessProbe));
  };
  if (startupProbe) run.probes.push(new ProbeWorker(pod, container, run, 'startup', startupProbe, startOthers));
  else startOthers();
}

export class ProbeWorker {
  private timer: Timer | undefined;
  private streak = 0;
  private lastSuccess: boolean | undefined;
  private isDecided = false;

  constructor(
    private readonly pod: PodWorker,
    private readonly container: ContainerRecord,
    private readonly run: Run,
    private readonly kind: ProbeKind,
    private readonly probe: any,
    private readonly whenStarted?: () => void,
  ) {
    const delay = (probe.initialDelaySeconds ?? 0) * 1000;
    this.schedule(Math.max(delay, 1));
  }

  stop(): void {
    this.pod.cancel(this.timer);
    this.timer = undefined;
  }

  private schedule(delayMs: number): void {
    this.timer = this.pod.after(delayMs, () => this.ask(), this.isDecided);
  }

  private ask(): void {
    const { pod, container, run, kind, probe } = this;
    if (container.run !== run) return;
    const { failure, isSteady } = probeOnce(pod, container, run, probe);
    const isSuccess = failure === undefined;
    this.streak = this.lastSuccess === isSuccess ? this.streak + 1 : 1;
    this.lastSuccess = isSuccess;
    if (!isSuccess) pod.event('Warning', 'Unhealthy', `${NAMES[kind]} probe failed: ${failure}`, container);
    const needed = isSuccess ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
    const decided = this.streak >= needed;
    if (decided) {
      this.isDecided = true;
      this.timer = undefined;
      if (isSuccess) this.succeeded();
      else this.failed();
      // Acting on the result may have ended this run, or this probe's work.
      if (container.run !== run || (isSuccess && kind === 'startup')) return;
      if (isSuccess && isSteady) return;
    }
    this.schedule((probe.periodSeconds ?? 10) * 1000);
  }

  private succeeded(): void {
    const { pod, run, kind } = this;
    if (kind === 'startup' && !run.started) {
      run.started = true;
      this.whenStarted?.();
      pod.report();
      pod.sync();
    } else if (kind === 'readiness' && !run.ready) {
      run.ready = true;
      pod.report();
    }
  }

  private failed(): void {
    const { pod, container, run, kind, probe } = this;
    if (kind === 'readiness') {
      if (!run.ready) return;
      run.ready = false;
      pod.report();
      return;
    }
    if (run.stopping || pod.termination) return;
    pod.event('Normal', 'Killing', `Container ${container.name} failed ${kind} probe, will be restarted`, container);
    const grace = (probe.terminationGracePeriodSeconds ?? pod.object.spec.terminationGracePeriodSeconds ?? 30) * 1000;
    run.stopping = true;
    stopContainer(pod, container, run, grace);
  }
}

interface ProbeResult {
  /** Absent when it succeeded. */
  readonly failure?: string;
  /** Asking again would give the same answer. */
  readonly isSteady: boolean;
}

/** Asks once. Hooks with an HTTP request use it too. */
export function probeOnce(pod: PodWorker, container: ContainerRecord, run: Run, handler: any): ProbeResult {
  const { network } = pod.kubelet.services;
  const isSteady = run.behaviour.steady === true;
  if (handler.exec) {
    const { exitCode, stdout, stderr } = runInside(run, handler.exec.command);
    return exitCode === 0 ? { isSteady: false } : { failure: stdout + stderr, isSteady: false };
  }
  if (handler.httpGet) {
    const { path = '/', scheme = 'HTTP', httpHeaders = [] } = handler.httpGet;
    const host = handler.httpGet.host ?? pod.podIp!;
    const port = portNumber(container, handler.httpGet.port);
    const headers = Object.fromEntries([
      ['user-agent', 'kube-probe/1.35'],
      ...httpHeaders.map(({ name, value }: any) => [name.toLowerCase(), value]),
    ]);
    const url = `${scheme.toLowerCase()}://${host}:${port}${path.startsWith('/') ? path : `/${path}`}`;
    const result = network.http(host, port, { path, headers, clientIp: pod.kubelet.address });
    if (result.failure) {
      const isSilent = result.failure.reason === 'NoAnswer';
      const cause = isSilent
        ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
        : result.failure.message;
      return { failure: `Get "${url}": ${cause}`, isSteady: false };
    }
    const { status } = result.response!;
    if (status >= 200 && status < 400) return { isSteady };
    return { failure: `HTTP probe failed with statuscode: ${status}`, isSteady: false };
  }
  const port = portNumber(container, handler.tcpSocket?.port ?? handler.grpc?.port);
  if (network.accepts(pod.podIp!, port)) return { isSteady };
  return { failure: `dial tcp ${pod.podIp}:${port}: connect: connection refused`, isSteady: false };
}

function runInside({ behaviour, view }: Run, command: readonly string[]) {
  return behaviour.exec?.(command, view) ?? execInShell(view, command);
}

/** A port by number, or by its name in the container. */
export function portNumber({ spec }: ContainerRecord, port: number | string): number {
  if (typeof port === 'number') return port;
  const named = spec.ports?.find(({ name }: any) => name === port);
  return named?.containerPort ?? Number(port);
}
