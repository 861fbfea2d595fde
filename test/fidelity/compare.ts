/** Compares one answer with the recorded one: exactly, and by what it means. */
import { Bindings, hasPlaceholder } from './bindings';
import type { Answer } from './scenario';

export interface Difference {
  readonly path: string;
  readonly recorded: string;
  readonly got: string;
}

export interface Verdict {
  readonly exact: boolean;
  readonly semantic: boolean;
  readonly differences: readonly Difference[];
}

/** One set of bindings for each of the two verdicts. */
export class ScenarioBindings {
  readonly exact = new Bindings();
  readonly semantic = new Bindings();
}

const isObject = (value: unknown): value is Record<string, any> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function brief(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

interface Comparison {
  readonly bindings: Bindings;
  readonly differences: Difference[];
  /** Leaves out what the semantic verdict does not look at. */
  readonly loose: boolean;
}

function compareValues(recorded: any, actual: any, path: string, comparison: Comparison, key = ''): void {
  if (typeof recorded === 'string') compareText(recorded, actual, path, comparison);
  else if (Array.isArray(recorded)) compareLists(recorded, actual, path, comparison, key);
  else if (isObject(recorded)) compareObjects(recorded, actual, path, comparison);
  else if (recorded !== actual) differ(comparison, path, recorded, actual);
}

function differ({ differences }: Comparison, path: string, recorded: unknown, actual: unknown, why = ''): void {
  differences.push({ path, recorded: brief(recorded), got: brief(actual) + (why === '' ? '' : ` (${why})`) });
}

function compareText(recorded: string, actual: unknown, path: string, comparison: Comparison): void {
  if (!hasPlaceholder(recorded)) {
    if (recorded !== actual) differ(comparison, path, recorded, actual);
    return;
  }
  const isNodePort = /^«nodeport#\d+»$/.test(recorded);
  if (isNodePort ? !Number.isInteger(actual) : typeof actual !== 'string') {
    differ(comparison, path, recorded, actual);
    return;
  }
  const problem = comparison.bindings.match(recorded, String(actual));
  if (problem) differ(comparison, path, recorded, actual, problem);
}

function compareLists(recorded: any[], actual: any, path: string, comparison: Comparison, key: string): void {
  if (!Array.isArray(actual)) {
    differ(comparison, path, recorded, actual);
    return;
  }
  let items = actual;
  if (key === 'managedFields') {
    const problem = managedFieldsOrderProblem(actual);
    if (problem) differ(comparison, path, 'managedFields in order', problem);
    items = canonicalManagedFields(actual);
  }
  if (recorded.length !== items.length) differ(comparison, path, `${recorded.length} items`, `${items.length} items`);
  for (let i = 0; i < Math.max(recorded.length, items.length); i++) {
    const itemPath = `${path}[${i}]`;
    if (i >= recorded.length || i >= items.length) differ(comparison, itemPath, recorded[i], items[i]);
    else compareValues(recorded[i], items[i], itemPath, comparison);
  }
}

function compareObjects(source: Record<string, any>, actual: any, path: string, comparison: Comparison): void {
  if (!isObject(actual)) {
    differ(comparison, path, source, actual);
    return;
  }
  const recorded = withBoundKeys(source, actual, comparison.bindings);
  for (const key of new Set([...Object.keys(recorded), ...Object.keys(actual)])) {
    if (comparison.loose && isIgnored(key, recorded)) continue;
    const at = `${path}.${key}`;
    if (!(key in actual)) differ(comparison, at, recorded[key], undefined);
    else if (!(key in recorded)) differ(comparison, at, undefined, actual[key]);
    else compareValues(recorded[key], actual[key], at, comparison, key);
  }
}

function isIgnored(key: string, recorded: Record<string, any>): boolean {
  if (key === 'managedFields') return true;
  if (key === 'message') return 'type' in recorded && 'status' in recorded;
  return key === 'description' && 'priority' in recorded;
}

/** Keys that hold placeholders (fieldsV1 of lists keyed by uid) take the keys that they stand for. */
function withBoundKeys(source: Record<string, any>, actual: Record<string, any>, bindings: Bindings) {
  const special = Object.keys(source).filter(hasPlaceholder);
  if (special.length === 0) return source;
  const out = { ...source };
  for (const key of special) {
    const free = Object.keys(actual).filter((each) => !(each in source) && !(each in out));
    const found = bindings.findKey(key, free);
    if (found === undefined) continue;
    bindings.match(key, found);
    out[found] = out[key];
    delete out[key];
  }
  return out;
}

const managedFieldsKey = (entry: any): string =>
  [entry.operation, entry.manager, entry.apiVersion, entry.subresource ?? ''].map(String).join('\u0001');

const canonicalManagedFields = (entries: any[]): any[] =>
  [...entries].sort((a, b) => (managedFieldsKey(a) < managedFieldsKey(b) ? -1 : 1));

/** The order that the server promises: operation, time, manager, apiVersion, subresource. */
function managedFieldsOrderProblem(entries: any[]): string | undefined {
  const keys = entries.map((entry) => [
    entry.operation === 'Apply' ? 0 : 1,
    entry.time ?? '',
    String(entry.manager),
    String(entry.apiVersion),
    entry.subresource ?? '',
  ]);
  for (let i = 1; i < keys.length; i++) {
    const at = keys[i]!.findIndex((part, j) => part !== keys[i - 1]![j]);
    if (at >= 0 && keys[i]![at]! < keys[i - 1]![at]!) return `entry ${i} should come before entry ${i - 1}`;
  }
  return undefined;
}

const HEADERS = ['content-type', 'warning', 'retry-after', 'content-encoding', 'allow'];

export function judge(
  recorded: Answer,
  actual: Answer,
  bindings: ScenarioBindings,
  mode: 'full' | 'status' | 'semantic' | 'none',
): Verdict {
  const exact: Comparison = { bindings: bindings.exact, differences: [], loose: false };
  const semantic: Comparison = { bindings: bindings.semantic, differences: [], loose: true };
  if (mode === 'none') return { exact: true, semantic: true, differences: [] };
  if (recorded.status !== actual.status) {
    for (const each of [exact, semantic]) differ(each, 'status', recorded.status, actual.status);
  }
  if (mode !== 'status') {
    compareHeaders(recorded, actual, exact, semantic);
    compareBodies(recorded, actual, exact, semantic);
    checkListVersion(actual.body, [exact, semantic]);
    if (recorded.events) {
      for (const each of [exact, semantic]) compareValues(recorded.events, actual.events ?? [], 'events', each);
    }
  }
  const isSame = semantic.differences.length === 0;
  return {
    exact: mode === 'semantic' ? isSame : exact.differences.length === 0,
    semantic: isSame,
    differences: exact.differences,
  };
}

function compareHeaders(recorded: Answer, actual: Answer, exact: Comparison, semantic: Comparison): void {
  for (const name of HEADERS) {
    const want = recorded.headers?.[name];
    const got = actual.headers?.[name];
    if (want === undefined && (got === undefined || name === 'content-encoding' || name === 'allow')) continue;
    if (want === undefined || got === undefined) differ(exact, `header ${name}`, want, got);
    else compareValues(want, got, `header ${name}`, exact);
    if (name === 'content-type' && want !== got) differ(semantic, `header ${name}`, want, got);
    if (name === 'warning' && lengthOf(want) !== lengthOf(got)) differ(semantic, `header ${name}`, want, got);
  }
}

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0);

