/**
 * A group of machines of one kind whose number may change: what a cluster autoscaler knows of the cloud.
 * https://github.com/kubernetes/autoscaler/tree/master/cluster-autoscaler
 */
import type { KubernetesObject } from '../../../kubernetes/object';

export interface NodeGroup {
  readonly name: string;
  readonly minSize: number;
  readonly maxSize: number;
  /** How many machines are wanted; some may be on their way. */
  targetSize(): number;
  /** The Node that the next machine would register. */
  template(): KubernetesObject;
  owns(node: KubernetesObject): boolean;
  increase(by: number): void;
  /** Terminates the machine of a node and wants one less. */
  remove(node: string): void;
}
