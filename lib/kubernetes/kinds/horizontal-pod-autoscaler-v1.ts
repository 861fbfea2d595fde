/**
 * How `autoscaling/v1` says what `autoscaling/v2` holds: the CPU target as a field, everything else as JSON in annotations.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v1/
 */
import type { Draft } from './kind-definition';

const PREFIX = 'autoscaling.alpha.kubernetes.io/';
const METRICS = `${PREFIX}metrics`;
const CURRENT_METRICS = `${PREFIX}current-metrics`;
const CONDITIONS = `${PREFIX}conditions`;
const BEHAVIOR = `${PREFIX}behavior`;

/** What v2 has fields for. */
export const ALPHA_ANNOTATIONS = [METRICS, CURRENT_METRICS, CONDITIONS, BEHAVIOR];

const isCpu = (metric: any): boolean => metric.type === 'Resource' && metric.resource?.name === 'cpu';
const cpu = (target: unknown) => ({ type: 'Resource', resource: { name: 'cpu', target } });

export function toV2(draft: Draft): Draft {
  const { spec, status = {}, metadata } = draft;
  const take = (key: string): any => {
    const text = metadata.annotations?.[key];
    if (text === undefined) return undefined;
    delete metadata.annotations![key];
    if (Object.keys(metadata.annotations!).length === 0) delete metadata.annotations;
    try {
      return JSON.parse(text) ?? undefined;
    } catch {
      return undefined;
    }
  };
  const metrics: any[] = (take(METRICS) ?? []).map(metricToV2);
  const percentage = spec.targetCPUUtilizationPercentage;
  delete spec.targetCPUUtilizationPercentage;
  if (percentage !== undefined) metrics.unshift(cpu({ type: 'Utilization', averageUtilization: percentage }));
  if (metrics.length === 0) metrics.push(cpu({ type: 'Utilization', averageUtilization: 80 }));
  spec.metrics = metrics;
  const behavior = take(BEHAVIOR);
  if (behavior) spec.behavior = behavior;
  const current: any[] = (take(CURRENT_METRICS) ?? []).map(currentToV2);
  const currentPercentage = status.currentCPUUtilizationPercentage;
  delete status.currentCPUUtilizationPercentage;
  if (currentPercentage !== undefined && current.length === 0) {
    current.push({
      type: 'Resource',
      resource: { name: 'cpu', current: { averageUtilization: currentPercentage } },
    });
  }
  status.currentMetrics = current.length === 0 ? null : current;
  const conditions = take(CONDITIONS);
  if (conditions) status.conditions = conditions;
  if (status.currentReplicas === 0) delete status.currentReplicas;
  status.desiredReplicas ??= 0;
  draft.status = status;
  draft.apiVersion = 'autoscaling/v2';
  return draft;
}

export function fromV2(draft: Draft): Draft {
  const { spec, status = {}, metadata } = draft;
  const put = (key: string, value: unknown) => {
    metadata.annotations = { ...metadata.annotations, [key]: JSON.stringify(value) };
  };
  const others: any[] = [];
  for (const metric of spec.metrics ?? []) {
    const percentage = isCpu(metric) ? metric.resource.target.averageUtilization : undefined;
    if (percentage !== undefined && spec.targetCPUUtilizationPercentage === undefined) {
      spec.targetCPUUtilizationPercentage = percentage;
    } else others.push(metricToV1(metric));
  }
  delete spec.metrics;
  if (others.length > 0) put(METRICS, others);
  if (spec.behavior) put(BEHAVIOR, spec.behavior);
  delete spec.behavior;
  for (const metric of status.currentMetrics ?? []) {
    const percentage = isCpu(metric) ? metric.resource.current.averageUtilization : undefined;
    if (percentage !== undefined) status.currentCPUUtilizationPercentage = percentage;
  }
  if (status.currentMetrics?.length) put(CURRENT_METRICS, status.currentMetrics.map(currentToV1));
  delete status.currentMetrics;
  if (status.conditions?.length) put(CONDITIONS, status.conditions);
  delete status.conditions;
  status.currentReplicas ??= 0;
  status.desiredReplicas ??= 0;
  draft.apiVersion = 'autoscaling/v1';
  return draft;
}

