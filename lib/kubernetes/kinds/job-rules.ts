/**
 * What a Job must say, and what a CronJob's template may not. https://kubernetes.io/docs/concepts/workloads/controllers/job/
 */

import { semanticEqual } from '../equality';
import type { ErrorList, Path } from '../field-errors';
import type { KubernetesObject } from '../object';
import { compileLabelSelector } from '../selectors';
import { notNegative, oneOf, oneOfInOrder } from '../validation/checks';
import { validateDomainPrefixedPath } from '../validation/domain-path';
import { printInternal } from '../validation/internal-form';
import { isUsableSelector, validateLabelSelector } from '../validation/label-selectors';
import { byteLength, dnsLabel } from '../validation/names';
import { IMMUTABLE, immutable, validateObjectMetaUpdate } from '../validation/object-meta';
import { validatePodFailurePolicy, validateSuccessPolicy } from './job-policies';
import { validatePodTemplate } from './pod/rules';
import { SPEC } from './workload-rules';

const MAX_INDEXED_PARALLELISM = 100_000;
/** With more completions than this, failures per index must be bounded. */
const MANY_COMPLETIONS = 100_000;
const MAX_OF_MANY = 10_000;

/** The rules that Jobs and templates of Jobs share. */
export function validateJobTemplateSpec(spec: any, path: Path, errors: ErrorList): void {
  for (const field of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
  ]) {
    notNegative(spec[field], path.child(field), errors);
  }
  if (spec.maxFailedIndexes !== undefined) {
    notNegative(spec.maxFailedIndexes, path.child('maxFailedIndexes'), errors);
    if (spec.backoffLimitPerIndex === undefined) {
      errors.required(path.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified');
    }
  }
  if (spec.managedBy !== undefined) validateManager(spec.managedBy, path.child('managedBy'), errors);
  if (spec.completionMode !== undefined) {
    oneOfInOrder(spec.completionMode, ['NonIndexed', 'Indexed'], path.child('completionMode'), errors);
  }
  if (spec.completionMode === 'Indexed') validateIndexed(spec, path, errors);
  else if (spec.completionMode === undefined || spec.completionMode === 'NonIndexed') {
    validateNotIndexed(spec, path, errors);
  }
  if (spec.podFailurePolicy) validatePodFailurePolicy(spec, path.child('podFailurePolicy'), errors);
  if (spec.successPolicy) {
    if (spec.completionMode === 'Indexed') validateSuccessPolicy(spec, path.child('successPolicy'), errors);
    else errors.invalid(path.child('successPolicy'), spec.successPolicy, NEEDS_INDEXED);
  }
  validateReplacementPolicy(spec, path.child('podReplacementPolicy'), errors);
  validatePodTemplate(spec.template ?? {}, path.child('template'), errors);
  validateEnds(spec, path.child('template').child('spec').child('restartPolicy'), errors);
}

const NEEDS_INDEXED = 'requires indexed completion mode';

function validateManager(manager: string, path: Path, errors: ErrorList): void {
  validateDomainPrefixedPath(manager, path, errors);
  if (byteLength(manager) > 63) errors.tooLong(path, 63);
}

