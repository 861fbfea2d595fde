/**
 * observe -> diff -> plan: all decisions, and no change.
 *
 * For each object the server is asked what an apply would give (a dry run), and the answer is compared with what is there.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run
 */

import { applyRank } from '../kubernetes/apply-order';
import type { KubernetesObject } from '../kubernetes/object';
import { StatusError } from '../kubernetes/status-error';
import { UserError } from '../kubernetes/user-error';
import type { ApplySet } from './apply-set';
import { mapConcurrently } from './concurrency';
import { type DependencyEdge, dependencyEdges, releaseEdges } from './dependencies';
import { fieldChanges } from './diff';
import { CycleError, order, reversed } from './graph';
import type { KubernetesApi } from './kubernetes-api';
import { formatRef, keyOf, type ObjectKey, refOf } from './object-ref';
import { fingerprint, type Member, type ObservedState } from './observe';
import type { Change, Plan } from './plan';
import type { Desired } from './prepare';
import { conflictingManagers, needsReplacement, refusalOf } from './refusal';
import { HANDED_OVER, isToBeTakenOver } from './take-over';

export interface PlanningOptions {
  readonly set: ApplySet;
  readonly fieldManager: string;
  /** Take fields from every other manager, or from these. */
  readonly forceFrom: 'all' | readonly string[];
  /** Whether an object may be deleted and created again when an immutable field changes. */
  readonly mayReplace: (object: KubernetesObject) => boolean;
  /** Whether members that are not asked for any more are deleted. */
  readonly prune: boolean;
  /** Requests at a time. */
  readonly concurrency: number;
}

/** Members with one of these annotations are left behind instead of deleted. */
const KEEP_ANNOTATIONS: readonly (readonly [key: string, value: string])[] = [
  ['client.lifecycle.config.k8s.io/deletion', 'detach'],
  ['cli-utils.sigs.k8s.io/on-remove', 'keep'],
  ['helm.sh/resource-policy', 'keep'],
];

const JOINS = 'is there already; taken into the set';

export async function makePlan(
  api: KubernetesApi,
  desired: readonly Desired[],
  observed: ObservedState,
  options: PlanningOptions,
): Promise<Plan> {
  const planner = new Planner(api, observed, options);
  const applied = await planner.planApplied(sortByKind(desired));
  return { set: options.set, changes: [...applied, ...planner.planDeletions(desired)] };
}

/** A webhook with side effects cannot take part in a dry run. */
const NO_DRY_RUN = /does not support dry run/;

/** Whether an answer is about the object and nothing around it: it was not understood, cannot be typed or is not valid. */
function isMistake(error: unknown): boolean {
  if (!(error instanceof StatusError) || NO_DRY_RUN.test(error.message) || needsReplacement(error)) return false;
  return error.code === 400 || error.code === 422 || error.message.startsWith('failed to create typed patch object');
}

class Planner {
  /** Namespaces and definitions that the plan creates: what goes into them cannot be asked about yet. */
  private readonly planned = new Set<ObjectKey>();

  constructor(
    private readonly api: KubernetesApi,
    private readonly observed: ObservedState,
    private readonly options: PlanningOptions,
  ) {}

  async planApplied(desired: readonly Desired[]): Promise<Change[]> {
    const edges = dependencyEdges(desired.map(({ object }) => object));
    const { nodes, dependencies } = inOrder(
      desired.map(({ key }) => key),
      edges,
    );
    // Containers first: whether a namespace exists decides how the objects in it are planned.
    const [containers, others] = partition(desired, ({ ref }) => isContainer(ref.kind));
    const changes = new Map<ObjectKey, Change>();
    for (const group of [containers, others]) {
      const planned = await mapConcurrently(group, this.options.concurrency, (one) => this.planOne(one));
      for (const change of planned) {
        changes.set(change.key, { ...change, after: dependencies.get(change.key) ?? [] });
        if (isContainer(change.ref.kind) && change.action === 'create') this.planned.add(change.key);
      }
    }
    return nodes.map((key) => withoutFalseAlarm(changes.get(key)!, changes));
  }

