/** What an autoscaler measures, and who else it may fight with. */
import type * as autoscalingv2 from '../../../kubernetes/types/autoscaling-v2.generated';
import { namespaceOf } from '../app-model';
import type { Rule } from '../rule';

export const autoscalerWithoutRequests: Rule = {
  id: 'autoscaler-without-requests',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details',
  about:
    'Utilization is a share of what containers request; with a container that requests nothing it cannot be told, and nothing scales.',
  check(app, report) {
    for (const autoscaler of app.all('autoscaling/v2/HorizontalPodAutoscaler')) {
      const target = autoscaler.spec?.scaleTargetRef;
      const object = target && app.tryGet(target.kind, namespaceOf(autoscaler), target.name);
      const workload = object && app.workloadOf(object);
      if (workload === undefined || app.hasDefaults(workload.namespace)) continue;
      for (const resource of utilized(autoscaler)) {
        const without = workload.pod.containers.find(({ resources }) => {
          return resources?.requests?.[resource] === undefined && resources?.limits?.[resource] === undefined;
        });
        if (without === undefined) continue;
        report(autoscaler, {
          field: 'spec.metrics',
          message: `scales by the utilization of ${resource}, but container "${without.name}" of ${target!.kind} "${target!.name}" requests none`,
          fix: `give the container resources.requests.${resource}`,
        });
      }
    }
  },
};

/** Without metrics, an autoscaler looks at the CPU. */
function utilized({ spec }: autoscalingv2.HorizontalPodAutoscaler): string[] {
  if (spec?.metrics === undefined) return ['cpu'];
  return spec.metrics.flatMap((metric) => {
    // What is missing of a metric is the server's own finding.
    return metric.type === 'Resource' && metric.resource?.target?.type === 'Utilization' ? [metric.resource.name] : [];
  });
}

export const twoAutoscalers: Rule = {
  id: 'two-autoscalers',
  severity: 'error',
  see: 'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details',
  about: 'Two autoscalers of one workload set its replicas in turn; both stop with AmbiguousSelector.',
  check(app, report) {
    const first = new Map<string, autoscalingv2.HorizontalPodAutoscaler>();
    for (const autoscaler of app.all('autoscaling/v2/HorizontalPodAutoscaler')) {
      const { kind, name } = autoscaler.spec?.scaleTargetRef ?? {};
      const key = `${namespaceOf(autoscaler)}/${kind}/${name}`;
      const other = first.get(key);
      if (other === undefined) first.set(key, autoscaler);
      else {
        report(autoscaler, {
          field: 'spec.scaleTargetRef',
          message: `scales ${kind} "${name}", and so does HorizontalPodAutoscaler "${other.metadata.name}"`,
          fix: 'put all metrics into one of them: the highest answer counts',
        });
      }
    }
  },
};