function validateIndexed(spec: any, path: Path, errors: ErrorList): void {
  const { completions, parallelism, maxFailedIndexes, backoffLimitPerIndex } = spec;
  if (completions === undefined) errors.required(path.child('completions'), 'when completion mode is Indexed');
  if (parallelism > MAX_INDEXED_PARALLELISM) {
    const rule = `must be less than or equal to ${MAX_INDEXED_PARALLELISM} when completion mode is Indexed`;
    errors.invalid(path.child('parallelism'), parallelism, rule);
  }
  if (maxFailedIndexes > completions) {
    errors.invalid(path.child('maxFailedIndexes'), maxFailedIndexes, 'must be less than or equal to completions');
  }
  if (maxFailedIndexes > MAX_INDEXED_PARALLELISM) {
    const rule = `must be less than or equal to ${MAX_INDEXED_PARALLELISM}`;
    errors.invalid(path.child('maxFailedIndexes'), maxFailedIndexes, rule);
  }
  if (!(completions > MANY_COMPLETIONS) || backoffLimitPerIndex === undefined) return;
  const bound = `must be less than or equal to ${MAX_OF_MANY} when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
  if (maxFailedIndexes === undefined) {
    errors.required(path.child('maxFailedIndexes'), `must be specified when completions is above ${MANY_COMPLETIONS}`);
  }
  if (parallelism > MAX_OF_MANY) errors.invalid(path.child('parallelism'), parallelism, bound);
  if (maxFailedIndexes > MAX_OF_MANY) errors.invalid(path.child('maxFailedIndexes'), maxFailedIndexes, bound);
}

function validateNotIndexed(spec: any, path: Path, errors: ErrorList): void {
  for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes']) {
    if (spec[field] !== undefined) errors.invalid(path.child(field), spec[field], NEEDS_INDEXED);
  }
}

function validateReplacementPolicy(spec: any, path: Path, errors: ErrorList): void {
  const policy = spec.podReplacementPolicy;
  if (policy === undefined) return;
  if (spec.podFailurePolicy) oneOf(policy, ['Failed'], path, errors);
  else oneOf(policy, ['Failed', 'TerminatingOrFailed'], path, errors);
}

/** Pods of a Job end, so they cannot always restart. That is the default, so it counts as not said. */
function validateEnds(spec: any, path: Path, errors: ErrorList): void {
  const policy = spec.template?.spec?.restartPolicy;
  if (!policy || policy === 'Always') errors.required(path, 'valid values: "OnFailure", "Never"');
  else if (policy !== 'OnFailure' && policy !== 'Never') errors.notSupported(path, policy, ['OnFailure', 'Never']);
  else if (spec.podFailurePolicy && policy !== 'Never') {
    errors.invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified');
  }
}

function validateJobSpec(spec: any, errors: ErrorList): void {
  validateJobTemplateSpec(spec, SPEC, errors);
  if (spec.selector) validateLabelSelector(spec.selector, SPEC.child('selector'), errors);
  else errors.required(SPEC.child('selector'));
  const labels = spec.template?.metadata?.labels;
  if (isUsableSelector(spec.selector) && !compileLabelSelector(spec.selector)(labels)) {
    const at = SPEC.child('template').child('metadata').child('labels');
    errors.invalid(at, labels, '`selector` does not match template `labels`');
  }
}

export function validateJob(job: KubernetesObject, errors: ErrorList): void {
  validateGeneratedSelector(job, errors);
  validateJobSpec(job.spec, errors);
  const { completionMode, completions } = job.spec;
  if (completionMode !== 'Indexed' || !(completions > 0)) return;
  const { name = '' } = job.metadata;
  const hostname = `${name}-${completions - 1}`;
  if (dnsLabel(hostname).length === 0) return;
  const rule = `will not able to create pod with invalid DNS label: ${hostname}`;
  errors.invalid('metadata.name', name, rule);
}

/** The labels that tie Pods to their Job are as the server made them. */
function validateGeneratedSelector({ metadata, spec }: KubernetesObject, errors: ErrorList): void {
  if (spec.manualSelector || !spec.selector) return;
  const { uid = '', name = '' } = metadata;
  if (uid === '') errors.required('metadata.uid');
  const expected: Record<string, string> = {
    'controller-uid': uid,
    'job-name': name,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
  };
  const labels = spec.template?.metadata?.labels;
  for (const key in expected) {
    const at = SPEC.child('template').child('metadata').child('labels').key(key);
    if (labels?.[key] === undefined) errors.required(at, `must be '${expected[key]}'`);
    else if (labels[key] !== expected[key]) errors.invalid(at, labels, `must be '${expected[key]}'`);
  }
  if (isUsableSelector(spec.selector) && !compileLabelSelector(spec.selector)(expected)) {
    errors.invalid(SPEC.child('selector'), spec.selector, '`selector` not auto-generated');
  }
}

/** The spec is looked at twice, as the real server does; a mistake in it shows twice among the causes. */
export function validateJobUpdate(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  validateJob(next, errors);
  validateObjectMetaUpdate(next, old, errors);
  validateJobSpec(next.spec, errors);
  validateCompletions(next.spec, old.spec, errors);
  immutable(next.spec.selector, old.spec.selector, SPEC.child('selector'), errors);
  validateTemplateUpdate(next, old, errors);
  for (const field of ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy']) {
    immutable(next.spec[field], old.spec[field], SPEC.child(field), errors);
  }
}

/** An indexed Job may grow and shrink together with its parallelism. */
function validateCompletions(next: any, old: any, errors: ErrorList): void {
  const at = SPEC.child('completions');
  if (next.completionMode !== 'Indexed') {
    immutable(next.completions, old.completions, at, errors);
    return;
  }
  if (next.completions === old.completions || next.completions === undefined) return;
  if (next.completions !== next.parallelism) {
    errors.invalid(at, next.completions, 'can only be modified in tandem with spec.parallelism');
  }
}

/** While a Job has not started, somebody may still decide where its Pods will run. */
function validateTemplateUpdate(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  const before = old.spec.template;
  let after = next.spec.template;
  if (old.spec.suspend && !old.status?.startTime) after = withSchedulingOf(after, before);
  if (!semanticEqual(after, before)) {
    const shown = printInternal('io.k8s.api.core.v1.PodTemplateSpec', next.spec.template);
    errors.invalid(SPEC.child('template'), shown, IMMUTABLE);
  }
}

function withSchedulingOf(after: any, before: any): any {
  const spec = { ...after.spec };
  for (const field of ['nodeSelector', 'tolerations', 'schedulingGates']) {
    if (before.spec[field] === undefined) delete spec[field];
    else spec[field] = before.spec[field];
  }
  const { nodeAffinity: _, ...affinity } = spec.affinity ?? {};
  const nodeAffinity = before.spec.affinity?.nodeAffinity;
  if (nodeAffinity) spec.affinity = { ...affinity, nodeAffinity };
  else if (spec.affinity && before.spec.affinity === undefined && Object.keys(affinity).length === 0)
    delete spec.affinity;
  else if (spec.affinity) spec.affinity = affinity;
  const { labels: _labels, annotations: _annotations, ...metadata } = after.metadata ?? {};
  const { labels, annotations } = before.metadata ?? {};
  return { ...after, spec, metadata: { ...metadata, ...(labels && { labels }), ...(annotations && { annotations }) } };
}
