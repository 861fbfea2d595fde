/**
 * Who manages what: the entries of `metadata.managedFields`, read, written, and brought up to date when an object changes.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers
 *
 * An entry is identified by manager, operation and subresource, and for updates also by apiVersion; never by its time.
 */
import type { ManagedFieldsEntry } from '../object';
import { type FieldSet, type MaybeFieldSet, parseFieldSet, union } from './field-set';
import { compareStrings, isObject } from './json';

export interface Manager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  /** The version in whose terms `fields` is written. */
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  readonly fields: MaybeFieldSet;
}

/** The server's own identifier; its order decides ties. `{"manager":"helm","operation":"Apply"}` */
export function identifierOf(entry: Omit<Manager, 'time' | 'fields'>): string {
  return JSON.stringify({
    ...(entry.manager === '' ? {} : { manager: entry.manager }),
    operation: entry.operation,
    ...(entry.operation === 'Apply' ? {} : { apiVersion: entry.apiVersion }),
    ...(entry.subresource === '' ? {} : { subresource: entry.subresource }),
  });
}

/** Whether two entries are of the same manager, as {@link identifierOf} has it. */
export function isSameManager(a: Omit<Manager, 'time' | 'fields'>, b: Omit<Manager, 'time' | 'fields'>): boolean {
  if (a.manager !== b.manager || a.operation !== b.operation || a.subresource !== b.subresource) return false;
  return a.operation === 'Apply' || a.apiVersion === b.apiVersion;
}

/** What a conflict calls it: `"helm"`, `"kubectl-edit" using apps/v1`, `"kubelet" with subresource "status" using v1`. */
export function describeManager(entry: Manager): string {
  const subresource = entry.subresource === '' ? '' : ` with subresource ${JSON.stringify(entry.subresource)}`;
  const version = entry.operation === 'Update' ? ` using ${entry.apiVersion}` : '';
  return `${JSON.stringify(entry.manager)}${subresource}${version}`;
}

/** Entries of a stored object: this code wrote them, so they are taken as they are. */
export function readStored(entries: readonly ManagedFieldsEntry[] | undefined): Manager[] {
  return (entries ?? []).map((entry) => toManager(entry, fieldsOf(entry.fieldsV1)));
}

function fieldsOf(fieldsV1: unknown): MaybeFieldSet {
  if (!isObject(fieldsV1)) return undefined;
  for (const _ in fieldsV1) return fieldsV1 as FieldSet;
  return undefined;
}

/** Entries that a client sent. @throws Error when one of them is not valid. */
export function readSent(entries: readonly ManagedFieldsEntry[]): Manager[] {
  return entries.map((entry, i) => {
    if (entry.operation !== 'Apply' && entry.operation !== 'Update') {
      throw new Error('operation must be `Apply` or `Update`');
    }
    if (!entry.apiVersion) throw new Error('apiVersion must not be empty');
    if (!entry.fieldsType) throw new Error(`missing fieldsType in managed fields entry ${i}`);
    if (entry.fieldsType !== 'FieldsV1') {
      throw new Error(`invalid fieldsType ${JSON.stringify(entry.fieldsType)} in managed fields entry ${i}`);
    }
    return toManager(entry, parseFieldSet(entry.fieldsV1 ?? {}));
  });
}

const toManager = (entry: ManagedFieldsEntry, fields: MaybeFieldSet): Manager => ({
  manager: entry.manager ?? '',
  operation: entry.operation ?? 'Update',
  apiVersion: entry.apiVersion ?? '',
  subresource: entry.subresource ?? '',
  time: entry.time,
  fields,
});

/** The wire form, in the server's order: Apply before Update, then by time, manager, apiVersion, subresource. */
export function writeEntries(managers: readonly Manager[]): ManagedFieldsEntry[] | undefined {
  if (managers.length === 0) return undefined;
  return (managers.length === 1 ? managers : [...managers].sort(compareManagers)).map(writeEntry);
}

function writeEntry({ manager, operation, apiVersion, time, fields, subresource }: Manager): ManagedFieldsEntry {
  const entry: { -readonly [K in keyof ManagedFieldsEntry]: ManagedFieldsEntry[K] } = {};
  if (manager !== '') entry.manager = manager;
  entry.operation = operation;
  entry.apiVersion = apiVersion;
  if (time !== undefined) entry.time = time;
  entry.fieldsType = 'FieldsV1';
  entry.fieldsV1 = fields ?? {};
  if (subresource !== '') entry.subresource = subresource;
  return entry;
}

const compareManagers = (a: Manager, b: Manager): number =>
  compareStrings(a.operation, b.operation) ||
  compareTimes(a.time, b.time) ||
  compareStrings(a.manager, b.manager) ||
  compareStrings(a.apiVersion, b.apiVersion) ||
  compareStrings(a.subresource, b.subresource);

const compareTimes = (a: string | undefined, b: string | undefined): number =>
  a === b ? 0 : secondsOf(a) - secondsOf(b);

/** Entries without a time sort first. */
const secondsOf = (time: string | undefined): number => (time ? Math.floor(Date.parse(time) / 1000) : 0);

const MAX_UPDATE_MANAGERS = 10;

/**
 * Keeps at most ten Update entries: the oldest of each apiVersion are merged into one called `ancient-changes`, under
 * the time of the youngest among them.
 */
export function capUpdateManagers(managers: readonly Manager[]): readonly Manager[] {
  let surplus = -MAX_UPDATE_MANAGERS;
  for (const { operation } of managers) if (operation === 'Update') surplus++;
  if (surplus <= 0) return managers;

  const kept = new Map(managers.map((entry) => [identifierOf(entry), entry]));
  const oldestFirst = managers
    .filter(({ operation }) => operation === 'Update')
    .sort((a, b) => secondsOf(a.time) - secondsOf(b.time) || compareStrings(identifierOf(a), identifierOf(b)));
  const firstOfVersion = new Map<string, Manager>();
  for (const entry of oldestFirst) {
    if (surplus <= 0) break;
    const { apiVersion } = entry;
    const first = firstOfVersion.get(apiVersion);
    if (!first) {
      firstOfVersion.set(apiVersion, entry);
      continue;
    }
    const ancient = { manager: 'ancient-changes', operation: 'Update' as const, apiVersion, subresource: '' };
    const bucket = kept.get(identifierOf(ancient)) ?? first;
    kept.delete(identifierOf(bucket));
    kept.delete(identifierOf(entry));
    const fields = union(entry.fields, bucket.fields);
    kept.set(identifierOf(ancient), { ...ancient, time: entry.time, fields });
    surplus--;
  }
  return [...kept.values()];
}
