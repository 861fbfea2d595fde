/** What a change does to the other managers of an object: it takes fields from them, or conflicts with them. */
import { type Conflict, ConflictError } from './conflicts';
import { difference, intersection, pathsOf, union } from './field-set';
import type { JsonObject } from './json';
import { inVersion, type ManagedType, withoutReset } from './managed-type';
import type { Manager } from './managers';
import { adaptToTopology } from './remove-fields';
import { topologyOf } from './topology';
import { type Comparison, compare } from './typed-merge';
import { validateTyped } from './validate-typed';

export interface Change {
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly others: readonly Manager[];
  readonly force: boolean;
}

/** Takes from the others what changed (or, without force, throws) and what is gone. */
export function reassign(type: ManagedType, change: Change): { managers: Manager[]; comparison: Comparison } {
  const comparison = compare(topologyOf(type.schema), change.before, change.after);
  const byVersion = new Map([[type.apiVersion, filtered(type, comparison)]]);
  const conflicts: Conflict[] = [];
  const managers: Manager[] = [];
  for (const entry of change.others) {
    let seen = byVersion.get(entry.apiVersion);
    if (!seen) {
      seen = compareInVersion(type, entry.apiVersion, change);
      if (!seen) continue; // a version that is no longer served
      byVersion.set(entry.apiVersion, seen);
    }
    const lost = intersection(entry.fields, union(seen.modified, seen.added));
    if (!change.force) for (const path of pathsOf(lost)) conflicts.push({ manager: entry, path });
    const fields = difference(difference(entry.fields, lost), seen.removed);
    if (fields !== undefined) managers.push(fields === entry.fields ? entry : { ...entry, fields });
  }
  if (conflicts.length > 0) throw new ConflictError(conflicts);
  return { managers, comparison: byVersion.get(type.apiVersion)! };
}

const filtered = (type: ManagedType, { added, modified, removed }: Comparison): Comparison => ({
  added: withoutReset(type, added),
  modified: withoutReset(type, modified),
  removed: withoutReset(type, removed),
});

function compareInVersion(type: ManagedType, apiVersion: string, change: Change): Comparison | undefined {
  const before = type.convert?.(change.before, apiVersion);
  const after = type.convert?.(change.after, apiVersion);
  if (!before || !after) return undefined;
  for (const { object, schema } of [before, after]) validateTyped(topologyOf(schema), object);
  return filtered(type, compare(topologyOf(before.schema), before.object, after.object));
}

export function adaptManagers(type: ManagedType, managers: readonly Manager[], live: JsonObject): Manager[] {
  const out: Manager[] = [];
  for (const entry of managers) {
    const seen = inVersion(type, live, entry.apiVersion);
    if (!seen) continue; // a version that is no longer served
    const topology = topologyOf(seen.schema);
    if (entry.apiVersion !== type.apiVersion) validateTyped(topology, seen.object);
    out.push({ ...entry, fields: adaptToTopology(topology, entry.fields) });
  }
  return out;
}
