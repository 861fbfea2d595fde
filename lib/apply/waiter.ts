/**
 * Waits until objects are Current, or gone: never without a deadline, and never without saying what for.
 *
 * A verdict is computed again whenever a watch brings news of the object, of what it made, or of an Event about these.
 */

import { formatDuration, type Timer } from '../clock';
import type { KubernetesObject, Resource } from '../kubernetes/object';
import { isWorthWaitingFor, type Readiness, readinessOf } from '../kubernetes/readiness';
import { namespaceBlockers } from '../kubernetes/readiness/namespace';
import { isNotFound, StatusError } from '../kubernetes/status-error';
import type { KubernetesApi } from './kubernetes-api';
import { LiveObjects } from './live-objects';
import type { Change, Refusal } from './plan';
import { relatedResources, surroundingsOf } from './surroundings';

export interface WaitResult {
  readonly readiness: Readiness;
  /** As it was last seen; undefined when it is gone. */
  readonly object?: KubernetesObject;
  readonly elapsedMs: number;
  /** Undefined: what was waited for is there. */
  readonly failure?: Refusal;
}

export interface WaiterOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onProgress: (change: Change, readiness: Readiness, elapsedMs: number) => void;
}

interface Wait {
  readonly change: Change;
  readonly resource: Resource;
  readonly uid: string;
  readonly started: number;
  /** Computes the verdict, and whether the wait is over with it. */
  readonly judge: () => { readonly readiness: Readiness; readonly over: boolean };
  readonly resolve: (result: WaitResult) => void;
  timer?: Timer;
  last?: Readiness;
}

/** Some verdicts change with time alone. */
const LOOK_AGAIN_MS = 15_000;

const VOLUMES: Resource = {
  group: '',
  version: 'v1',
  resource: 'persistentvolumes',
  kind: 'PersistentVolume',
  namespaced: false,
};

export class Waiter {
  private readonly waits = new Map<string, Wait>();
  private readonly live: LiveObjects;
  private readonly dirty = new Set<string>();
  private timer: Timer | undefined;

  constructor(
    private readonly api: KubernetesApi,
    private readonly options: WaiterOptions,
  ) {
    this.live = new LiveObjects(api, (uids) => this.mark(uids));
    options.signal?.addEventListener('abort', () => {
      for (const wait of [...this.waits.values()]) this.finish(wait, wait.last ?? UNKNOWN, ABORTED);
    });
  }

  /** Until the object is Current or has Failed. `applied` is the server's answer to our last write. */
  async untilReady(change: Change, resource: Resource, applied: KubernetesObject): Promise<WaitResult> {
    if (!isWorthWaitingFor(applied)) return { readiness: readinessOf(applied), object: applied, elapsedMs: 0 };
    const { namespace } = applied.metadata;
    await this.follow(resource, namespace, relatedResources(applied));
    // A watch that was open before may tell of the object only later; until then, the server's answer is what we know.
    this.live.learn(applied);
    return this.wait(change, resource, applied.metadata.uid!, () => this.judgeReady(change, applied));
  }

  /** Until the object with this uid is gone, and with a claim the volume that was made for it. */
  async untilGone(change: Change, resource: Resource, live: KubernetesObject): Promise<WaitResult> {
    const { namespace, uid } = live.metadata;
    const volumeName = live.kind === 'PersistentVolumeClaim' ? live.spec?.volumeName : undefined;
    await this.follow(resource, namespace, volumeName ? [VOLUMES] : []);
    return this.wait(change, resource, uid!, () => this.judgeGone(change, uid!, volumeName));
  }

  close(): void {
    this.timer?.cancel();
    this.live.close();
  }

  private judgeReady(change: Change, applied: KubernetesObject): { readiness: Readiness; over: boolean } {
    const seen = this.live.get(change.key);
    if (!seen) return { readiness: { status: 'NotFound', message: 'somebody deleted it' }, over: true };
    if (seen.metadata.uid !== applied.metadata.uid) {
      return { readiness: { status: 'NotFound', message: 'somebody replaced it by another' }, over: true };
    }
    // The watch may lag behind our own write.
    const stale = Number(seen.metadata.resourceVersion) < Number(applied.metadata.resourceVersion);
    const object = stale ? applied : seen;
    const readiness = readinessOf(object, { ...surroundingsOf(object, this.live), now: this.api.clock.now() });
    return { readiness, over: readiness.status === 'Current' || readiness.status === 'Failed' };
  }

