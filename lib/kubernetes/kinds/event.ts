/**
 * Events: what happened to an object, said once or many times.
 * https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
 *
 * Two APIs share one store: `v1` with `involvedObject`, `message`, `source`, and `events.k8s.io/v1` with `regarding`, `note`
 * and the old fields under deprecated names.
 */

import type { KubernetesObject } from '../object';
import { nameIsPathSegment } from '../validation/names';
import { since } from './cells';
import { defineKind, type KindSpec } from './define-kind';
import { validateEvent, validateEventUpdate } from './event-rules';
import type { Cell, CellContext, Draft } from './kind-definition';

/** Old name in `v1` -> name in `events.k8s.io/v1`. */
const renamed: readonly (readonly [string, string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
];

function rename(draft: Draft, from: 0 | 1, to: 0 | 1): void {
  for (const names of renamed) {
    const value = draft[names[from]];
    delete draft[names[from]];
    if (value === undefined) continue;
    draft[names[to]] = value;
  }
}

function toCore(draft: Draft): Draft {
  rename(draft, 1, 0);
  draft.apiVersion = 'v1';
  draft.involvedObject ??= {};
  draft.source ??= {};
  draft.firstTimestamp ??= null;
  draft.lastTimestamp ??= null;
  draft.reportingComponent ??= '';
  draft.reportingInstance ??= '';
  return draft;
}

function fromCore(draft: Draft): Draft {
  rename(draft, 0, 1);
  draft.apiVersion = 'events.k8s.io/v1';
  if (draft.reportingController === '') delete draft.reportingController;
  if (draft.reportingInstance === '') delete draft.reportingInstance;
  return draft;
}

const common: Omit<KindSpec, 'apiVersion'> = {
  kind: 'Event',
  resource: 'events',
  nameRule: nameIsPathSegment,
  allowCreateOnUpdate: true,
  validate: (object, errors, { apiVersion }) => validateEvent(object, errors, apiVersion),
  validateUpdate: (next, old, errors, { apiVersion }) => validateEventUpdate(next, old, errors, apiVersion),
  selectableFields: {
    'involvedObject.kind': (object) => object.involvedObject?.kind ?? '',
    'involvedObject.namespace': (object) => object.involvedObject?.namespace ?? '',
    'involvedObject.name': (object) => object.involvedObject?.name ?? '',
    'involvedObject.uid': (object) => object.involvedObject?.uid ?? '',
    'involvedObject.apiVersion': (object) => object.involvedObject?.apiVersion ?? '',
    'involvedObject.resourceVersion': (object) => object.involvedObject?.resourceVersion ?? '',
    'involvedObject.fieldPath': (object) => object.involvedObject?.fieldPath ?? '',
    reason: (object) => object.reason ?? '',
    reportingComponent: (object) => object.reportingComponent ?? '',
    source: (object) => object.source?.component || (object.reportingComponent ?? ''),
    type: (object) => object.type ?? '',
  },
  cells: eventCells,
};

export const event = defineKind({ ...common, apiVersion: 'v1' });

/** The same objects through the newer API. */
export const eventsEvent = {
  ...event,
  conversions: new Map([['events.k8s.io/v1', { toHub: toCore, fromHub: fromCore }]]),
};

function eventCells(object: KubernetesObject, { now }: CellContext): Cell[] {
  const { involvedObject = {}, source = {} } = object;
  const first = firstSeen(object, now);
  const component = source.component || object.reportingComponent || '';
  const host = source.host || object.reportingInstance || '';
  const count = object.series ? object.series.count : object.count;
  return [
    lastSeen(object, first, now),
    object.type ?? '',
    object.reason ?? '',
    involvedObject.name
      ? `${(involvedObject.kind ?? '').toLowerCase()}/${involvedObject.name}`
      : (involvedObject.kind ?? '').toLowerCase(),
    involvedObject.fieldPath ?? '',
    host === '' ? component : `${component}, ${host}`,
    (object.message ?? '').trim(),
    first,
    count || 1,
    object.metadata.name!,
  ];
}

function firstSeen({ firstTimestamp, eventTime }: KubernetesObject, now: number): string {
  return since(firstTimestamp || eventTime, now);
}

function lastSeen({ series, lastTimestamp }: KubernetesObject, first: string, now: number): string {
  if (series) return since(series.lastObservedTime, now);
  return lastTimestamp ? since(lastTimestamp, now) : first;
}
