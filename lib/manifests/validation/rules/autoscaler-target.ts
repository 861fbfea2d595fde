/** Autoscalers and the workloads that they scale. */
import type { KubernetesObject } from '../../../kubernetes/object';
import { type AppModel, namespaceOf } from '../app-model';
import type { Rule } from '../rule';

export const autoscalerMissingTarget: Rule = {
  id: 'autoscaler-missing-target',
  severity: 'error',
  see: 'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/',
  about: 'A HorizontalPodAutoscaler scales one workload of its namespace by kind and name.',
  check(app, report) {
    for (const { autoscaler, target } of autoscalers(app)) {
      if (!target?.name || app.has(target.kind, namespaceOf(autoscaler), target.name)) continue;
      report(autoscaler, {
        field: 'spec.scaleTargetRef',
        message: `scales ${target.kind} "${target.name}", which is not in the application`,
        fix: 'correct kind and name',
      });
    }
  },
};

export const autoscalerAndReplicas: Rule = {
  id: 'autoscaler-and-replicas',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/',
  about: 'With an autoscaler and a fixed number of replicas, every apply undoes what the autoscaler did.',
  check(app, report) {
    for (const { autoscaler, target } of autoscalers(app)) {
      const workload = target && app.tryGet(target.kind, namespaceOf(autoscaler), target.name);
      const replicas = workload?.spec?.replicas;
      if (workload === undefined || typeof replicas !== 'number') continue;
      report(workload, {
        field: 'spec.replicas',
        message: `says replicas: ${replicas}, but HorizontalPodAutoscaler "${autoscaler.metadata.name}" decides that`,
        fix: 'remove spec.replicas',
      });
    }
  },
};

interface Target {
  readonly kind: string;
  readonly name: string;
}

function autoscalers(app: AppModel): { readonly autoscaler: KubernetesObject; readonly target: Target | undefined }[] {
  const all: readonly KubernetesObject[] = [
    ...app.all('autoscaling/v2/HorizontalPodAutoscaler'),
    ...app.all('autoscaling/v1/HorizontalPodAutoscaler'),
  ];
  return all.map((autoscaler) => ({ autoscaler, target: autoscaler.spec?.scaleTargetRef }));
}
