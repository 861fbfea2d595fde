/**
 * What a HorizontalPodAutoscaler may say.
 * https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
 */
import { type ErrorList, type Path, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { parseQuantity } from '../quantity';
import { oneOf, requireName, requirePresent } from '../validation/checks';
import { pathSegment } from '../validation/names';
import { nonNegative } from '../validation/object-meta';

const SPEC = root('spec');
const MAX_WINDOW = 3600;
const MAX_PERIOD = 1800;
const TARGET_TYPES = ['Utilization', 'Value', 'AverageValue'];

/** Type of a metric -> the field that describes it. */
const sources: Readonly<
  Record<string, readonly [field: string, rule: (source: any, path: Path, errors: ErrorList) => void]>
> = {
  Object: ['object', validateObjectMetric],
  External: ['external', validateExternalMetric],
  Pods: ['pods', validatePodsMetric],
  Resource: ['resource', validateResourceMetric],
  ContainerResource: ['containerResource', validateContainerMetric],
};

export function validateAutoscaler({ spec = {} }: KubernetesObject, errors: ErrorList): void {
  const { minReplicas, maxReplicas = 0, scaleTargetRef = {}, metrics, behavior } = spec;
  if (minReplicas < 1) {
    errors.invalid(SPEC.child('minReplicas'), minReplicas, 'must be greater than or equal to 1');
  }
  const most = SPEC.child('maxReplicas');
  if (maxReplicas < 1) errors.invalid(most, maxReplicas, 'must be greater than 0');
  if (maxReplicas < minReplicas) errors.invalid(most, maxReplicas, 'must be greater than or equal to `minReplicas`');
  validateReference(scaleTargetRef, SPEC.child('scaleTargetRef'), errors);
  metrics?.forEach((metric: any, i: number) => {
    validateMetric(metric, SPEC.child('metrics').index(i), errors);
  });
  for (const direction of ['scaleUp', 'scaleDown']) {
    const rules = behavior?.[direction];
    if (rules) validateScaling(rules, SPEC.child('behavior').child(direction), errors);
  }
}

export function validateAutoscalerStatus({ status = {} }: KubernetesObject, errors: ErrorList): void {
  for (const field of ['currentReplicas', 'desiredReplicas']) {
    nonNegative(status[field] ?? 0, root('status').child(field), errors);
  }
}

function validateReference({ kind, name, apiVersion = '' }: any, path: Path, errors: ErrorList): void {
  requireName(kind, pathSegment, path.child('kind'), errors);
  requireName(name, pathSegment, path.child('name'), errors);
  if (apiVersion.split('/').length > 2) {
    errors.invalid(path.child('apiVersion'), apiVersion, `unexpected GroupVersion string: ${apiVersion}`);
  }
}

function validateMetric(metric: any, path: Path, errors: ErrorList): void {
  const { type } = metric;
  const at = path.child('type');
  if (requirePresent(type, at, errors, 'must specify a metric source type')) {
    oneOf(type, Object.keys(sources), at, errors);
  }
  const given = Object.values(sources).filter(([field]) => metric[field]);
  given.slice(0, 1).forEach(([field, rule]) => {
    rule(metric[field], path.child(field), errors);
  });
  const expected = sources[type]?.[0];
  if (expected && !metric[expected]) {
    errors.required(path.child(expected), 'must populate information for the given metric source');
  }
  if (given.length === 1) return;
  for (const [field] of given) {
    if (field !== expected) errors.forbidden(path.child(field), 'must populate the given metric source only');
  }
}

const NO_TARGET = 'must set either a target value for metric or a per-pod target';
const TWO_TARGETS = 'may not set both a target value for metric and a per-pod target';
const NO_RESOURCE_TARGET = 'must set either a target raw value or a target utilization';
const TWO_RESOURCE_TARGETS = 'may not set both a target raw value and a target utilization';

function validateObjectMetric({ describedObject = {}, metric, target }: any, path: Path, errors: ErrorList): void {
  validateReference(describedObject, path.child('describedObject'), errors);
  validateIdentifier(metric, path.child('metric'), errors);
  validateTarget(target, path.child('target'), errors);
  if (target?.value === undefined && target?.averageValue === undefined) {
    errors.required(path.child('target').child('averageValue'), NO_TARGET);
  }
}

function validateExternalMetric({ metric, target }: any, path: Path, errors: ErrorList): void {
  validateIdentifier(metric, path.child('metric'), errors);
  validateTarget(target, path.child('target'), errors);
  const [total, average] = [target?.value !== undefined, target?.averageValue !== undefined];
  if (!total && !average) errors.required(path.child('target').child('averageValue'), NO_TARGET);
  if (total && average) errors.forbidden(path.child('target').child('value'), TWO_TARGETS);
}

function validatePodsMetric({ metric, target }: any, path: Path, errors: ErrorList): void {
  validateIdentifier(metric, path.child('metric'), errors);
  validateTarget(target, path.child('target'), errors);
  if (target?.averageValue === undefined) {
    errors.required(path.child('target').child('averageValue'), 'must specify a positive target averageValue');
  }
}

function validateContainerMetric(source: any, path: Path, errors: ErrorList): void {
  requirePresent(source.name, path.child('name'), errors, 'must specify a resource name');
  requirePresent(source.container, path.child('container'), errors, 'must specify a container');
  validateResourceTarget(source.target, path.child('target'), errors);
}

function validateResourceMetric(source: any, path: Path, errors: ErrorList): void {
  requirePresent(source.name, path.child('name'), errors, 'must specify a resource name');
  validateResourceTarget(source.target, path.child('target'), errors);
}

function validateResourceTarget(target: any, path: Path, errors: ErrorList): void {
  validateTarget(target, path, errors);
  const [share, average] = [target?.averageUtilization !== undefined, target?.averageValue !== undefined];
  if (!share && !average) errors.required(path.child('averageUtilization'), NO_RESOURCE_TARGET);
  if (share && average) errors.forbidden(path.child('averageValue'), TWO_RESOURCE_TARGETS);
}

function validateTarget(target: any, path: Path, errors: ErrorList): void {
  const { type = '', averageUtilization } = target ?? {};
  if (!type) errors.required(path.child('type'), 'must specify a metric target type');
  if (!TARGET_TYPES.includes(type)) {
    errors.invalid(path.child('type'), type, 'must be either Utilization, Value, or AverageValue');
  }
  for (const field of ['value', 'averageValue']) {
    if (target?.[field] === undefined) continue;
    const amount = parseQuantity(target[field]);
    if (amount.nano <= 0n) errors.invalid(path.child(field), amount.text, 'must be positive');
  }
  if (averageUtilization < 1) {
    errors.invalid(path.child('averageUtilization'), averageUtilization, 'must be greater than 0');
  }
}

function validateIdentifier(metric: any, path: Path, errors: ErrorList): void {
  const at = path.child('name');
  if (!requirePresent(metric?.name, at, errors, 'must specify a metric name')) return;
  for (const message of pathSegment(metric.name)) errors.invalid(at, metric.name, message);
}

function validateScaling(rules: any, path: Path, errors: ErrorList): void {
  const { stabilizationWindowSeconds: seconds, selectPolicy, policies, tolerance } = rules;
  const window = path.child('stabilizationWindowSeconds');
  if (seconds < 0) errors.invalid(window, seconds, 'must be greater than or equal to zero');
  if (seconds > MAX_WINDOW) errors.invalid(window, seconds, `must be less than or equal to ${MAX_WINDOW}`);
  if (selectPolicy !== undefined) oneOf(selectPolicy, ['Disabled', 'Max', 'Min'], path.child('selectPolicy'), errors);
  requirePresent(policies, path.child('policies'), errors, 'must specify at least one Policy');
  policies?.forEach((policy: any, i: number) => {
    validateScalingPolicy(policy, path.child('policies').index(i), errors);
  });
  if (tolerance !== undefined && parseQuantity(tolerance).nano < 0n) {
    errors.invalid(path.child('tolerance'), parseQuantity(tolerance).text, 'must be greater than or equal to 0');
  }
}

function validateScalingPolicy({ type = '', value = 0, periodSeconds = 0 }: any, path: Path, errors: ErrorList): void {
  oneOf(type, ['Percent', 'Pods'], path.child('type'), errors);
  if (value <= 0) errors.invalid(path.child('value'), value, 'must be greater than zero');
  const period = path.child('periodSeconds');
  if (periodSeconds <= 0) errors.invalid(period, periodSeconds, 'must be greater than zero');
  if (periodSeconds > MAX_PERIOD) {
    errors.invalid(period, periodSeconds, `must be less than or equal to ${MAX_PERIOD}`);
  }
}
