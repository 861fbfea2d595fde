/**
 * How many replicas one metric asks for. CPU and memory are here; what applications tell is in hpa-application-metrics.ts.
 * https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#support-for-resource-metrics
 */
import { isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import { milliValue, parseQuantity } from '../../../kubernetes/quantity';
import { externalProposal, objectProposal, podsProposal } from './hpa-application-metrics';
import { adjust, MetricError, type MetricProposal, type MetricQuestion, type Sample } from './hpa-calculation';
import { podCondition } from './pods';

/** For so long after its start the CPU usage of a pod that is not ready does not count. */
const CPU_INITIALIZATION_MS = 300_000;
const READINESS_DELAY_MS = 30_000;

/** @throws MetricError when the metric has no value. */
export function proposeReplicas(metric: any, question: MetricQuestion): MetricProposal {
  switch (metric.type) {
    case 'Pods':
      return podsProposal(metric.pods, question);
    case 'Object':
      return objectProposal(metric.object, question);
    case 'External':
      return externalProposal(metric.external, question);
    case 'ContainerResource':
      return resourceProposal(metric.containerResource, metric.containerResource.container, question);
    default:
      return resourceProposal(metric.resource, undefined, question);
  }
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
    tolerance: question.tolerance,
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
  const cause = question.metrics
    ? 'did not receive metrics for targeted pods (pods might be unready)'
    : `unable to get metrics for resource ${resource}: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)`;
  throw resourceError(resource, container, cause);
}

function resourceError(resource: string, container: string | undefined, cause: string): MetricError {
  const [kind, words] =
    container === undefined ? ['Resource', 'resource'] : ['ContainerResource', 'container resource'];
  const summary = `failed to get ${resource} ${words} metric value`;
  return new MetricError(`FailedGet${kind}Metric`, `failed to get ${resource} utilization: ${cause}`, summary);
}

/** In thousandths of a core or of a byte. */
function requestOf(pod: KubernetesObject, resource: string, container: string | undefined): number {
  let total = 0;
  for (const { name, resources } of pod.spec.containers) {
    if (container !== undefined && name !== container) continue;
    const request = resources?.requests?.[resource];
    if (request === undefined) {
      const cause = `missing request for ${resource} in container ${name} of Pod ${pod.metadata.name}`;
      throw resourceError(resource, container, cause);
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
