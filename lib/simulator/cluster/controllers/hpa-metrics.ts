/**
 * How many replicas one metric asks for.
 * https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
 *
 * desired = ceil(ready pods * current / target): four pods that use 90 % of what they request, with a target of 60 %, are
 * ceil(4 * 1.5) = 6. Within 10 % of the target nothing changes. Pods of which nothing is known count as if they made the
 * change smaller: as 100 % when it would go down, as 0 when it would go up.
 */
import { isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import { milliValue, parseQuantity } from '../../../kubernetes/quantity';
import type { PodMetrics } from '../pod-metrics';
import { podCondition } from './pods';

const TOLERANCE = 0.1;
/** For so long after its start the CPU usage of a pod that is not ready does not count. */
const CPU_INITIALIZATION_MS = 300_000;
const READINESS_DELAY_MS = 30_000;

/** Thrown when a metric cannot be had; becomes a condition of the autoscaler. */
export class MetricError extends Error {
  override readonly name = 'MetricError';
  constructor(
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

export interface MetricProposal {
  readonly replicas: number;
  /** `cpu resource utilization (percentage of request)` */
  readonly name: string;
  /** The entry of `status.currentMetrics`. */
  readonly status: object;
}

export interface MetricQuestion {
  readonly pods: readonly KubernetesObject[];
  readonly replicas: number;
  readonly metrics: PodMetrics | undefined;
  readonly now: number;
}

/** @throws MetricError when the metric has no value, or is of a kind that is not simulated. */
export function proposeReplicas(metric: any, question: MetricQuestion): MetricProposal {
  if (metric.type === 'Resource') return resourceProposal(metric.resource, undefined, question);
  if (metric.type === 'ContainerResource') {
    return resourceProposal(metric.containerResource, metric.containerResource.container, question);
  }
  const api = metric.type === 'External' ? 'external' : 'custom';
  const message = `unable to fetch metrics from ${api} metrics API: the server could not find the requested resource`;
  throw new MetricError(`FailedGet${metric.type}Metric`, message);
}

interface Sample {
  readonly pod: string;
  readonly usage: number;
  readonly request: number;
}

function resourceProposal(source: any, container: string | undefined, question: MetricQuestion): MetricProposal {
  const { name: resource, target } = source;
  const { samples, missing, unready } = readSamples(resource, container, question);
  const isUtilization = target.averageUtilization !== undefined;
  const wanted = isUtilization ? target.averageUtilization : milliValue(parseQuantity(target.averageValue));
  const ratioOf = (list: readonly Sample[]) => {
    const usage = list.reduce((total, sample) => total + sample.usage, 0);
    const base = isUtilization ? list.reduce((total, sample) => total + sample.request, 0) / 100 : list.length;
    return usage / base / wanted;
  };
  const replicas = adjust({
    samples,
    missing,
    unready,
    ratioOf,
    current: question.replicas,
    full: Math.max(100, isUtilization ? wanted : 100),
  });
  const usage = samples.reduce((total, sample) => total + sample.usage, 0);
  const request = samples.reduce((total, sample) => total + sample.request, 0);
  const averageValue = `${Math.round(usage / samples.length)}m`;
  const current = {
    ...(isUtilization ? { averageUtilization: Math.floor((usage * 100) / request) } : {}),
    averageValue: resource === 'memory' ? String(Math.round(usage / samples.length / 1000)) : averageValue,
  };
  const what = container === undefined ? `${resource} resource` : `${resource} container resource`;
  return {
    replicas,
    name: isUtilization ? `${what} utilization (percentage of request)` : what,
    status:
      container === undefined
        ? { type: 'Resource', resource: { name: resource, current } }
        : { type: 'ContainerResource', containerResource: { name: resource, container, current } },
  };
}

function readSamples(resource: string, container: string | undefined, question: MetricQuestion) {
  const samples: Sample[] = [];
  const missing: Sample[] = [];
  const unready: Sample[] = [];
  for (const pod of question.pods) {
    if (isTerminating(pod) || pod.status?.phase === 'Failed') continue;
    const { namespace, name } = pod.metadata;
    const request = requestOf(pod, resource, container);
    const usage = question.metrics
      ?.usageOf(namespace!, name!)
      ?.filter((each) => container === undefined || each.name === container)
      .reduce((total, each) => total + (resource === 'cpu' ? each.milliCpu : each.memoryBytes * 1000), 0);
    const sample = { pod: name!, usage: usage ?? 0, request };
    if (pod.status?.phase === 'Pending' || (resource === 'cpu' && isStarting(pod, question.now))) unready.push(sample);
    else if (usage === undefined) missing.push(sample);
    else samples.push(sample);
  }
  if (samples.length > 0) return { samples, missing, unready };
  const reason =
    resource === 'cpu' || resource === 'memory' ? 'FailedGetResourceMetric' : 'FailedGetContainerResourceMetric';
  const cause = question.metrics
    ? 'did not receive metrics for targeted pods (pods might be unready)'
    : `unable to get metrics for resource ${resource}: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)`;
  throw new MetricError(reason, `failed to get ${resource} utilization: ${cause}`);
}

/** In thousandths of a core or of a byte. */
function requestOf(pod: KubernetesObject, resource: string, container: string | undefined): number {
  let total = 0;
  for (const { name, resources } of pod.spec.containers) {
    if (container !== undefined && name !== container) continue;
    const request = resources?.requests?.[resource];
    if (request === undefined) {
      const message = `failed to get ${resource} utilization: missing request for ${resource} in container ${name} of Pod ${pod.metadata.name}`;
      throw new MetricError('FailedGetResourceMetric', message);
    }
    total += milliValue(parseQuantity(request));
  }
  return total;
}

/** A pod that warms up uses CPU that says nothing about its load. */
function isStarting(pod: KubernetesObject, now: number): boolean {
  const ready = podCondition(pod, 'Ready');
  const startTime: string | undefined = pod.status?.startTime;
  if (!ready || !startTime) return true;
  if (now - Date.parse(startTime) < CPU_INITIALIZATION_MS) return ready.status === 'False';
  const transition = Date.parse(ready.lastTransitionTime ?? startTime);
  return ready.status === 'False' && Date.parse(startTime) + READINESS_DELAY_MS > transition;
}

interface Adjustment {
  readonly samples: readonly Sample[];
  readonly missing: readonly Sample[];
  readonly unready: readonly Sample[];
  readonly ratioOf: (samples: readonly Sample[]) => number;
  readonly current: number;
  /** What a missing pod is taken to use when there are too many, in percent of its request. */
  readonly full: number;
}

function adjust({ samples, missing, unready, ratioOf, current, full }: Adjustment): number {
  const ratio = ratioOf(samples);
  const isNear = (value: number) => Math.abs(1 - value) <= TOLERANCE;
  const countUnready = unready.length > 0 && ratio > 1;
  if (missing.length === 0 && !countUnready) return isNear(ratio) ? current : Math.ceil(ratio * samples.length);
  const assumed = missing.map((each) => ({ ...each, usage: ratio < 1 ? (each.request * full) / 100 : 0 }));
  const idle = countUnready ? unready.map((each) => ({ ...each, usage: 0 })) : [];
  const all = [...samples, ...assumed, ...idle];
  const corrected = ratioOf(all);
  if (isNear(corrected) || (ratio < 1 && corrected > 1) || (ratio > 1 && corrected < 1)) return current;
  const replicas = Math.ceil(corrected * all.length);
  return (corrected < 1 && replicas > current) || (corrected > 1 && replicas < current) ? current : replicas;
}
