/**
 * A pod that ran before its machine lost power, or before the cluster was saved and loaded: its containers start again,
 * and remember that they were cut off.
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import type { ContainerRecord, Termination } from './container-record';

/** What a runtime reports of a container whose end nobody saw. */
const LOST = { exitCode: 255, reason: 'Unknown' };

export function takeOverStatus(container: ContainerRecord, { status }: KubernetesObject, now: number): void {
  const all: any[] = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  if (container.role === 'ephemeral') return;
  const before = all.find(({ name }) => name === container.name);
  if (!before) return;
  container.restartCount = before.restartCount;
  container.imageId = before.imageID;
  const { running, terminated } = before.state;
  if (before.lastState?.terminated) container.lastTermination = readTermination(before.lastState.terminated);
  if (running) {
    container.restartCount++;
    container.lastTermination = {
      ...LOST,
      startedAt: Date.parse(running.startedAt),
      finishedAt: now,
      containerId: withoutScheme(before.containerID),
    };
  } else if (terminated) {
    container.state = 'terminated';
    container.termination = readTermination(terminated);
  }
}

function readTermination(terminated: any): Termination {
  const { exitCode, reason, message, startedAt, finishedAt, containerID } = terminated;
  return {
    exitCode,
    reason,
    ...(message ? { message } : {}),
    startedAt: startedAt ? Date.parse(startedAt) : undefined,
    finishedAt: Date.parse(finishedAt),
    containerId: withoutScheme(containerID),
  };
}

function withoutScheme(containerId: string | undefined): string {
  return (containerId ?? '').replace(/^\w+:\/\//, '');
}
