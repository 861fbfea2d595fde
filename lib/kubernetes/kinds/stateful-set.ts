/**
 * StatefulSets: Pods with an identity, an order and storage of their own.
 * https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
 */

import { semanticEqual } from '../equality';
import type { ErrorList } from '../field-errors';
import type { KubernetesObject } from '../object';
import { notNegative, oneOfInOrder } from '../validation/checks';
import { printStruct } from '../validation/go-structs';
import { isUsableSelector } from '../validation/label-selectors';
import { check, dnsLabel, nameIsLabel } from '../validation/names';
import { validateAnnotations, validateLabels } from '../validation/object-meta';
import { age, containersAndImages } from './cells';
import { validateClaimSpec } from './claim-spec';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';
import { applyClaimSpecDefaults, applyPodTemplateDefaults, dropStopSignals } from './pod/defaults';
import { validatePodTemplate } from './pod/rules';
import { podWarnings } from './pod/warnings';
import {
  SPEC,
  validateCounters,
  validateNoDeadline,
  validateNotDecremented,
  validateRestartsAlways,
  validateSelector,
  validateTemplateLabels,
} from './workload-rules';

function defaults({ spec }: Draft): void {
  applyPodTemplateDefaults(spec.template);
  for (const claim of spec.volumeClaimTemplates ?? []) applyClaimTemplateDefaults(claim);
  if (!spec.podManagementPolicy) spec.podManagementPolicy = 'OrderedReady';
  spec.updateStrategy ??= {};
  const strategy = spec.updateStrategy;
  if (!strategy.type) {
    strategy.type = 'RollingUpdate';
    strategy.rollingUpdate ??= {};
  }
  if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate) {
    strategy.rollingUpdate.partition ??= 0;
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  const retention = spec.persistentVolumeClaimRetentionPolicy;
  if (!retention.whenDeleted) retention.whenDeleted = 'Retain';
  if (!retention.whenScaled) retention.whenScaled = 'Retain';
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
}

/** Claims inside a StatefulSet are complete objects, with kind and status. */
function applyClaimTemplateDefaults(claim: any): void {
  claim.apiVersion = 'v1';
  claim.kind = 'PersistentVolumeClaim';
  claim.spec ??= {};
  applyClaimSpecDefaults(claim.spec);
  claim.status ??= {};
  if (!claim.status.phase) claim.status.phase = 'Pending';
}

const rollingUpdateStruct = { Partition: ['partition', 0], MaxUnavailable: ['maxUnavailable', null] } as const;
const strategyStruct = { Type: ['type', ''], RollingUpdate: ['rollingUpdate', null, rollingUpdateStruct] } as const;
const STRATEGY = SPEC.child('updateStrategy');
const RETENTION = SPEC.child('persistentVolumeClaimRetentionPolicy');

function validate(object: KubernetesObject, errors: ErrorList): void {
  const { spec } = object;
  const policy = spec.podManagementPolicy;
  if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    errors.invalid(SPEC.child('podManagementPolicy'), policy, "must be 'OrderedReady' or 'Parallel'");
  }
  validateUpdateStrategy(spec.updateStrategy, errors);
  const retention = spec.persistentVolumeClaimRetentionPolicy;
  for (const field of ['whenDeleted', 'whenScaled']) {
    if (retention) oneOfInOrder(retention[field], ['Retain', 'Delete'], RETENTION.child(field), errors);
  }
  notNegative(spec.replicas, SPEC.child('replicas'), errors);
  notNegative(spec.minReadySeconds, SPEC.child('minReadySeconds'), errors);
  notNegative(spec.ordinals?.start, SPEC.child('ordinals.start'), errors);
  if (spec.serviceName) check(spec.serviceName, dnsLabel, SPEC.child('serviceName'), errors);
  validateSelector(spec.selector, SPEC.child('selector'), errors, { owner: 'statefulset' });
  const template = SPEC.child('template');
  if (!isUsableSelector(spec.selector)) errors.invalid(SPEC.child('selector'), spec.selector);
  else {
    validateTemplateLabels(spec.selector, spec.template, template, errors);
    // The server looks at these twice.
    validateLabels(spec.template.metadata?.labels, template.child('labels'), errors);
    validateAnnotations(spec.template.metadata?.annotations, template.child('annotations'), errors);
    validatePodTemplate(withClaimVolumes(spec), template, errors);
  }
  validateRestartsAlways(spec.template, template, errors);
  validateNoDeadline(spec.template, template, errors, { kind: 'StatefulSet' });
}

