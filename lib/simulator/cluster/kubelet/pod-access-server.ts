/**
 * How the kubelets answer `kubectl logs`, `exec` and `port-forward`.
 * https://kubernetes.io/docs/tasks/debug/debug-application/debug-running-pod/
 */
import { formatTime, type KubernetesObject } from '../../../kubernetes/object';
import { badRequest, internalError, notFound } from '../../../kubernetes/status-error';
import type { ClusterContext } from '../context';
import { execInShell } from '../images/shell/program';
import type { ContainerLog, LogLine } from './container-log';
import type { ContainerRecord } from './container-record';
import type { Kubelet } from './kubelet';
import type { LogOptions, PodAccess, PodLog } from './pod-access';
import type { PodWorker } from './pod-worker';
import { openSession } from './session';

const PODS = { group: '', resource: 'pods' };
const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

export function createPodAccess(context: ClusterContext, kubeletOf: (node: string) => Kubelet | undefined): PodAccess {
  const find = (namespace: string, name: string): { object: KubernetesObject; worker: PodWorker | undefined } => {
    const object = context.store.get('pods', namespace, name);
    if (!object) throw notFound(PODS, name);
    const worker = kubeletOf(object.spec.nodeName)?.workers.get(object.metadata.uid!);
    return { object, worker };
  };

  return {
    logs(namespace, name, options = {}) {
      const { object, worker } = find(namespace, name);
      const container = chooseContainer(object, options.container);
      const record = worker?.containers.find((each) => each.name === container);
      const log = options.previous ? previousLog(record, object, container) : record?.log;
      if (!log) throw badRequest(notStarted(object, container, record));
      return readLog(log, options, context.simulation.clock.now());
    },

    exec(namespace, name, { container: wanted, command, stdin }) {
      const { object, worker } = find(namespace, name);
      const phase = object.status?.phase;
      if (phase === 'Succeeded' || phase === 'Failed') {
        throw badRequest(`cannot exec into a container in a completed pod; current phase is ${phase}`);
      }
      const container = chooseContainer(object, wanted ?? object.metadata.annotations?.[DEFAULT_CONTAINER]);
      const run = worker?.containers.find((each) => each.name === container)?.run;
      if (!run) throw internalError(`container not found ("${container}")`);
      return run.behaviour.exec?.(command, run.view) ?? execInShell(run.view, command, stdin);
    },

    open(namespace, name, options, listener) {
      const { object, worker } = find(namespace, name);
      const container = chooseContainer(object, options.container ?? object.metadata.annotations?.[DEFAULT_CONTAINER]);
      const record = worker?.containers.find((each) => each.name === container);
      if (!worker || !record?.run) {
        throw internalError(`unable to upgrade connection: container not found ("${container}")`);
      }
      return openSession({ pod: worker, container: record, run: record.run }, options, listener);
    },

    listens: (namespace, name, port) => find(namespace, name).worker?.endpoint?.listens(port) === true,

    connect(namespace, name, port) {
      const { object, worker } = find(namespace, name);
      const endpoint = worker?.endpoint;
      if (!endpoint?.listens(port)) throw new Error(refusedForward(object, port));
      return (request) => endpoint.http(port, { clientIp: '127.0.0.1', ...request });
    },
  };
}

/** What the container runtime says of a port nobody listens on. */
function refusedForward({ metadata }: KubernetesObject, port: number): string {
  const sandbox = metadata.uid!.replaceAll('-', '').repeat(2);
  return `error forwarding port ${port} to pod ${sandbox}, uid : failed to execute portforward in network namespace "/var/run/netns/cni-${metadata.uid}": failed to connect to localhost:${port} inside namespace "${sandbox}", IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused IPv6 dial tcp6 [::1]:${port}: connect: connection refused `;
}

function chooseContainer(pod: KubernetesObject, wanted: string | undefined): string {
  const names = (list: any[] | undefined): string[] => (list ?? []).map(({ name }) => name);
  const { metadata, spec } = pod;
  const mains = names(spec.containers);
  const inits = names(spec.initContainers);
  const all = [...mains, ...inits, ...names(spec.ephemeralContainers)];
  if (wanted !== undefined) {
    if (all.includes(wanted)) return wanted;
    throw badRequest(`container ${wanted} is not valid for pod ${metadata.name}`);
  }
  if (mains.length === 1) return mains[0]!;
  const more = inits.length > 0 ? ` or one of the init containers: [${inits.join(' ')}]` : '';
  throw badRequest(
    `a container name must be specified for pod ${metadata.name}, choose one of: [${mains.join(' ')}]${more}`,
  );
}

function notStarted({ metadata }: KubernetesObject, container: string, record: ContainerRecord | undefined): string {
  const reason = record?.waitingReason ?? 'ContainerCreating';
  const state =
    reason === 'ErrImagePull' || reason === 'ImagePullBackOff'
      ? 'trying and failing to pull image'
      : `waiting to start: ${reason}`;
  return `container "${container}" in pod "${metadata.name}" is ${state}`;
}

function previousLog(
  record: ContainerRecord | undefined,
  { metadata }: KubernetesObject,
  container: string,
): ContainerLog {
  // While a container waits to be started again, its last run is the previous one.
  const isWaiting =
    record?.lastTermination !== undefined && record.state !== 'running' && record.state !== 'terminated';
  const log = isWaiting ? record.log : record?.previousLog;
  if (!log) throw badRequest(`previous terminated container "${container}" in pod "${metadata.name}" not found`);
  return log;
}

function readLog(log: ContainerLog, options: LogOptions, now: number): PodLog {
  const { sinceSeconds, sinceTime, tailLines, limitBytes, timestamps } = options;
  const since = sinceSeconds !== undefined ? now - sinceSeconds * 1000 : sinceTime ? Date.parse(sinceTime) : undefined;
  let lines: readonly LogLine[] = log.read();
  if (since !== undefined) lines = lines.filter(({ time }) => time >= since);
  if (tailLines !== undefined) lines = tailLines === 0 ? [] : lines.slice(-tailLines);
  const format = (line: LogLine) =>
    `${timestamps ? `${preciseTime(line.time)} ` : ''}${line.text}${line.partial ? '' : '\n'}`;
  const text = lines.map(format).join('');
  return {
    text: limitBytes === undefined ? text : Buffer.from(text).subarray(0, limitBytes).toString(),
    follow: (written, ended) => log.follow({ written: (line) => written(format(line)), ended }),
  };
}

/** RFC 3339 with nanoseconds: `2026-01-01T00:00:00.123000000Z`. */
function preciseTime(ms: number): string {
  return `${formatTime(ms).slice(0, 19)}.${String(ms % 1000).padStart(3, '0')}000000Z`;
}
