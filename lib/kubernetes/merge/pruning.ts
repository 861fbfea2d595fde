/** What an applied configuration no longer mentions goes, unless somebody else claims it. */
import { difference, intersection, type MaybeFieldSet, union } from './field-set';
import type { JsonObject } from './json';
import { inVersion, type ManagedType } from './managed-type';
import type { Manager } from './managers';
import { removeFields, withDeclaredParents } from './remove-fields';
import { type Topology, topologyOf } from './topology';
import { fieldSetOf } from './typed-merge';

interface Pruning {
  readonly type: ManagedType;
  readonly merged: JsonObject;
  /** What this manager applied last time. */
  readonly last: Manager;
  /** Everybody's claims, with what this manager applies now. */
  readonly managers: readonly Manager[];
}

/** Removes what the manager applied last time, does not apply now, and nobody else claims. */
export function prune({ type, merged, last, managers }: Pruning): JsonObject {
  const own = inVersion(type, merged, last.apiVersion);
  if (!own) return merged;
  const topology = topologyOf(own.schema);
  let pruned = removeFields(topology, own.object, withDeclaredParents(topology, last.fields)) as JsonObject;
  pruned = addBackOwned({ type, merged: own.object, pruned, version: last.apiVersion, managers });
  pruned = addBackDangling(topology, own.object, { pruned, last: last.fields });
  return inVersion(type, pruned, type.apiVersion, last.apiVersion)?.object ?? merged;
}

interface AddBack {
  readonly type: ManagedType;
  readonly merged: JsonObject;
  readonly pruned: JsonObject;
  readonly version: string;
  readonly managers: readonly Manager[];
}

/** Puts back what anybody, the applying manager included, claims to own; in the version of each claim. */
function addBackOwned({ type, merged, pruned, version, managers }: AddBack): JsonObject {
  const claims = new Map<string, MaybeFieldSet>([[version, undefined]]);
  for (const { apiVersion, fields } of managers) claims.set(apiVersion, union(claims.get(apiVersion), fields));
  let current = { merged, pruned, version };
  for (const [apiVersion, claimed] of claims) {
    if (claimed === undefined) continue;
    const whole = inVersion(type, current.merged, apiVersion, current.version);
    const remaining = inVersion(type, current.pruned, apiVersion, current.version);
    if (!whole || !remaining) continue;
    const topology = topologyOf(whole.schema);
    const parents = (set: MaybeFieldSet) => withDeclaredParents(topology, set);
    const keep = union(parents(fieldSetOf(topology, remaining.object)), parents(claimed));
    const remove = difference(parents(fieldSetOf(topology, whole.object)), keep);
    const rebuilt = removeFields(topology, whole.object, remove) as JsonObject;
    current = { merged: whole.object, pruned: rebuilt, version: apiVersion };
  }
  return inVersion(type, current.pruned, version, current.version)?.object ?? current.pruned;
}

/** Puts back what was not the manager's own: items that nobody owns stay. */
function addBackDangling(
  topology: Topology,
  merged: JsonObject,
  { pruned, last }: { pruned: JsonObject; last: MaybeFieldSet },
): JsonObject {
  const parents = (set: MaybeFieldSet) => withDeclaredParents(topology, set);
  const gone = difference(parents(fieldSetOf(topology, merged)), parents(fieldSetOf(topology, pruned)));
  return removeFields(topology, merged, intersection(gone, parents(last))) as JsonObject;
}