  private async planOne(desired: Desired): Promise<Change> {
    const { key, ref, object, resource } = desired;
    const base = { key, ref, object, fields: [], after: [], ...(resource ? { resource } : {}) };
    if (!resource) {
      const unverified = `its definition comes first`;
      return { ...base, action: 'create', cause: 'not in the cluster', unverified };
    }
    if (ref.namespace && this.planned.has(`/Namespace//${ref.namespace}`)) {
      return { ...base, action: 'create', cause: 'not in the cluster', ...(await this.rehearseElsewhere(desired)) };
    }
    const live = this.observed.members.get(key)?.object ?? (await this.api.tryGet(resource, ref.namespace, ref.name));
    if (live?.metadata.deletionTimestamp) {
      return { ...base, live, action: 'create', cause: 'is being deleted; created again when it is gone' };
    }
    return this.compare({ ...base, resource, live, action: 'create', cause: 'not in the cluster' });
  }

  /**
   * While its namespace does not exist, an object is tried in that of the set. Mistakes in the object itself come to light
   * that way, before anything is touched; what hangs on the namespace (quotas, security levels, its service accounts)
   * does not.
   */
  private async rehearseElsewhere({ object, resource, ref }: Desired): Promise<Partial<Change>> {
    const { namespace } = this.options.set;
    const elsewhere = { ...object, metadata: { ...object.metadata, namespace } };
    try {
      await this.api.apply(resource!, elsewhere, { fieldManager: this.options.fieldManager, dryRun: true });
      return {};
    } catch (error) {
      if (!isMistake(error)) return { unverified: `namespace ${ref.namespace} comes first` };
      const refusal = refusalOf(error);
      const message = refusal.message.replaceAll(`(${namespace}/`, `(${ref.namespace}/`);
      return { cause: 'refused', refusal: { ...refusal, message } };
    }
  }

  /** Asks the server what the apply would give. */
  private async compare(change: Change): Promise<Change> {
    const { live, object, resource } = change;
    const { fieldManager } = this.options;
    const dryRun = (force: boolean) => this.api.apply(resource!, object!, { fieldManager, force, dryRun: true });
    try {
      let wanted: KubernetesObject;
      let force = this.options.forceFrom === 'all';
      try {
        wanted = await dryRun(force);
      } catch (error) {
        if (force || !this.mayForce(error)) throw error;
        force = true;
        wanted = await dryRun(true);
      }
      if (!live) return { ...change, force };
      return { ...this.compared(change, live, wanted), force };
    } catch (error) {
      if (live && needsReplacement(error) && this.options.mayReplace(live)) {
        return { ...change, action: 'replace', cause: refusalOf(error).message };
      }
      const action = live ? 'update' : 'create';
      if (error instanceof StatusError && NO_DRY_RUN.test(error.message)) {
        return { ...change, action, cause: live ? 'may differ' : change.cause, unverified: error.message };
      }
      return { ...change, action, cause: 'refused', refusal: refusalOf(error) };
    }
  }

  private compared(change: Change, live: KubernetesObject, wanted: KubernetesObject): Change {
    const fields = fieldChanges(live, wanted);
    if (isToBeTakenOver(live)) {
      const cause = `is there already; taken over with all that ${otherManagers(live)} set`;
      return { ...change, action: 'update', cause, fields };
    }
    if (fields.length > 0) return { ...change, action: 'update', cause: this.causeOf(change, live), fields };
    const { fieldManager } = this.options;
    if (ownedFields(live, fieldManager) === ownedFields(wanted, fieldManager)) {
      return { ...change, action: 'keep', cause: 'as asked for' };
    }
    const cause = this.observed.members.has(change.key) ? 'owns different fields; no value changes' : JOINS;
    return { ...change, action: 'update', cause };
  }

  private causeOf(change: Change, live: KubernetesObject): string {
    if (!this.observed.members.has(change.key)) return JOINS;
    const last = this.observed.applied.get(change.key);
    if (last !== fingerprint(change.object!)) return 'changed in the source';
    const others = laterManagers(live, this.options.fieldManager);
    if (others.length > 0) return `changed in the cluster by ${others.join(', ')}`;
    // Secret values leave no fingerprint.
    return change.ref.kind === 'Secret' ? 'has other values' : 'changed in the cluster';
  }

  private mayForce(error: unknown): boolean {
    const { forceFrom } = this.options;
    const managers = conflictingManagers(error);
    return managers.length > 0 && (forceFrom === 'all' || managers.every((manager) => forceFrom.includes(manager)));
  }

