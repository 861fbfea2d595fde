/**
 * The row of a Pod in a table, above all the word in the STATUS column: the phase, unless a reason, a container or a
 * deletion says something more useful. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
 */
import type { KubernetesObject } from '../../object';
import { age, since } from '../cells';
import type { Cell, CellContext } from '../kind-definition';

export function podCells(pod: KubernetesObject, context: CellContext): Cell[] {
  const { name } = pod.metadata;
  const spec = pod.spec ?? {};
  const status = pod.status ?? {};
  const { reason, restarts, lastRestart, ready } = summarize(pod);
  const restartCell =
    restarts !== 0 && lastRestart ? `${restarts} (${since(lastRestart, context.now)} ago)` : `${restarts}`;
  const sidecars = (spec.initContainers ?? []).filter((c: any) => c.restartPolicy === 'Always').length;
  const total = (spec.containers ?? []).length + sidecars;
  return [
    name!,
    `${ready}/${total}`,
    reason,
    restartCell,
    age(pod, context),
    status.podIPs?.[0]?.ip ?? status.podIP ?? '<none>',
    spec.nodeName || '<none>',
    status.nominatedNodeName || '<none>',
    readinessGates(spec, status),
  ];
}

interface Summary {
  reason: string;
  restarts: number;
  lastRestart?: string;
  ready: number;
}

/** The word of the STATUS column. */
export function podStatusReason(pod: KubernetesObject): string {
  return summarize(pod).reason;
}

function summarize(pod: KubernetesObject): Summary {
  const status = pod.status ?? {};
  const summary: Summary = { reason: status.reason || status.phase || '', restarts: 0, ready: 0 };
  for (const condition of status.conditions ?? []) {
    if (condition.type === 'PodScheduled' && condition.reason === 'SchedulingGated') summary.reason = 'SchedulingGated';
  }
  if (!readInitContainers(pod, summary)) readContainers(pod, summary);
  if (pod.metadata.deletionTimestamp !== undefined) {
    if (status.reason === 'NodeLost') summary.reason = 'Unknown';
    else if (status.phase !== 'Succeeded' && status.phase !== 'Failed') summary.reason = 'Terminating';
  }
  return summary;
}

/** True while the Pod is still initializing; then the containers have nothing to add. */
function readInitContainers(pod: KubernetesObject, summary: Summary): boolean {
  const specs: any[] = pod.spec?.initContainers ?? [];
  const sidecars = new Set(specs.filter((c) => c.restartPolicy === 'Always').map((c) => c.name));
  const statuses: any[] = pod.status?.initContainerStatuses ?? [];
  let sidecarRestarts = 0;
  let lastSidecarRestart: string | undefined;
  let initializing = false;
  for (let i = 0; i < statuses.length; i++) {
    const status = statuses[i];
    const isSidecar = sidecars.has(status.name);
    summary.restarts += status.restartCount ?? 0;
    noteRestart(summary, status);
    if (isSidecar) {
      sidecarRestarts += status.restartCount ?? 0;
      lastSidecarRestart = latest(lastSidecarRestart, status.lastState?.terminated?.finishedAt);
    }
    const { terminated, waiting } = status.state ?? {};
    if (terminated && (terminated.exitCode ?? 0) === 0) continue;
    if (isSidecar && status.started) {
      if (status.ready) summary.ready++;
      continue;
    }
    if (terminated) summary.reason = `Init:${terminationReason(terminated)}`;
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') summary.reason = `Init:${waiting.reason}`;
    else summary.reason = `Init:${i}/${specs.length}`;
    initializing = true;
    break;
  }
  const initialized = (pod.status?.conditions ?? []).some(
    (condition: any) => condition.type === 'Initialized' && condition.status === 'True',
  );
  if (initializing && !initialized) return true;
  summary.restarts = sidecarRestarts;
  if (lastSidecarRestart === undefined) delete summary.lastRestart;
  else summary.lastRestart = lastSidecarRestart;
  return false;
}

function readContainers(pod: KubernetesObject, summary: Summary): void {
  const statuses: any[] = pod.status?.containerStatuses ?? [];
  let running = false;
  for (const status of [...statuses].reverse()) {
    summary.restarts += status.restartCount ?? 0;
    noteRestart(summary, status);
    const { waiting, terminated, running: isRunning } = status.state ?? {};
    if (waiting?.reason) summary.reason = waiting.reason;
    else if (terminated) summary.reason = terminationReason(terminated);
    else if (status.ready && isRunning) {
      running = true;
      summary.ready++;
    }
  }
  // Some containers completed, others run on.
  if (summary.reason === 'Completed' && running) {
    const ready = (pod.status?.conditions ?? []).some(
      (condition: any) => condition.type === 'Ready' && condition.status === 'True',
    );
    summary.reason = ready ? 'Running' : 'NotReady';
  }
}

function terminationReason({ reason, signal, exitCode }: any): string {
  if (reason) return reason;
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode ?? 0}`;
}

function noteRestart(summary: Summary, status: any): void {
  const last = latest(summary.lastRestart, status.lastState?.terminated?.finishedAt);
  if (last !== undefined) summary.lastRestart = last;
}

function latest(a: string | undefined, b: string | undefined | null): string | undefined {
  if (!b) return a;
  return a === undefined || Date.parse(b) > Date.parse(a) ? b : a;
}

/** `1/2`: how many of the gates of the Pod are open. */
function readinessGates(spec: any, status: any): string {
  const gates: any[] = spec.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const open = gates.filter(({ conditionType }) =>
    (status.conditions ?? []).some((c: any) => c.type === conditionType && c.status === 'True'),
  );
  return `${open.length}/${gates.length}`;
}
