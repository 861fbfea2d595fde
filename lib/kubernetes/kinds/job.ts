/**
 * Jobs: Pods that run to completion. https://kubernetes.io/docs/concepts/workloads/controllers/job/
 *
 * A Job's selector is made by the server from its uid, unless `manualSelector` says that the user takes care.
 */

import type { KubernetesObject } from '../object';
import { formatSelector } from '../selectors';
import { age, containersAndImages, humanDuration } from './cells';
import { defineKind } from './define-kind';
import { validateJob, validateJobUpdate } from './job-rules';
import type { CellContext, Draft } from './kind-definition';
import { applyPodTemplateDefaults, dropStopSignals } from './pod/defaults';
import { podWarnings } from './pod/warnings';
import { validateCounters } from './workload-rules';

const MAX_INT32 = 2 ** 31 - 1;

function defaults({ metadata, spec }: Draft): void {
  applyPodTemplateDefaults(spec.template);
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : MAX_INT32;
  const labels = spec.template?.metadata?.labels;
  if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  applyPodFailurePolicyDefaults(spec);
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  spec.manualSelector ??= false;
}

export function applyPodFailurePolicyDefaults(spec: any): void {
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) if (!pattern.status) pattern.status = 'True';
  }
}

/** Labels that tie the Pods to this Job, with and without the prefix. */
function generateSelector(draft: Draft): void {
  const { metadata, spec } = draft;
  if (spec.manualSelector) return;
  spec.template ??= {};
  spec.template.metadata ??= {};
  spec.template.metadata.labels ??= {};
  const { labels } = spec.template.metadata;
  for (const [key, value] of [
    ['job-name', metadata.name ?? ''],
    ['batch.kubernetes.io/job-name', metadata.name ?? ''],
    ['controller-uid', metadata.uid!],
    ['batch.kubernetes.io/controller-uid', metadata.uid!],
  ] as const) {
    labels[key] ??= value;
  }
  spec.selector ??= {};
  spec.selector.matchLabels ??= {};
  spec.selector.matchLabels['batch.kubernetes.io/controller-uid'] ??= metadata.uid;
  if (labelLikeTemplate(draft)) labelsOfReading.add(draft.metadata.labels!);
}

/** Defaults apply once more when an object is read back from storage; by then the template has labels. */
function labelLikeTemplate({ metadata, spec }: Draft): boolean {
  const labels = spec?.template?.metadata?.labels;
  if (!labels || Object.keys(metadata.labels ?? {}).length > 0) return false;
  metadata.labels = { ...labels };
  return true;
}

/** Labels of Jobs that have them from reading alone. */
const labelsOfReading = new WeakSet<object>();

function writeLabels(next: KubernetesObject, old: KubernetesObject): KubernetesObject | undefined {
  if (!old.metadata.labels || !labelsOfReading.has(old.metadata.labels)) return undefined;
  return { ...next, metadata: { ...next.metadata, labels: { ...next.metadata.labels } } };
}

const counters = { notNegative: ['active', 'succeeded', 'failed'] } as const;

function jobWarnings({ spec }: KubernetesObject): string[] {
  const { completionMode, completions, parallelism } = spec;
  const many = completionMode === 'Indexed' && completions > 100_000 && parallelism > 10_000;
  const text =
    'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';
  return [...(many ? [text] : []), ...podWarnings(spec.template, 'spec.template.')];
}

export const job = defineKind({
  apiVersion: 'batch/v1',
  kind: 'Job',
  resource: 'jobs',
  dropDisabledFields: ({ spec }) => dropStopSignals(spec.template?.spec),
  defaults,
  generation: 'spec',
  metadataCheckedOnce: true,
  prepareForUpdate: (next) => void labelLikeTemplate(next),
  completeStored: writeLabels,
  status: {
    prepare: (next) => void labelLikeTemplate(next),
    validate: (next, _old, errors) => validateCounters(next.status, errors, counters),
  },
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  warnings: jobWarnings,
  prepareForCreate: generateSelector,
  defaultDeletePropagation: 'Orphan',
  selectableFields: { 'status.successful': (object) => String(object.status?.succeeded ?? 0) },
  cells: (object, context) => [
    object.metadata.name!,
    statusWord(object),
    completions(object),
    duration(object, context),
    age(object, context),
    ...containersAndImages(object.spec.template?.spec),
    formatSelector(object.spec.selector),
  ],
});

function statusWord({ metadata, status }: KubernetesObject): string {
  const has = (type: string) => status?.conditions?.some((c: any) => c.type === type && c.status === 'True');
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (has('Suspended')) return 'Suspended';
  if (has('FailureTarget')) return 'FailureTarget';
  if (has('SuccessCriteriaMet')) return 'SuccessCriteriaMet';
  return 'Running';
}

/** `1/3`; without a number of completions `0/1 of 3`, where 3 is the parallelism. */
function completions({ spec, status }: KubernetesObject): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  return spec.parallelism > 1 ? `${succeeded}/1 of ${spec.parallelism}` : `${succeeded}/1`;
}

function duration({ status }: KubernetesObject, { now }: CellContext): string {
  if (!status?.startTime) return '';
  const end = status.completionTime ? Date.parse(status.completionTime) : now;
  return humanDuration(end - Date.parse(status.startTime));
}
