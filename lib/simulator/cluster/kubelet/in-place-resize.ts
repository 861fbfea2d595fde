/**
 * The resources of a running pod change: the node grants them at once, later (Deferred), or never (Infeasible).
 * https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/
 */
import type { ContainerRecord } from './container-record';
import type { PodWorker } from './pod-worker';

/** A resize that has to wait, or can never be. */
export interface PendingResize {
  readonly reason: 'Deferred' | 'Infeasible';
  readonly message: string;
}

export class InPlaceResize {
  pending: PendingResize | undefined;

  constructor(private readonly pod: PodWorker) {}

  /** The spec has changed. */
  look(): void {
    if (this.pod.containers.some(isResized)) this.ask();
  }

  /** Somebody has left the node: there may be room now. */
  retry(): void {
    if (this.pending?.reason === 'Deferred' && !this.pod.isOver && !this.pod.termination) this.ask();
  }

  private ask(): void {
    const { pod } = this;
    this.pending = pod.kubelet.resize(pod);
    if (!this.pending) for (const container of pod.containers.filter(isResized)) this.grant(container);
    pod.report();
  }

  private grant(container: ContainerRecord): void {
    const { resizePolicy, resources } = container.spec;
    const changed = changedResources(container.allocated, resources);
    container.allocated = resources;
    const restarts = resizePolicy?.some(
      ({ resourceName, restartPolicy }: any) => restartPolicy === 'RestartContainer' && changed.includes(resourceName),
    );
    if (restarts && container.state === 'running') this.pod.replace(container, 'resource resize requires restart');
  }
}

/** Whether a container asks for other resources than it has. */
const isResized = ({ allocated, spec }: ContainerRecord): boolean =>
  changedResources(allocated, spec.resources).length > 0;

function changedResources(before: any, after: any): string[] {
  if (before === after) return [];
  return ['cpu', 'memory'].filter((name) =>
    ['requests', 'limits'].some((kind) => before?.[kind]?.[name] !== after?.[kind]?.[name]),
  );
}
