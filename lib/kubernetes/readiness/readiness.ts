/**
 * Whether an object has become what its spec asks for, in the six words of kstatus:
 * https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md
 *
 * - `Current`: the cluster is where the spec wants it.
 * - `InProgress`: controllers are still working, or wait for something.
 * - `Failed`: they have given up, or cannot succeed without a change.
 * - `Terminating`: the object is being deleted.
 * - `NotFound` and `Unknown` are verdicts of whoever reads objects, never of a rule: there is nothing to look at.
 *
 * Each kind has its rule in a file of its own. Where kstatus is content too early we are not: a load balancer needs an
 * address, a failed Pod has failed, a running Job is not done, and an object that its controller has not looked at yet is
 * in progress. Everything here is a pure function of the object and what is around it.
 */
import type { Condition, KubernetesObject } from '../object';

export type ReadinessStatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating' | 'NotFound' | 'Unknown';

export interface Readiness {
  readonly status: ReadinessStatus;
  /** One word for programs, where there is one: `ImagePullBackOff`, `ProgressDeadlineExceeded`. */
  readonly reason?: string;
  /** One line for people: what it is, or what it waits for. */
  readonly message: string;
}

/** What a rule may look at besides the object itself. Without it, rules judge by the object alone. */
export interface Surroundings {
  /** The Pods that run the current version of the object. */
  readonly pods?: readonly KubernetesObject[];
  /** Events about the object and its Pods, oldest first. */
  readonly events?: readonly KubernetesObject[];
  /** The StorageClass of a claim. */
  readonly storageClass?: KubernetesObject;
  /** Milliseconds since 1970. Without it, nothing has taken too long. */
  readonly now?: number;
}

export type ReadinessRule = (object: KubernetesObject, surroundings: Surroundings) => Readiness;

export const current = (message: string): Readiness => ({ status: 'Current', message });

export const inProgress = (message: string, reason?: string): Readiness => ({
  status: 'InProgress',
  message,
  ...(reason ? { reason } : {}),
});

export const failed = (message: string, reason?: string): Readiness => ({
  status: 'Failed',
  message,
  ...(reason ? { reason } : {}),
});

export function conditionOf(object: KubernetesObject, type: string): Condition | undefined {
  return object.status?.conditions?.find((condition: Condition) => condition.type === type);
}

/** `message`, or the condition's reason when it has none. */
export function messageOf(condition: Condition): string {
  return condition.message || condition.reason || `${condition.type} is ${condition.status}`;
}
