/**
 * The doors of the engine: `plan` and `apply`. (`destroy` is apply with no objects.)
 *
 * `apply` makes a cluster match a set of objects: it looks, decides, shows, does, waits, and deletes what is no longer
 * asked for.
 */
import { type Clock, durationMs, systemClock } from '../clock';
import type { KubernetesObject } from '../kubernetes/object';
import { UserError } from '../kubernetes/user-error';
import { type ApplySet, type ApplySetContents, type ApplySetRef, applySetOf, parentOf } from './apply-set';
import type { ApplyOutcome, ApplyResult, ChangeResult, EventListener } from './events';
import { type EventBody, execute } from './execute';
import { KubernetesApi } from './kubernetes-api';
import { acquireLock, ownIdentity } from './lock';
import { makePlan, type PlanningOptions } from './make-plan';
import { refOf } from './object-ref';
import { CONFIG_MAP, type ObservedState, observe, writeFingerprints } from './observe';
import { isEmpty, type Plan } from './plan';
import { prepare } from './prepare';
import { refusalOf } from './refusal';
import { recordRevision } from './revisions';
import { HANDED_OVER } from './take-over';
import type { Transport } from './transport';

export interface EngineOptions {
  readonly transport: Transport;
  /** What belongs together, by the name of the ConfigMap that is its parent. @default drydock, in namespace default */
  readonly set?: ApplySetRef;
  /** @default the wall clock */
  readonly clock?: Clock;
  /** Named in managedFields as the owner of what is applied. @default drydock */
  readonly fieldManager?: string;
  /**
   * Take fields that other managers own: from all, or from these.
   * @default kubectl's client-side apply and create, so that objects once made by hand can be taken over
   */
  readonly forceFrom?: 'all' | readonly string[];
  /** Requests at a time. @default 16 */
  readonly concurrency?: number;
  readonly onEvent?: EventListener;
  /** Stops at the next safe point; what was begun is reported. */
  readonly signal?: AbortSignal;
}

export interface PlanOptions extends EngineOptions {
  readonly objects: readonly KubernetesObject[];
  /**
   * Whether an object may be deleted and created again when a field has to change that may not: never, for objects that
   * keep no data (everything but claims, volumes and StatefulSets), or for all.
   * @default never
   */
  readonly replace?: 'never' | 'stateless' | 'all';
  /** Delete what was applied before and is not among the objects any more. @default true */
  readonly prune?: boolean;
  /**
   * Allow an empty list of objects, which deletes everything that was applied before. Mostly it comes from a mistake.
   * @default false
   */
  readonly allowEmpty?: boolean;
}

export interface ApplyOptions extends PlanOptions {
  /** Called with the plan before anything is done; false stops. @default go on */
  readonly confirm?: (plan: Plan) => boolean | Promise<boolean>;
  /** Wait until everything is Current. @default true */
  readonly wait?: boolean;
  /**
   * The longest wait for one object, from when it was applied; milliseconds or text such as `10m`.
   * @default 10m
   */
  readonly timeout?: number | string;
  /** How long to wait for another run on the same set to finish. @default 1m */
  readonly lockTimeout?: number | string;
  /** Who we are, for others who have to wait for us. @default user, machine and process */
  readonly identity?: string;
}

/** The set of an environment that has only one. */
export const DEFAULT_SET: ApplySetRef = { name: 'drydock' };

const FIELD_MANAGER = 'drydock';
const PARENT_MANAGER = 'drydock-applyset';
const KEEPS_DATA = new Set(['PersistentVolumeClaim', 'PersistentVolume', 'StatefulSet', 'StorageClass', 'Namespace']);

/** What `apply` would do, without doing it. */
export async function plan(options: PlanOptions): Promise<Plan> {
  return (await prepareRun(options)).plan;
}

/**
 * Makes the cluster match `objects`. Failures of single objects are in the result; what is thrown is a mistake in the
 * input (UserError), a cluster that cannot be reached (TransportError), or one that does not let us in (StatusError).
 */
export async function apply(options: ApplyOptions): Promise<ApplyResult> {
  const { clock = systemClock, signal, onEvent } = options;
  const lock = await acquireLock(new KubernetesApi(options.transport, clock), applySetOf(options.set ?? DEFAULT_SET), {
    identity: options.identity ?? ownIdentity(),
    timeoutMs: durationMs(options.lockTimeout ?? '1m'),
    ...(signal ? { signal } : {}),
    onWarning: (message) => onEvent?.({ at: clock.now(), type: 'warning', message }),
  });
  try {
    return await applyAlone({ ...options, signal: AbortSignal.any(signal ? [signal, lock.lost] : [lock.lost]) });
  } finally {
    await lock.release();
  }
}

