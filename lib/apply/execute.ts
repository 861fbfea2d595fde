/**
 * Carries out a plan, without any decision of its own: every change as soon as what it waits for is there, so many at a
 * time. A failure stops what depends on it and nothing else; what is left over is deleted only when all the rest succeeded.
 */
import type { KubernetesObject, Resource } from '../kubernetes/object';
import { podShapeOf } from '../kubernetes/pod-spec';
import { StatusError } from '../kubernetes/status-error';
import { Semaphore } from './concurrency';
import type { ApplyEvent, ChangeResult, Outcome } from './events';
import type { KubernetesApi } from './kubernetes-api';
import type { ObjectKey, ObjectRef } from './object-ref';
import type { Change, Plan, Refusal } from './plan';
import { conflictingManagers, missesServiceAccount, refusalOf } from './refusal';
import { sleep } from './retry';
import { isToBeTakenOver, takeOver } from './take-over';
import { Waiter, type WaitResult } from './waiter';

export interface ExecuteOptions {
  readonly fieldManager: string;
  readonly forceFrom: 'all' | readonly string[];
  readonly concurrency: number;
  /** Wait until everything is Current, or only as far as other changes need it. */
  readonly wait: boolean;
  /** For one object, from when it was applied until it is Current or gone. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly emit: (event: EventBody) => void;
}

type WithoutTime<E> = E extends unknown ? Omit<E, 'at'> : never;
export type EventBody = WithoutTime<ApplyEvent>;

/** Results in the order of the plan. */
export async function execute(api: KubernetesApi, plan: Plan, options: ExecuteOptions): Promise<ChangeResult[]> {
  const run = new Run(api, options);
  try {
    const deletions = plan.changes.filter(({ action }) => action === 'delete');
    const others = plan.changes.filter(({ action }) => action !== 'delete');
    const results = await run.all(others);
    const clean = results.every(({ outcome }) => outcome !== 'failed' && outcome !== 'skipped');
    if (clean) return [...results, ...(await run.all(deletions))];
    const because = results.find(({ outcome }) => outcome === 'failed' || outcome === 'skipped')!.change;
    return [...results, ...deletions.map((change) => run.skip(change, because))];
  } finally {
    run.close();
  }
}

/** What others may wait for. */
interface Node {
  readonly applied: Promise<ChangeResult>;
  readonly ready: Promise<ChangeResult>;
}

/** How often we ask for what comes by itself within seconds: the resource of a definition, a namespace's account. */
const PATIENCE = 60;
const RETRY_DELAY_MS = 500;

class Run {
  private readonly semaphore: Semaphore;
  private readonly waiter: Waiter;
  private readonly nodes = new Map<ObjectKey, Node>();
  /** Changes whose readiness another one waits for. */
  private needed = new Set<ObjectKey>();

  constructor(
    private readonly api: KubernetesApi,
    private readonly options: ExecuteOptions,
  ) {
    this.semaphore = new Semaphore(options.concurrency);
    this.waiter = new Waiter(api, {
      timeoutMs: options.timeoutMs,
      ...(options.signal ? { signal: options.signal } : {}),
      onProgress: (change, readiness, elapsedMs) => options.emit({ type: 'waiting', change, readiness, elapsedMs }),
    });
  }

  async all(changes: readonly Change[]): Promise<ChangeResult[]> {
    this.needed = new Set(
      changes.flatMap(({ after }) => after.filter(({ until }) => until === 'ready').map(({ to }) => to)),
    );
    for (const change of changes) this.start(change);
    return Promise.all(changes.map(({ key }) => this.nodes.get(key)!.ready));
  }

  close(): void {
    this.waiter.close();
  }

  skip(change: Change, because: Change): ChangeResult {
    this.options.emit({ type: 'skipped', change, because });
    return { change, outcome: 'skipped' };
  }

  /** Dependencies come earlier in the plan, so their nodes exist. */
  private start(change: Change): void {
    let live: { resource: Resource; object: KubernetesObject } | undefined;
    const applied = (async () => {
      const obstacle = await this.obstacle(change);
      if (obstacle) return this.skip(change, obstacle);
      if (this.options.signal?.aborted) return this.fail(change, { reason: 'Aborted', message: 'not started' });
      return this.semaphore.run(async () => {
        try {
          if (change.action !== 'keep') this.options.emit({ type: 'started', change });
          const done = await this.carryOut(change);
          live = done;
          if (change.action !== 'delete') this.options.emit({ type: 'applied', change, outcome: done.outcome });
          return { change, outcome: done.outcome, ...(change.action === 'delete' ? {} : { object: done.object }) };
        } catch (error) {
          return this.fail(change, refusalOf(error));
        }
      });
    })();
    const ready = applied.then((result) => (live ? this.settle(result, live.resource, live.object) : result));
    this.nodes.set(change.key, { applied, ready });
  }