  private judgeGone(change: Change, uid: string, volumeName?: string): { readiness: Readiness; over: boolean } {
    const seen = this.live.get(change.key);
    if (seen?.metadata.uid === uid) {
      // Until the watch has caught up with our delete, the object looks as if nothing had happened.
      const { status, message } = seen.metadata.deletionTimestamp ? readinessOf(seen) : TERMINATING;
      const blockers = seen.kind === 'Namespace' ? namespaceBlockers(seen) : [];
      const readiness: Readiness = { status, message: [message, ...blockers].join('; ') };
      return { readiness, over: false };
    }
    const volume = volumeName ? this.live.get(`/PersistentVolume//${volumeName}`) : undefined;
    if (volume && volume.spec?.persistentVolumeReclaimPolicy === 'Delete') {
      return { readiness: { status: 'Terminating', message: `volume ${volumeName} is being deleted` }, over: false };
    }
    const message = volume
      ? `gone; its volume ${volumeName} is kept (${volume.spec?.persistentVolumeReclaimPolicy})`
      : 'gone';
    return { readiness: { status: 'NotFound', message }, over: true };
  }

  private async follow(resource: Resource, namespace: string | undefined, related: readonly Resource[]): Promise<void> {
    const others = related.map((one) =>
      this.live.follow(one, one.namespaced ? namespace : undefined).catch((error) => {
        // Without the right to see Pods or Events, one waits as well and learns less.
        if (!(isNotFound(error) || (error instanceof StatusError && error.code === 403))) throw error;
      }),
    );
    await Promise.all([this.live.follow(resource, namespace), ...others]);
  }

  private wait(change: Change, resource: Resource, uid: string, judge: Wait['judge']): Promise<WaitResult> {
    return new Promise((resolve) => {
      const wait: Wait = { change, resource, uid, started: this.api.clock.now(), judge, resolve };
      if (this.options.signal?.aborted) return this.finish(wait, UNKNOWN, ABORTED);
      wait.timer = this.api.clock.after(this.options.timeoutMs, () => this.expire(wait));
      this.waits.set(uid, wait);
      this.evaluate(wait);
      this.lookAgain();
    });
  }

  /** Many changes come in one piece; the verdict is computed once for all of them. */
  private mark(uids: readonly string[]): void {
    for (const uid of uids) {
      if (!this.waits.has(uid)) continue;
      if (this.dirty.size === 0) queueMicrotask(() => this.flush());
      this.dirty.add(uid);
    }
  }

  private flush(): void {
    const uids = [...this.dirty];
    this.dirty.clear();
    for (const uid of uids) {
      const wait = this.waits.get(uid);
      if (wait) this.evaluate(wait);
    }
  }

  private lookAgain(): void {
    if (this.timer || this.waits.size === 0) return;
    this.timer = this.api.clock.after(LOOK_AGAIN_MS, () => {
      this.timer = undefined;
      for (const wait of [...this.waits.values()]) this.evaluate(wait);
      this.lookAgain();
    });
  }

  private evaluate(wait: Wait): void {
    const { readiness, over } = wait.judge();
    if (over) {
      this.finish(wait, readiness, failureOf(wait.change, readiness));
      return;
    }
    const { last } = wait;
    wait.last = readiness;
    if (last?.status === readiness.status && last.message === readiness.message) return;
    this.options.onProgress(wait.change, readiness, this.api.clock.now() - wait.started);
  }

  private expire(wait: Wait): void {
    const last = wait.last ?? UNKNOWN;
    const message = `still ${last.status} after ${formatDuration(this.options.timeoutMs)}: ${last.message}`;
    this.finish(wait, last, { reason: 'Timeout', message });
  }

  private finish(wait: Wait, readiness: Readiness, failure?: Refusal): void {
    wait.timer?.cancel();
    this.waits.delete(wait.uid);
    // What was there at the first look has not been waited for.
    const elapsedMs = wait.last ? this.api.clock.now() - wait.started : 0;
    const seen = this.live.get(wait.change.key);
    const object = seen?.metadata.uid === wait.uid ? seen : undefined;
    wait.resolve({ readiness, elapsedMs, ...(object ? { object } : {}), ...(failure ? { failure } : {}) });
  }
}

const TERMINATING: Readiness = { status: 'Terminating', message: 'being deleted' };
const UNKNOWN: Readiness = { status: 'Unknown', message: 'nothing is known yet' };
const ABORTED: Refusal = { reason: 'Aborted', message: 'stopped while waiting for it' };

function failureOf(change: Change, readiness: Readiness): Refusal | undefined {
  const { status, message, reason } = readiness;
  if (status === 'Current' || (change.action === 'delete' && status === 'NotFound')) return undefined;
  return { reason: reason ?? status, message };
}
