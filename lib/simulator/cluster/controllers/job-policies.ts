/**
 * What a Job makes of the way its pods end: pod failure policy and success policy.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#success-policy
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { podCondition } from './pods';

export type FailureAction = 'FailJob' | 'FailIndex' | 'Ignore' | 'Count';

export interface FailureVerdict {
  readonly action: FailureAction;
  /** Of FailJob: why. */
  readonly message?: string;
}

interface ExitCodeRule {
  readonly containerName?: string;
  readonly operator: 'In' | 'NotIn';
  readonly values: readonly number[];
}

/** The first rule that matches decides; without any the failure counts. */
export function judgeFailure(job: KubernetesObject, pod: KubernetesObject): FailureVerdict {
  const rules: readonly any[] = job.spec.podFailurePolicy?.rules ?? [];
  const { namespace, name } = pod.metadata;
  for (const [i, { action, onExitCodes, onPodConditions }] of rules.entries()) {
    const tail = `matching ${action} rule at index ${i}`;
    const exited = onExitCodes && matchingExit(pod, onExitCodes);
    if (exited) {
      const message = `Container ${exited.name} for pod ${namespace}/${name} failed with exit code ${exited.exitCode} ${tail}`;
      return { action, ...(action === 'FailJob' ? { message } : {}) };
    }
    const condition = (onPodConditions ?? []).find(
      ({ type, status }: any) => podCondition(pod, type)?.status === (status ?? 'True'),
    );
    if (condition) {
      const message = `Pod ${namespace}/${name} has condition ${condition.type} ${tail}`;
      return { action, ...(action === 'FailJob' ? { message } : {}) };
    }
  }
  return { action: 'Count' };
}

function matchingExit({ status }: KubernetesObject, rule: ExitCodeRule) {
  for (const container of [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]) {
    const exitCode: number | undefined = container.state?.terminated?.exitCode;
    if (exitCode === undefined || exitCode === 0) continue;
    if (rule.containerName !== undefined && rule.containerName !== container.name) continue;
    if (rule.values.includes(exitCode) === (rule.operator === 'In')) return { name: container.name, exitCode };
  }
  return undefined;
}

/** The number of the first success rule that the finished indexes fulfil. */
export function fulfilledSuccessRule(job: KubernetesObject, succeeded: ReadonlySet<number>): number | undefined {
  const rules: readonly any[] = job.spec.successPolicy?.rules ?? [];
  const found = rules.findIndex(({ succeededIndexes, succeededCount }) => {
    const wanted = succeededIndexes === undefined ? undefined : indexesOf(succeededIndexes);
    const hits = wanted ? wanted.filter((index) => succeeded.has(index)).length : succeeded.size;
    return hits >= (succeededCount ?? wanted?.length ?? Number.POSITIVE_INFINITY);
  });
  return found < 0 ? undefined : found;
}

function indexesOf(text: string): number[] {
  return text.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last! - first! + 1 }, (_, i) => first! + i);
  });
}