  /** The change that this one waits for in vain. */
  private async obstacle(change: Change): Promise<Change | undefined> {
    for (const { to, until } of change.after) {
      const node = this.nodes.get(to);
      if (!node) continue;
      const result = await (until === 'ready' || change.action === 'delete' ? node.ready : node.applied);
      if (result.outcome === 'failed' || result.outcome === 'skipped') return result.change;
    }
    return undefined;
  }

  private async carryOut(change: Change): Promise<{ outcome: Outcome; resource: Resource; object: KubernetesObject }> {
    const resource = change.resource ?? (await this.discover(change));
    const { action, live, ref } = change;
    if (action === 'keep') return { outcome: 'unchanged', resource, object: live! };
    if (action === 'delete') {
      await this.delete(resource, ref, live!);
      return { outcome: 'deleted', resource, object: live! };
    }
    if (action === 'replace') await this.delete(resource, ref, live!);
    if (action === 'replace' || live?.metadata.deletionTimestamp) await this.untilGone(change, resource, live!);
    let object = await this.applyInTime(change, resource);
    if (isToBeTakenOver(object)) {
      await takeOver(this.api, resource, object, this.options.fieldManager);
      object = await this.apply(change, resource);
    }
    const outcome = action === 'create' ? 'created' : action === 'replace' ? 'replaced' : 'updated';
    return { outcome, resource, object };
  }

  /** A workload stays until its Pods are gone: what they use is deleted after it. */
  private async delete(resource: Resource, ref: ObjectRef, live: KubernetesObject): Promise<void> {
    const propagationPolicy = podShapeOf(live) ? 'Foreground' : 'Background';
    await this.api.delete(resource, ref, { uid: live.metadata.uid, propagationPolicy });
  }

  /** A namespace gets its service account a moment after it was made, and Pods are refused until then. */
  private async applyInTime(change: Change, resource: Resource): Promise<KubernetesObject> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.apply(change, resource);
      } catch (error) {
        if (!missesServiceAccount(error) || attempt === PATIENCE || this.options.signal?.aborted) throw error;
        await sleep(this.api.clock, RETRY_DELAY_MS, this.options.signal);
      }
    }
  }

  private async apply(change: Change, resource: Resource): Promise<KubernetesObject> {
    const { fieldManager, forceFrom } = this.options;
    try {
      return await this.api.apply(resource, change.object!, {
        fieldManager,
        force: change.force ?? forceFrom === 'all',
      });
    } catch (error) {
      const managers = conflictingManagers(error);
      const listed = forceFrom !== 'all' && managers.every((manager) => forceFrom.includes(manager));
      if (managers.length === 0 || !listed) throw error;
      return this.api.apply(resource, change.object!, { fieldManager, force: true });
    }
  }

  private async untilGone(change: Change, resource: Resource, live: KubernetesObject): Promise<void> {
    const gone = await this.waiter.untilGone({ ...change, action: 'delete' }, resource, live);
    if (gone.failure) throw new StatusError(409, gone.failure.reason, gone.failure.message);
  }

  private async discover({ ref }: Change): Promise<Resource> {
    for (let attempt = 1; ; attempt++) {
      const resource = await this.api.discovery.tryResourceOf(ref.group, ref.version, ref.kind);
      if (resource) return resource;
      if (attempt === PATIENCE || this.options.signal?.aborted) {
        const version = ref.group ? `${ref.group}/${ref.version}` : ref.version;
        throw new StatusError(404, 'NotFound', `no matches for kind "${ref.kind}" in version "${version}"`);
      }
      await sleep(this.api.clock, RETRY_DELAY_MS, this.options.signal);
    }
  }

  /** Waits for what was applied, if anybody is interested. */
  private async settle(result: ChangeResult, resource: Resource, object: KubernetesObject): Promise<ChangeResult> {
    const { change } = result;
    const gone = change.action === 'delete';
    if (!gone && !this.options.wait && !this.needed.has(change.key)) return result;
    let waited: WaitResult;
    try {
      waited = await (gone
        ? this.waiter.untilGone(change, resource, object)
        : this.waiter.untilReady(change, resource, object));
    } catch (error) {
      return this.fail(change, refusalOf(error));
    }
    const { readiness, elapsedMs, failure } = waited;
    const seen = waited.object ? { object: waited.object } : {};
    if (failure) return { ...this.fail(change, failure), ...seen, readiness };
    if (gone) this.options.emit({ type: 'applied', change, outcome: 'deleted' });
    else this.options.emit({ type: 'ready', change, readiness, elapsedMs });
    return { ...result, ...seen, readiness };
  }

  private fail(change: Change, refusal: Refusal): ChangeResult {
    this.options.emit({ type: 'failed', change, refusal });
    return { change, outcome: 'failed', failure: refusal };
  }
}