function validateUpdateStrategy(strategy: any, errors: ErrorList): void {
  const { type, rollingUpdate } = strategy;
  const at = STRATEGY.child('rollingUpdate');
  if (type === 'OnDelete') {
    if (!rollingUpdate) return;
    const shown = printStruct(rollingUpdateStruct, rollingUpdate);
    errors.invalid(at, shown, "only allowed for updateStrategy 'RollingUpdate'");
  } else if (type === 'RollingUpdate') notNegative(rollingUpdate?.partition, at.child('partition'), errors);
  else errors.invalid(STRATEGY, printStruct(strategyStruct, strategy), "must be 'RollingUpdate' or 'OnDelete'");
}

/** A volume for every claim, so that mounts find them. A volume of the template with the same name gives way. */
function withClaimVolumes({ template, volumeClaimTemplates }: any): any {
  if (!volumeClaimTemplates?.length) return template;
  const names = new Set(volumeClaimTemplates.map(({ metadata }: any) => metadata?.name));
  const own = (template.spec?.volumes ?? []).filter(({ name }: any) => !names.has(name));
  const claims = volumeClaimTemplates.map(({ metadata }: any) => ({
    name: metadata?.name,
    persistentVolumeClaim: { claimName: metadata?.name },
  }));
  return { ...template, spec: { ...template.spec, volumes: [...own, ...claims] } };
}

/** Claims are judged like the objects they will become. */
function validateClaims({ spec }: KubernetesObject, errors: ErrorList): void {
  spec.volumeClaimTemplates?.forEach((claim: any, i: number) => {
    validateClaimSpec(claim.spec, SPEC.child('volumeClaimTemplates').index(i).child('spec'), errors);
  });
}

const MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];
const FORBIDDEN_UPDATE =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', " +
  "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

function validateUpdate(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  validate(next, errors);
  const fixed = (spec: any) => ({ ...spec, ...Object.fromEntries(MUTABLE.map((field) => [field, undefined])) });
  if (!semanticEqual(fixed(next.spec), fixed(old.spec))) errors.forbidden(SPEC, FORBIDDEN_UPDATE);
}

/** Behind a gate that is closed in 1.35. */
function forgetMaxUnavailable({ spec }: Draft): void {
  delete spec.updateStrategy?.rollingUpdate?.maxUnavailable;
}

const UNLIMITED_HISTORY =
  'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended';

const counters = {
  notNegative: [
    'replicas',
    'readyReplicas',
    'currentReplicas',
    'updatedReplicas',
    'availableReplicas',
    'observedGeneration',
    'collisionCount',
  ],
  atMost: [
    ['readyReplicas', 'replicas', 'cannot be greater than status.replicas'],
    ['currentReplicas', 'replicas', 'cannot be greater than status.replicas'],
    ['updatedReplicas', 'replicas', 'cannot be greater than status.replicas'],
    ['availableReplicas', 'replicas', 'cannot be greater than status.replicas'],
    ['availableReplicas', 'readyReplicas', 'cannot be greater than status.readyReplicas'],
  ],
} as const;

export const statefulSet = defineKind({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  resource: 'statefulsets',
  dropDisabledFields: ({ spec }) => dropStopSignals(spec.template?.spec),
  defaults,
  generation: 'spec',
  nameRule: nameIsLabel,
  prepareForCreate: forgetMaxUnavailable,
  prepareForUpdate: forgetMaxUnavailable,
  status: {
    initial: () => ({ replicas: 0, availableReplicas: 0 }),
    validate: (next, old, errors) => {
      validateCounters(next.status, errors, counters);
      validateNotDecremented(next, old, 'collisionCount', errors);
    },
  },
  warnings: ({ spec }) => [
    ...podWarnings(spec.template, 'spec.template.'),
    ...(spec.revisionHistoryLimit < 0 ? [UNLIMITED_HISTORY] : []),
  ],
  validate: (object, errors) => {
    validate(object, errors);
    validateClaims(object, errors);
  },
  validateUpdate,
  cells: (object, context) => {
    const { metadata, spec, status = {} } = object;
    const ready = `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`;
    return [metadata.name!, ready, age(object, context), ...containersAndImages(spec.template?.spec)];
  },
});
