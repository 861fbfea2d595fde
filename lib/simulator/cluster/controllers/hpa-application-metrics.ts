/**
 * Metrics that applications tell of themselves: of each pod, of one object, or from outside the cluster.
 * https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale-walkthrough/#autoscaling-on-multiple-metrics-and-custom-metrics
 *
 * A total (`value`) asks for ready pods * value / target; an average (`averageValue`) for total / target: a queue of 90
 * messages with 30 for each pod asks for 3.
 */
import { isTerminating } from '../../../kubernetes/object';
import { milliValue, parseQuantity } from '../../../kubernetes/quantity';
import type { LabelSelector } from '../../../kubernetes/selectors';
import {
  adjust,
  isWithin,
  MetricError,
  type MetricProposal,
  type MetricQuestion,
  type Sample,
} from './hpa-calculation';
import { isPodReady } from './pods';

const NO_CUSTOM_API = 'no custom metrics API (custom.metrics.k8s.io) registered';

const milli = (quantity: string) => milliValue(parseQuantity(quantity));
/** A quantity of thousandths: `1500m`, `2`. */
const quantity = (value: number) => (value % 1000 === 0 ? String(value / 1000) : `${Math.round(value)}m`);

export function podsProposal({ metric, target }: any, question: MetricQuestion): MetricProposal {
  const { pods, namespace, applications, replicas, tolerance } = question;
  const wanted = milli(target.averageValue);
  const fail = (cause: string) =>
    new MetricError('FailedGetPodsMetric', `unable to get metric ${metric.name}: ${cause}`, PODS_SUMMARY);
  const samples: Sample[] = [];
  const missing: Sample[] = [];
  const unready: Sample[] = [];
  let isKnown = false;
  for (const pod of pods) {
    if (isTerminating(pod) || pod.status?.phase === 'Failed') continue;
    const name = pod.metadata.name!;
    const value = applications?.podValue(metric.name, namespace, name);
    if (value !== undefined) isKnown = true;
    const sample = { pod: name, usage: (value ?? 0) * 1000, request: wanted };
    if (pod.status?.phase === 'Pending') unready.push(sample);
    else if (value === undefined) missing.push(sample);
    else samples.push(sample);
  }
  if (!isKnown) {
    const cause = applications?.hasCustom
      ? `the server could not find the metric ${metric.name} for pods`
      : NO_CUSTOM_API;
    throw fail(`unable to fetch metrics from custom metrics API: ${cause}`);
  }
  if (samples.length === 0) {
    const message = 'did not receive metrics for any ready pods';
    throw new MetricError('FailedGetPodsMetric', message, PODS_SUMMARY);
  }
  const sum = (list: readonly Sample[]) => list.reduce((total, { usage }) => total + usage, 0);
  const ratioOf = (list: readonly Sample[]) => sum(list) / list.length / wanted;
  return {
    replicas: adjust({ samples, missing, unready, ratioOf, current: replicas, tolerance, full: 100 }),
    name: `pods metric ${metric.name}`,
    status: {
      type: 'Pods',
      pods: {
        metric: identifier(metric),
        current: { averageValue: quantity(Math.floor(sum(samples) / samples.length)) },
      },
    },
  };
}

const PODS_SUMMARY = 'failed to get pods metric value';

export function objectProposal({ metric, target, describedObject }: any, question: MetricQuestion): MetricProposal {
  const { applications, namespace } = question;
  const { kind, name } = describedObject;
  const value = applications?.objectValue(metric.name, { kind, name, namespace });
  if (value === undefined) {
    const cause = applications?.hasCustom
      ? `the server could not find the metric ${metric.name} for ${kind.toLowerCase()}s ${name}`
      : NO_CUSTOM_API;
    const message = `unable to get metric ${metric.name}: ${kind} on ${namespace} ${name}/unable to fetch metrics from custom metrics API: ${cause}`;
    throw new MetricError('FailedGetObjectMetric', message, 'failed to get object metric value');
  }
  const { replicas, current } = totalProposal(value * 1000, target, question);
  return {
    replicas,
    name: target.value === undefined ? externalName(metric) : `${kind} metric ${metric.name}`,
    status: { type: 'Object', object: { describedObject, metric: identifier(metric), current } },
  };
}

export function externalProposal({ metric, target }: any, question: MetricQuestion): MetricProposal {
  const { applications, namespace } = question;
  const values = applications?.externalValues(metric.name, metric.selector);
  if (!values || values.length === 0) {
    const cause = values
      ? 'no metrics returned from external metrics API'
      : applications?.hasExternal
        ? `unable to fetch metrics from external metrics API: the server could not find the metric ${metric.name} for`
        : `unable to fetch metrics from external metrics API: the server could not find the requested resource (get ${metric.name}.external.metrics.k8s.io)`;
    const message = `unable to get external metric ${namespace}/${metric.name}/${goSelector(metric.selector)}: ${cause}`;
    throw new MetricError('FailedGetExternalMetric', message, `failed to get ${metric.name} external metric value`);
  }
  const total = values.reduce((sum, value) => sum + value * 1000, 0);
  const { replicas, current } = totalProposal(total, target, question);
  return {
    replicas,
    name: externalName(metric),
    status: { type: 'External', external: { metric: identifier(metric), current } },
  };
}

/** What one number for all pods asks for. */
function totalProposal(total: number, target: any, { pods, replicas, tolerance }: MetricQuestion) {
  if (target.averageValue !== undefined) {
    const wanted = milli(target.averageValue);
    const isNear = isWithin(total / (wanted * replicas), tolerance);
    return {
      replicas: isNear ? replicas : Math.ceil(total / wanted),
      current: { averageValue: quantity(Math.ceil(total / replicas)) },
    };
  }
  const ratio = total / milli(target.value);
  const current = { value: quantity(total) };
  if (replicas === 0) return { replicas: Math.ceil(ratio), current };
  if (isWithin(ratio, tolerance)) return { replicas, current };
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod)).length;
  return { replicas: Math.ceil(ratio * ready), current };
}

const identifier = ({ name, selector }: any) => ({ name, ...(selector ? { selector } : {}) });

const externalName = (metric: any) => `external metric ${metric.name}(${goSelector(metric.selector)})`;

/** A label selector as Go prints it in messages. */
function goSelector(selector: LabelSelector | undefined): string {
  if (!selector) return 'nil';
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.map(([key, value]) => `${key}: ${value},`).join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}