function compareBodies(recorded: Answer, actual: Answer, exact: Comparison, semantic: Comparison): void {
  const isError = isObject(recorded.body) && recorded.body.kind === 'Status' && recorded.status >= 400;
  for (const part of ['body', 'text'] as const) {
    const want = recorded[part];
    const got = actual[part];
    if (want === undefined && got === undefined) continue;
    const path = part === 'body' ? '$' : 'text';
    if (want === undefined || got === undefined) {
      for (const each of [exact, semantic]) differ(each, path, want, got);
      continue;
    }
    compareValues(want, got, path, exact);
    if (!isError) compareValues(want, got, path, semantic);
    else if (!isObject(got) || want.reason !== got.reason) differ(semantic, '$.reason', want.reason, got?.reason);
    else if (causesOf(want) !== causesOf(got)) differ(semantic, '$.details.causes', causesOf(want), causesOf(got));
  }
}

function causesOf(status: any): string {
  const causes: any[] = status.details?.causes ?? [];
  return causes
    .map(({ field = '', reason = '' }) => `${field}|${reason}`)
    .sort()
    .join('\n');
}

/** A list is not older than its items. */
function checkListVersion(body: any, comparisons: readonly Comparison[]): void {
  const version = body?.metadata?.resourceVersion;
  if (!Array.isArray(body?.items) || !/^\d+$/.test(version ?? '')) return;
  const newer = body.items.find((item: any) => BigInt(item?.metadata?.resourceVersion ?? 0) > BigInt(version));
  if (!newer) return;
  for (const each of comparisons) differ(each, '$.metadata.resourceVersion', 'not older than the items', version);
}
