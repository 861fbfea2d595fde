/**
 * What a change changes, field by field.
 *
 * The two sides are the live object and the server's answer to a dry run of ours: live, merged with what we want, with all
 * defaults and admission applied. So every difference is ours, and what others own never shows.
 */
import type { KubernetesObject } from '../kubernetes/object';
import { PART_OF_LABEL } from './apply-set';
import { mask } from './mask';

export interface FieldChange {
  /** `spec.template.spec.containers[name=web].image` */
  readonly path: string;
  /** Undefined: the field is added. */
  readonly before?: unknown;
  /** Undefined: the field is removed. */
  readonly after?: unknown;
}

/** Metadata that the server keeps, and that changes with every write or never. */
const SERVER_METADATA = ['managedFields', 'resourceVersion', 'generation', 'creationTimestamp', 'uid', 'selfLink'];

/** Fields whose names tell their elements apart, in the order in which they are tried. */
const ELEMENT_KEYS = ['name', 'containerPort', 'port', 'mountPath', 'key', 'type', 'ip', 'host', 'path'];

/** The differences in everything but status, the server's own metadata and the set's label; secret values are masked. */
export function fieldChanges(live: KubernetesObject, wanted: KubernetesObject): FieldChange[] {
  const changes: FieldChange[] = [];
  compare('', comparable(live), comparable(wanted), changes);
  return mask(wanted, changes);
}

function comparable(object: KubernetesObject): unknown {
  const { status: _status, metadata, ...rest } = object;
  const kept = Object.entries(metadata).filter(([key]) => !SERVER_METADATA.includes(key) && key !== 'labels');
  const labels = Object.entries(metadata.labels ?? {}).filter(([key]) => key !== PART_OF_LABEL);
  const shown = labels.length === 0 ? {} : { labels: Object.fromEntries(labels) };
  return { ...rest, metadata: { ...Object.fromEntries(kept), ...shown } };
}

function compare(path: string, before: unknown, after: unknown, changes: FieldChange[]): void {
  if (Object.is(before, after)) return;
  if (isRecord(before) && isRecord(after)) compareRecords(path, before, after, changes);
  else if (Array.isArray(before) && Array.isArray(after)) compareLists(path, before, after, changes);
  else changes.push({ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) });
}

function compareRecords(
  path: string,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  changes: FieldChange[],
): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    compare(join(path, key), before[key], after[key], changes);
  }
}

function compareLists(path: string, before: unknown[], after: unknown[], changes: FieldChange[]): void {
  const key = elementKey(before, after);
  if (key === undefined) {
    const length = Math.max(before.length, after.length);
    for (let i = 0; i < length; i++) compare(`${path}[${i}]`, before[i], after[i], changes);
    return;
  }
  const old = new Map(before.map((element) => [(element as Record<string, unknown>)[key], element]));
  const now = new Map(after.map((element) => [(element as Record<string, unknown>)[key], element]));
  for (const value of new Set([...old.keys(), ...now.keys()])) {
    compare(`${path}[${key}=${value}]`, old.get(value), now.get(value), changes);
  }
}

/** A field that every element has, with a different scalar in each. */
function elementKey(before: unknown[], after: unknown[]): string | undefined {
  return ELEMENT_KEYS.find((key) => [before, after].every((list) => list.length === uniqueValues(list, key)));
}

function uniqueValues(list: unknown[], key: string): number {
  const values = list.map((element) => (isRecord(element) ? element[key] : undefined));
  if (values.some((value) => typeof value !== 'string' && typeof value !== 'number')) return -1;
  return new Set(values).size;
}

function join(path: string, key: string): string {
  if (!/^[A-Za-z0-9_$-]+$/.test(key)) return `${path}["${key}"]`;
  return path === '' ? key : `${path}.${key}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
