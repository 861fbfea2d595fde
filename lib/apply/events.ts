/**
 * What the engine tells while it works. Renderers print it; the engine prints nothing.
 */
import type { KubernetesObject } from '../kubernetes/object';
import type { Readiness } from '../kubernetes/readiness';
import type { Change, Plan, Refusal } from './plan';

/** How a change ended. `skipped`: something that it waits for failed. */
export type Outcome = 'created' | 'updated' | 'replaced' | 'deleted' | 'unchanged' | 'failed' | 'skipped';

export type ApplyEvent = { readonly at: number } & (
  | { readonly type: 'planned'; readonly plan: Plan }
  /** The request is about to be sent. */
  | { readonly type: 'started'; readonly change: Change }
  /** The server did it. For a delete: the object is gone. */
  | { readonly type: 'applied'; readonly change: Change; readonly outcome: Outcome }
  /** Not there yet; sent again whenever `readiness` changes. */
  | {
      readonly type: 'waiting';
      readonly change: Change;
      readonly readiness: Readiness;
      /** Since the wait began. */
      readonly elapsedMs: number;
    }
  | {
      readonly type: 'ready';
      readonly change: Change;
      readonly readiness: Readiness;
      /** How long it took; 0 when it was ready at the first look. */
      readonly elapsedMs: number;
    }
  | { readonly type: 'failed'; readonly change: Change; readonly refusal: Refusal }
  | { readonly type: 'skipped'; readonly change: Change; readonly because: Change }
  /** A Warning header of the server, or a remark of ours. */
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'finished'; readonly result: ApplyResult }
);

export interface ChangeResult {
  readonly change: Change;
  readonly outcome: Outcome;
  /** The object as it was last seen; undefined when it is not there. */
  readonly object?: KubernetesObject;
  /** The last verdict, of objects that were waited for. */
  readonly readiness?: Readiness;
  readonly failure?: Refusal;
}

/**
 * - `succeeded`: the cluster is as asked for.
 * - `refused`: the plan has refusals, or was declined; nothing was touched.
 * - `failed`: something was applied, not everything.
 * - `aborted`: the signal said stop.
 */
export type ApplyOutcome = 'succeeded' | 'refused' | 'failed' | 'aborted';

export interface ApplyResult {
  readonly outcome: ApplyOutcome;
  readonly plan: Plan;
  /** In the order of the plan. */
  readonly changes: readonly ChangeResult[];
  /** By the engine's clock. */
  readonly durationMs: number;
}

export type EventListener = (event: ApplyEvent) => void;
