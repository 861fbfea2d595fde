/**
 * Deployments: replicas of a Pod template, rolled over when the template changes.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
 */
import { semanticEqual } from '../equality';
import { formatSelector } from '../selectors';
import { age, containersAndImages } from './cells';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';
import { applyPodTemplateDefaults } from './pod/defaults';

function defaults({ spec }: Draft): void {
  applyPodTemplateDefaults(spec.template);
  spec.replicas ??= 1;
  spec.strategy ??= {};
  const { strategy } = spec;
  if (!strategy.type) strategy.type = 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.maxUnavailable ??= '25%';
    strategy.rollingUpdate.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
}

export const deployment = defineKind({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  resource: 'deployments',
  defaults,
  // Annotations count too: the controller copies them to its ReplicaSets.
  generation: (next, old) =>
    !semanticEqual(next.spec, old.spec) || !semanticEqual(next.metadata.annotations, old.metadata.annotations),
  status: { resets: 'spec and labels' },
  cells: (object, context) => {
    const { metadata, spec, status = {} } = object;
    return [
      metadata.name!,
      `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
      status.updatedReplicas ?? 0,
      status.availableReplicas ?? 0,
      age(object, context),
      ...containersAndImages(spec.template?.spec),
      formatSelector(spec.selector),
    ];
  },
});
