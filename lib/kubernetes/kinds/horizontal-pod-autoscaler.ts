/**
 * HorizontalPodAutoscalers: as many replicas as the load asks for.
 * https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
 *
 * Stored as `autoscaling/v2`. `autoscaling/v1` knows one target, the CPU; what else v2 says it carries in annotations.
 */

import type { KubernetesObject } from '../object';
import { givenEmpty } from '../schema/go-form';
import { age } from './cells';
import { defineKind } from './define-kind';
import { validateAutoscaler, validateAutoscalerStatus } from './horizontal-pod-autoscaler-rules';
import { ALPHA_ANNOTATIONS, fromV2, toV2 } from './horizontal-pod-autoscaler-v1';
import type { Draft } from './kind-definition';

export const defaultMetrics = () => [
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
];

function defaults({ apiVersion, spec }: Draft): void {
  spec.minReplicas ??= 1;
  if (apiVersion !== 'autoscaling/v2') return;
  if (!spec.metrics?.length) spec.metrics = defaultMetrics();
  if (spec.behavior) applyBehaviorDefaults(spec.behavior);
}

/** Up as fast as doubling or four Pods in 15 seconds, down to nothing if the load is gone. */
export function applyBehaviorDefaults(behavior: any): void {
  behavior.scaleUp ??= {};
  behavior.scaleDown ??= {};
  const { scaleUp, scaleDown } = behavior;
  scaleUp.stabilizationWindowSeconds ??= 0;
  scaleUp.selectPolicy ??= 'Max';
  // An empty list is no wish for the defaults but a mistake.
  if (!givenEmpty(scaleUp, 'policies'))
    scaleUp.policies ??= [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ];
  scaleDown.selectPolicy ??= 'Max';
  if (!givenEmpty(scaleDown, 'policies')) scaleDown.policies ??= [{ type: 'Percent', value: 100, periodSeconds: 15 }];
}

export const horizontalPodAutoscaler = defineKind({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  resource: 'horizontalpodautoscalers',
  convertedAnnotations: ALPHA_ANNOTATIONS,
  conversions: { 'autoscaling/v1': { toHub: toV2, fromHub: fromV2 } },
  defaults,
  status: {
    initial: () => ({ desiredReplicas: 0, currentMetrics: null }),
    validate: (next, _old, errors) => validateAutoscalerStatus(next, errors),
  },
  validate: validateAutoscaler,
  cells: (object, context) => {
    const { metadata, spec = {}, status = {} } = object;
    return [
      metadata.name!,
      `${spec.scaleTargetRef?.kind}/${spec.scaleTargetRef?.name}`,
      targets(object),
      spec.minReplicas === undefined ? '<unset>' : `${spec.minReplicas}`,
      spec.maxReplicas ?? 0,
      status.currentReplicas ?? 0,
      age(object, context),
    ];
  },
});

const SHOWN = 2;

/** `cpu: 20%/80%, 1k/2k (avg) + 1 more...` */
function targets({ spec, status }: KubernetesObject): string {
  const metrics: any[] = spec?.metrics ?? [];
  if (metrics.length === 0) return '<none>';
  const texts = metrics.map((metric, i) => target(metric, status?.currentMetrics?.[i]));
  const shown = texts.slice(0, SHOWN).join(', ');
  return texts.length > SHOWN ? `${shown} + ${texts.length - SHOWN} more...` : shown;
}

function target(metric: any, current: any): string {
  switch (metric.type) {
    case 'External':
    case 'Object': {
      const field = metric.type === 'External' ? 'external' : 'object';
      const wanted = metric[field]?.target ?? {};
      const found = current?.[field]?.current;
      return wanted.averageValue !== undefined
        ? `${found?.averageValue ?? '<unknown>'}/${wanted.averageValue} (avg)`
        : `${found?.value ?? '<unknown>'}/${wanted.value}`;
    }
    case 'Pods':
      return `${current?.pods?.current?.averageValue ?? '<unknown>'}/${metric.pods?.target?.averageValue}`;
    case 'Resource':
    case 'ContainerResource': {
      const field = metric.type === 'Resource' ? 'resource' : 'containerResource';
      const { name, target: wanted = {} } = metric[field] ?? {};
      const found = current?.[field]?.current;
      if (wanted.averageValue !== undefined) {
        return `${name}: ${found?.averageValue ?? '<unknown>'}/${wanted.averageValue}`;
      }
      const now = found?.averageUtilization === undefined ? '<unknown>' : `${found.averageUtilization}%`;
      const goal = wanted.averageUtilization === undefined ? '<auto>' : `${wanted.averageUtilization}%`;
      return `${name}: ${now}/${goal}`;
    }
    default:
      return '<unknown type>';
  }
}
