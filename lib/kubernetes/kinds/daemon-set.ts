/**
 * DaemonSets: one Pod on every node that fits. https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
 */
import { formatSelector } from '../selectors';
import { age, containersAndImages, formatLabels } from './cells';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';
import { applyPodTemplateDefaults } from './pod/defaults';

function defaults({ spec }: Draft): void {
  applyPodTemplateDefaults(spec.template);
  spec.updateStrategy ??= {};
  const strategy = spec.updateStrategy;
  if (!strategy.type) strategy.type = 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.maxUnavailable ??= 1;
    strategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
}

export const daemonSet = defineKind({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  resource: 'daemonsets',
  defaults,
  generation: 'spec',
  status: {
    initial: () => ({ currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 }),
  },
  cells: (object, context) => {
    const { metadata, spec, status = {} } = object;
    return [
      metadata.name!,
      status.desiredNumberScheduled ?? 0,
      status.currentNumberScheduled ?? 0,
      status.numberReady ?? 0,
      status.updatedNumberScheduled ?? 0,
      status.numberAvailable ?? 0,
      formatLabels(spec.template?.spec?.nodeSelector),
      age(object, context),
      ...containersAndImages(spec.template?.spec),
      formatSelector(spec.selector),
    ];
  },
});
