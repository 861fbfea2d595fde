/** What the scheduler writes into the status of a pod that it could not place. */
import { formatTime } from '../../../kubernetes/object';
import { StatusError } from '../../../kubernetes/status-error';
import type { SchedulingView } from './framework';
import type { PodInfo } from './pod-info';

export interface UnschedulableStatus {
  /** Of the PodScheduled condition. */
  readonly message: string;
  /** The node on which preemption makes room; `''` takes an earlier nomination back. */
  readonly nominatedNodeName?: string;
}

/** Writes only when it says something new. @param now milliseconds since 1970 */
export function writeUnschedulable(pod: PodInfo, news: UnschedulableStatus, view: SchedulingView, now: number): void {
  const current = view.get('pods', pod.namespace, pod.name);
  if (!current || current.metadata.uid !== pod.uid) return;
  const conditions: any[] = current.status?.conditions ?? [];
  const before = conditions.find((condition) => condition.type === 'PodScheduled');
  const { message, nominatedNodeName = current.status?.nominatedNodeName } = news;
  const isSaid = before?.status === 'False' && before.reason === 'Unschedulable' && before.message === message;
  if (isSaid && (nominatedNodeName ?? '') === (current.status?.nominatedNodeName ?? '')) return;
  const condition = {
    type: 'PodScheduled',
    ...(current.metadata.generation ? { observedGeneration: current.metadata.generation } : {}),
    status: 'False',
    lastProbeTime: null,
    lastTransitionTime: before?.status === 'False' ? before.lastTransitionTime : formatTime(now),
    reason: 'Unschedulable',
    message,
  };
  const { nominatedNodeName: _, ...rest } = current.status ?? {};
  const status = {
    phase: 'Pending',
    ...rest,
    ...(nominatedNodeName ? { nominatedNodeName } : {}),
    conditions: [...conditions.filter((other) => other !== before), condition],
  };
  try {
    view.client.updateStatus('pods', { ...current, status });
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
  }
}
