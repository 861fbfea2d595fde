/**
 * DaemonSets: one Pod on every node that fits. https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
 */
import { semanticEqual } from '../equality';
import { formatSelector } from '../selectors';
import { age, containersAndImages, formatLabels } from './cells';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';
import { applyPodTemplateDefaults } from './pod/defaults';

/** How often the template changed: a field of older APIs, kept as an annotation. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

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
  prepareForCreate: ({ metadata }) => {
    const given = Number.parseInt(metadata.annotations?.[TEMPLATE_GENERATION] ?? '', 10);
    metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: `${given >= 1 ? given : 1}` };
  },
  prepareForUpdate: ({ metadata, spec }, old) => {
    const before = Number.parseInt(old.metadata.annotations?.[TEMPLATE_GENERATION] ?? '', 10) || 0;
    const after = semanticEqual(spec.template, old.spec.template) ? before : before + 1;
    metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: `${after}` };
  },
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