  planDeletions(desired: readonly Desired[]): Change[] {
    if (!this.options.prune) return [];
    const asked = new Set(desired.map(({ key }) => key));
    const surplus = [...this.observed.members].filter(([key]) => !asked.has(key)).map(([, member]) => member);
    const [kept, deleted] = partition(surplus, ({ object }) => isKept(object));
    const cause = desired.length === 0 ? 'all is taken down' : 'no longer asked for';
    const changes = new Map(
      sortByKind(deleted.map((member) => asDeletion(member, cause))).map((change) => [change.key, change]),
    );
    const objects = deleted.map(({ object }) => object);
    const edges = [...reversed(dependencyEdges(objects)), ...releaseEdges(objects)];
    const backwards = [...changes.keys()].reverse();
    const { nodes, dependencies } = inOrder(backwards, edges);
    return [
      ...kept.map((member) => ({ ...asDeletion(member, 'annotated to be kept'), action: 'keep' as const })),
      ...nodes.map((key) => ({ ...changes.get(key)!, after: dependencies.get(key) ?? [] })),
    ];
  }
}

/**
 * A dry run knows only what is there. If it misses something (a service account, a priority class, a role) and the object
 * comes after one that is still to be created, the real write will tell.
 */
function withoutFalseAlarm(change: Change, all: ReadonlyMap<ObjectKey, Change>): Change {
  const { refusal, after } = change;
  if (refusal?.reason !== 'Forbidden' && refusal?.reason !== 'NotFound') return change;
  const missing = after.map(({ to }) => all.get(to)!).find(({ action }) => action === 'create');
  if (!missing) return change;
  const { refusal: _refusal, ...rest } = change;
  const cause = change.action === 'create' ? 'not in the cluster' : 'may differ';
  return { ...rest, cause, unverified: `${formatRef(missing.ref)} comes first` };
}

function asDeletion({ object, resource }: Member, cause: string): Change {
  const ref = refOf(object);
  return { key: keyOf(ref), ref, action: 'delete', cause, fields: [], live: object, resource, after: [] };
}

function isKept(object: KubernetesObject): boolean {
  return KEEP_ANNOTATIONS.some(([key, value]) => object.metadata.annotations?.[key] === value);
}

function isContainer(kind: string): boolean {
  return kind === 'Namespace' || kind === 'CustomResourceDefinition';
}

function sortByKind<T extends Pick<Change, 'ref' | 'key'>>(items: readonly T[]): T[] {
  const byKind = (a: T, b: T) => applyRank(a.ref) - applyRank(b.ref) || (a.key < b.key ? -1 : 1);
  return [...items].sort(byKind);
}

function inOrder(keys: readonly ObjectKey[], edges: readonly DependencyEdge[]) {
  try {
    return order(keys, edges);
  } catch (error) {
    if (!(error instanceof CycleError)) throw error;
    throw new UserError(
      'DependencyCycle',
      `Objects wait for each other: ${error.path.join(' -> ')}.`,
      'Remove one of these dependencies.',
    );
  }
}

function ownedFields(object: KubernetesObject, manager: string): string {
  const entry = object.metadata.managedFields?.find(
    (one) => one.manager === manager && one.operation === 'Apply' && !one.subresource,
  );
  return JSON.stringify(entry?.fieldsV1 ?? {});
}

function otherManagers(object: KubernetesObject): string {
  const managers = (object.metadata.managedFields ?? []).map(({ manager = '' }) => manager);
  return HANDED_OVER.filter((manager) => managers.includes(manager)).join(', ');
}

/** Who wrote the object, apart from its status, after we did. */
function laterManagers(object: KubernetesObject, manager: string): string[] {
  const entries = (object.metadata.managedFields ?? []).filter(({ subresource }) => subresource !== 'status');
  const ours = entries.find((entry) => entry.manager === manager && entry.operation === 'Apply')?.time ?? '';
  const later = entries.filter((entry) => entry.manager !== manager && (entry.time ?? '') >= ours);
  return [...new Set(later.map((entry) => entry.manager ?? 'somebody'))].sort();
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  const yes: T[] = [];
  const no: T[] = [];
  for (const item of items) (test(item) ? yes : no).push(item);
  return [yes, no];
}