async function applyAlone(options: ApplyOptions): Promise<ApplyResult> {
  const run = await prepareRun(options);
  const { plan: planned, observed, set, api, emit } = run;
  emit({ type: 'planned', plan: planned });
  const refused = planned.changes.some(({ refusal }) => refusal);
  if (refused || (options.confirm && !(await options.confirm(planned)))) return run.finish('refused', []);
  if (planned.changes.length === 0 && !observed.parent) return run.finish('succeeded', []);
  await widenParent(api, set, observed, planned);
  const changes = await execute(api, planned, {
    fieldManager: run.fieldManager,
    forceFrom: run.forceFrom,
    concurrency: run.concurrency,
    wait: options.wait ?? true,
    timeoutMs: durationMs(options.timeout ?? '10m'),
    ...(options.signal ? { signal: options.signal } : {}),
    emit,
  });
  const failed = changes.some(({ outcome }) => outcome === 'failed' || outcome === 'skipped');
  if (!failed) await narrowParent(api, set, observed, planned);
  if (!failed && options.objects.length > 0 && !isEmpty(planned)) await record(options.objects, run);
  return run.finish(options.signal?.aborted ? 'aborted' : failed ? 'failed' : 'succeeded', changes);
}

/** Without a record, this state cannot be gone back to; it is there all the same. */
async function record(objects: readonly KubernetesObject[], { api, set, emit }: PreparedRun): Promise<void> {
  try {
    await recordRevision(api, set, objects);
  } catch (error) {
    const { message } = refusalOf(error);
    emit({ type: 'warning', message: `this state is not recorded, and cannot be gone back to: ${message}` });
  }
}

type PreparedRun = Awaited<ReturnType<typeof prepareRun>>;

async function prepareRun(options: PlanOptions) {
  const clock = options.clock ?? systemClock;
  const started = clock.now();
  const emit = (event: EventBody) => options.onEvent?.({ at: clock.now(), ...event });
  const api = new KubernetesApi(options.transport, clock, {
    ...(options.signal ? { signal: options.signal } : {}),
    onWarning: (message) => emit({ type: 'warning', message }),
  });
  const set = applySetOf(options.set ?? DEFAULT_SET);
  const { concurrency = 16, fieldManager = FIELD_MANAGER, forceFrom = HANDED_OVER } = options;
  const planning: PlanningOptions = {
    set,
    fieldManager,
    forceFrom,
    mayReplace: replacementRule(options.replace ?? 'never'),
    prune: options.prune ?? true,
    concurrency,
  };
  const observed = await observe(api, set);
  refuseEmpty(options, observed);
  const desired = await prepare(options.objects, set, api.discovery);
  const planned = await makePlan(api, desired, observed, planning);
  const finish = (outcome: ApplyOutcome, changes: readonly ChangeResult[]): ApplyResult => {
    const result = { outcome, plan: planned, changes, durationMs: clock.now() - started };
    emit({ type: 'finished', result });
    return result;
  };
  return { api, set, observed, plan: planned, emit, finish, concurrency, fieldManager, forceFrom };
}

function refuseEmpty(options: PlanOptions, observed: ObservedState): void {
  if (options.objects.length > 0 || options.allowEmpty || observed.members.size === 0) return;
  const message = `There is nothing to apply, which would delete all ${observed.members.size} objects that were applied before.`;
  throw new UserError('NothingToApply', message, 'Take the environment down if that is what you want.');
}

function replacementRule(replace: 'never' | 'stateless' | 'all'): (object: KubernetesObject) => boolean {
  if (replace === 'never') return () => false;
  return replace === 'all' ? () => true : (object) => !KEEPS_DATA.has(object.kind);
}

/** Before anything is written, the parent knows of all that is there and all that will be. */
async function widenParent(api: KubernetesApi, set: ApplySet, observed: ObservedState, planned: Plan): Promise<void> {
  const { kinds, namespaces } = contentsAfter(planned);
  const wide = {
    kinds: [...observed.contents.kinds, ...kinds],
    namespaces: [...observed.contents.namespaces, ...namespaces],
  };
  await writeParent(api, observed, parentOf(set, wide, observed.parent?.data ?? {}));
}

/** When all went well, it knows of what is there and no more. */
async function narrowParent(api: KubernetesApi, set: ApplySet, observed: ObservedState, planned: Plan): Promise<void> {
  const applied = new Map(planned.changes.flatMap(({ key, object }) => (object ? [[key, object] as const] : [])));
  const { kinds, namespaces } = contentsAfter(planned);
  // What is not served now may be in any namespace that the set has had.
  const forgotten = observed.unserved.length > 0 ? observed.contents.namespaces : [];
  const exact = { kinds: [...kinds, ...observed.unserved], namespaces: [...namespaces, ...forgotten] };
  await writeParent(api, observed, parentOf(set, exact, writeFingerprints(applied)));
}

async function writeParent(api: KubernetesApi, observed: ObservedState, parent: KubernetesObject) {
  if (observed.parent && isEmptyDifference(observed.parent, parent)) return;
  await api.apply(CONFIG_MAP, parent, { fieldManager: PARENT_MANAGER, force: true });
}

function isEmptyDifference(live: KubernetesObject, wanted: KubernetesObject): boolean {
  const facts = ({ metadata: { labels, annotations }, data }: KubernetesObject) =>
    JSON.stringify([labels, annotations, data]);
  return facts(live) === facts(wanted);
}

function contentsAfter(planned: Plan): ApplySetContents {
  const staying = planned.changes
    .filter(({ action }) => action !== 'delete')
    .map(({ object, live }) => refOf((object ?? live)!));
  const namespaces = staying.flatMap(({ namespace }) => (namespace ? [namespace] : []));
  return { kinds: staying, namespaces };
}