/** The annotation flattens targets: `targetAverageValue` instead of `target.averageValue`. */
function metricToV1({ type, resource, containerResource, pods, object, external }: any): unknown {
  if (resource) return { type, resource: { name: resource.name, ...resourceTarget(resource.target) } };
  if (containerResource) {
    const { name, container, target } = containerResource;
    return { type, containerResource: { name, ...resourceTarget(target), container } };
  }
  if (pods) {
    const { metric, target } = pods;
    return { type, pods: { metricName: metric.name, targetAverageValue: target.averageValue, ...selectorOf(metric) } };
  }
  if (object) {
    const { metric, target, describedObject } = object;
    const value = target.value ?? '0';
    const average = target.averageValue === undefined ? {} : { averageValue: target.averageValue };
    const named = { target: describedObject, metricName: metric.name, targetValue: value };
    return { type, object: { ...named, ...selectorOf(metric), ...average } };
  }
  if (external) {
    const { metric, target } = external;
    const selector = metric.selector ? { metricSelector: metric.selector } : {};
    const value = target.value === undefined ? {} : { targetValue: target.value };
    const average = target.averageValue === undefined ? {} : { targetAverageValue: target.averageValue };
    return { type, external: { metricName: metric.name, ...selector, ...value, ...average } };
  }
  return { type };
}

const selectorOf = (metric: any) => (metric.selector ? { selector: metric.selector } : {});

const resourceTarget = ({ averageUtilization, averageValue }: any) => ({
  ...(averageUtilization === undefined ? {} : { targetAverageUtilization: averageUtilization }),
  ...(averageValue === undefined ? {} : { targetAverageValue: averageValue }),
});

function metricToV2(metric: any): unknown {
  const { type, resource, containerResource, pods, object, external } = metric;
  const goal = ({ targetAverageUtilization: utilization, targetAverageValue: value }: any) =>
    utilization !== undefined
      ? { type: 'Utilization', averageUtilization: utilization }
      : { type: 'AverageValue', averageValue: value };
  if (resource) return { type, resource: { name: resource.name, target: goal(resource) } };
  if (containerResource) {
    const { name, container } = containerResource;
    return { type, containerResource: { name, container, target: goal(containerResource) } };
  }
  if (pods) {
    const identity = { name: pods.metricName, ...selectorOf(pods) };
    return {
      type,
      pods: { metric: identity, target: { type: 'AverageValue', averageValue: pods.targetAverageValue } },
    };
  }
  if (object) {
    const identity = { name: object.metricName, ...selectorOf(object) };
    const target =
      object.averageValue === undefined
        ? { type: 'Value', value: object.targetValue }
        : { type: 'AverageValue', averageValue: object.averageValue };
    return { type, object: { describedObject: object.target, target, metric: identity } };
  }
  if (external) {
    const identity = {
      name: external.metricName,
      ...(external.metricSelector ? { selector: external.metricSelector } : {}),
    };
    const target =
      external.targetAverageValue === undefined
        ? { type: 'Value', value: external.targetValue }
        : { type: 'AverageValue', averageValue: external.targetAverageValue };
    return { type, external: { metric: identity, target } };
  }
  return { type };
}

function currentToV1(metric: any): unknown {
  const { type, resource, pods, object, external } = metric;
  if (resource) {
    const { averageUtilization, averageValue } = resource.current;
    const utilization = averageUtilization === undefined ? {} : { currentAverageUtilization: averageUtilization };
    return { type, resource: { name: resource.name, ...utilization, currentAverageValue: averageValue ?? '0' } };
  }
  if (pods) return { type, pods: { metricName: pods.metric.name, currentAverageValue: pods.current.averageValue } };
  if (object) {
    const { describedObject, metric: identity, current } = object;
    return { type, object: { target: describedObject, metricName: identity.name, currentValue: current.value } };
  }
  if (external) {
    const { metric: identity, current } = external;
    const average = current.averageValue === undefined ? {} : { currentAverageValue: current.averageValue };
    return { type, external: { metricName: identity.name, currentValue: current.value ?? '0', ...average } };
  }
  return { type };
}

function currentToV2(metric: any): unknown {
  const { type, resource, pods, object, external } = metric;
  if (resource) {
    const { name, currentAverageUtilization: utilization, currentAverageValue: value } = resource;
    const known = utilization === undefined ? {} : { averageUtilization: utilization };
    return { type, resource: { name, current: { ...known, averageValue: value } } };
  }
  if (pods)
    return { type, pods: { metric: { name: pods.metricName }, current: { averageValue: pods.currentAverageValue } } };
  if (object) {
    const identity = { name: object.metricName };
    return {
      type,
      object: { metric: identity, current: { value: object.currentValue }, describedObject: object.target },
    };
  }
  if (external) {
    return { type, external: { metric: { name: external.metricName }, current: { value: external.currentValue } } };
  }
  return { type };
}
