/**
 * What Events may say: little through `v1`, more through `events.k8s.io/v1`.
 * https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
 */
import { semanticEqual } from '../equality';
import { type ErrorList, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { requirePresent } from '../validation/checks';
import { printStruct } from '../validation/go-structs';
import { byteLength, check, dnsSubdomain, qualifiedName } from '../validation/names';
import { IMMUTABLE } from '../validation/object-meta';

const MAX_WORD = 128;
const MAX_NOTE = 1024;

export function validateEvent(event: KubernetesObject, errors: ErrorList, apiVersion: string): void {
  validateNamespaces(event, errors);
  if (apiVersion === 'v1') return;
  validateReport(event, errors);
  validateNewFields(event, errors);
}

/** An Event stands in the namespace of what it is about, or in `default`. */
function validateNamespaces({ metadata, involvedObject }: KubernetesObject, errors: ErrorList): void {
  const { namespace = '' } = metadata;
  const about = involvedObject?.namespace ?? '';
  const matches = about === '' ? namespace === '' || namespace === 'default' : about === namespace;
  if (!matches) errors.invalid(root('involvedObject').child('namespace'), about, 'does not match event.namespace');
  check(namespace, dnsSubdomain, root('namespace'), errors);
}

/** Who did what, and why. */
function validateReport(event: KubernetesObject, errors: ErrorList): void {
  const { reportingComponent = '', message = '' } = event;
  const at = root('reportingController');
  requirePresent(reportingComponent, at, errors);
  check(reportingComponent, qualifiedName, at, errors);
  for (const field of ['reportingInstance', 'action', 'reason']) {
    const word = event[field] ?? '';
    requirePresent(word, root(field), errors);
    if (byteLength(word) > MAX_WORD) errors.invalid(root(field), '', `can have at most ${MAX_WORD} characters`);
  }
  if (byteLength(message) > MAX_NOTE) errors.invalid(root('message'), '', `can have at most ${MAX_NOTE} characters`);
}

function validateNewFields(event: KubernetesObject, errors: ErrorList): void {
  const { series, eventTime, type = '', source } = event;
  if (series && (series.count ?? 0) < 2) {
    errors.invalid(root('series').child('count'), '', 'should be at least 2');
  }
  if (series) requirePresent(series.lastObservedTime, root('series').child('lastObservedTime'), errors);
  requirePresent(eventTime, root('eventTime'), errors);
  if (type !== 'Normal' && type !== 'Warning') errors.invalid(root('type'), '', `has invalid value: ${type}`);
  const unset = (field: string, isSet: unknown) => {
    if (isSet) errors.invalid(root(field), '', 'needs to be unset');
  };
  unset('firstTimestamp', event.firstTimestamp);
  unset('lastTimestamp', event.lastTimestamp);
  unset('count', event.count);
  unset('source', source?.component || source?.host);
}

const referenceStruct = {
  Kind: ['kind', ''],
  Namespace: ['namespace', ''],
  Name: ['name', ''],
  UID: ['uid', ''],
  APIVersion: ['apiVersion', ''],
  ResourceVersion: ['resourceVersion', ''],
  FieldPath: ['fieldPath', ''],
} as const;
const sourceStruct = { Component: ['component', ''], Host: ['host', ''] } as const;

const FIXED = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  // Looked at twice, as the causes of a refusal show.
  'reason',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingComponent',
  'reportingInstance',
];

/** What was said was said: through the newer API only the series goes on. */
export function validateEventUpdate(
  next: KubernetesObject,
  old: KubernetesObject,
  errors: ErrorList,
  apiVersion: string,
): void {
  validateNamespaces(next, errors);
  if (apiVersion === 'v1') return;
  for (const field of FIXED) {
    if (semanticEqual(next[field] || undefined, old[field] || undefined)) continue;
    const name = field === 'reportingComponent' ? 'reportingController' : field;
    errors.invalid(root(name), shown(field, next[field]), IMMUTABLE);
  }
}

function shown(field: string, value: any): unknown {
  if (!value) return value;
  if (field === 'involvedObject' || field === 'related') return printStruct(referenceStruct, value);
  return field === 'source' ? printStruct(sourceStruct, value) : value;
}
