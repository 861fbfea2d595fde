/**
 * Where the autoscaler learns what pods use: the seam that metrics-server fills on a real cluster.
 * https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/
 */
export interface ContainerMetrics {
  readonly name: string;
  /** Thousandths of a core. */
  readonly milliCpu: number;
  readonly memoryBytes: number;
}

export interface PodMetrics {
  /** What the containers of a pod use at the moment; undefined when nobody knows. */
  usageOf(namespace: string, pod: string): readonly ContainerMetrics[] | undefined;
}
