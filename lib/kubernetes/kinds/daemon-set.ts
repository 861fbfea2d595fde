/**
 * DaemonSets: one Pod on every node that fits. https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
 */

import { semanticEqual } from '../equality';
import type { ErrorList } from '../field-errors';
import type { KubernetesObject } from '../object';
import { compileLabelSelector, formatSelector } from '../selectors';
import { countOf, notMoreThanAll, notNegative, positiveIntOrPercent } from '../validation/checks';
import { isEmptySelector, isUsableSelector, validateLabelSelector } from '../validation/label-selectors';
import { immutable } from '../validation/object-meta';
import { age, containersAndImages, formatLabels } from './cells';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';
import { applyPodTemplateDefaults, dropStopSignals } from './pod/defaults';
import { podWarnings } from './pod/warnings';
import { SPEC, validateCounters, validateLastingTemplate, validateNotDecremented } from './workload-rules';

/** How often the template changed: a field of older APIs, kept as an annotation. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

/** The server keeps the number in the spec; what the client says of it in a write of the status does not count. */
function keepTemplateGeneration({ metadata }: Draft, old: KubernetesObject): void {
  const before = old.metadata.annotations?.[TEMPLATE_GENERATION] ?? '0';
  metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: before };
}

function defaults({ metadata, spec }: Draft): void {
  metadata.annotations = { [TEMPLATE_GENERATION]: '0', ...metadata.annotations };
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

const STRATEGY = SPEC.child('updateStrategy');

function validate({ spec }: KubernetesObject, errors: ErrorList): void {
  const { selector, template } = spec;
  validateLabelSelector(selector, SPEC.child('selector'), errors);
  // No selector at all matches nothing.
  if (isUsableSelector(selector) && !compileLabelSelector(selector)(template?.metadata?.labels)) {
    const at = SPEC.child('template').child('metadata').child('labels');
    errors.invalid(at, template?.metadata?.labels, '`selector` does not match template `labels`');
  }
  if (selector && isEmptySelector(selector)) {
    errors.invalid(SPEC.child('selector'), selector, 'empty selector is invalid for daemonset');
  }
  validateLastingTemplate(template, SPEC.child('template'), errors, { kind: 'DaemonSet' });
  notNegative(spec.minReadySeconds, SPEC.child('minReadySeconds'), errors);
  validateUpdateStrategy(spec.updateStrategy, errors);
  notNegative(spec.revisionHistoryLimit, SPEC.child('revisionHistoryLimit'), errors);
}

function validateUpdateStrategy({ type, rollingUpdate }: any, errors: ErrorList): void {
  if (type === 'OnDelete') return;
  if (type !== 'RollingUpdate') {
    errors.notSupported(STRATEGY.child('type'), type, ['RollingUpdate', 'OnDelete']);
    return;
  }
  const at = STRATEGY.child('rollingUpdate');
  if (!rollingUpdate) {
    errors.required(at);
    return;
  }
  const { maxUnavailable, maxSurge } = rollingUpdate;
  positiveIntOrPercent(maxUnavailable, at.child('maxUnavailable'), errors);
  positiveIntOrPercent(maxSurge, at.child('maxSurge'), errors);
  notMoreThanAll(maxUnavailable, at.child('maxUnavailable'), errors);
  notMoreThanAll(maxSurge, at.child('maxSurge'), errors);
  const unavailable = countOf(maxUnavailable);
  const surge = countOf(maxSurge);
  if (unavailable !== 0 && surge !== 0) {
    errors.invalid(at.child('maxSurge'), maxSurge, 'may not be set when maxUnavailable is non-zero');
  }
  if (unavailable === 0 && surge === 0) {
    errors.required(at.child('maxUnavailable'), 'cannot be 0 when maxSurge is 0');
  }
}

const counters = {
  notNegative: [
    'currentNumberScheduled',
    'numberMisscheduled',
    'desiredNumberScheduled',
    'numberReady',
    'observedGeneration',
    'updatedNumberScheduled',
    'numberAvailable',
    'numberUnavailable',
    'collisionCount',
  ],
} as const;

export const daemonSet = defineKind({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  resource: 'daemonsets',
  dropDisabledFields: ({ spec }) => dropStopSignals(spec.template?.spec),
  defaults,
  generation: 'spec',
  prepareForCreate: ({ metadata }) => {
    const given = Number.parseInt(metadata.annotations?.[TEMPLATE_GENERATION] ?? '', 10);
    metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: `${Math.max(given || 1, 1)}` };
  },
  prepareForUpdate: ({ metadata, spec }, old) => {
    const before = Number.parseInt(old.metadata.annotations?.[TEMPLATE_GENERATION] ?? '', 10) || 0;
    const after = semanticEqual(spec.template, old.spec.template) ? before : before + 1;
    metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: `${after}` };
  },
  convertedAnnotations: [TEMPLATE_GENERATION],
  status: {
    prepare: keepTemplateGeneration,
    initial: () => ({ currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 }),
    validate: (next, old, errors) => {
      validateCounters(next.status, errors, counters);
      validateNotDecremented(next, old, 'collisionCount', errors);
    },
  },
  warnings: ({ spec }) => podWarnings(spec.template, 'spec.template.'),
  validate,
  validateUpdate: (next, old, errors) => {
    immutable(next.spec.selector, old.spec.selector, SPEC.child('selector'), errors);
    validate(next, errors);
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
