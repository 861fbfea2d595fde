/**
 * What happens to an environment, as one stream of typed events. The engines emit them and decide; the renderers of the
 * command line (terminal, plain lines, JSON) only show them.
 */
import type { ApplyEvent } from '../apply';

export type PhaseName = 'cloud' | 'stacks' | 'objects' | 'proof' | 'teardown' | 'verify';

export interface PhaseEvent {
  readonly type: 'phase';
  readonly phase: PhaseName;
  /** What is about to happen, e.g. `3 stacks to create`. */
  readonly message: string;
}

/** A phase is over. */
export interface PhaseDoneEvent {
  readonly type: 'phase-done';
  readonly phase: PhaseName;
  readonly ok: boolean;
  readonly message: string;
  /** Time of the cloud that it took (virtual time on the local cloud), milliseconds. */
  readonly cloudMs?: number;
  /** Time on the wall, milliseconds. */
  readonly wallMs: number;
}

/** A resource of a stack, or a stack itself (logicalId = stack name), changed state. */
export interface StackResourceEvent {
  readonly type: 'stack-resource';
  readonly stack: string;
  readonly logicalId: string;
  readonly resourceType: string;
  /** CloudFormation's word, e.g. `CREATE_IN_PROGRESS`. */
  readonly status: string;
  readonly reason?: string;
  /** The cloud's time, milliseconds since 1970. */
  readonly time: number;
  /** Resources done and in all, where the toolkit knows. */
  readonly completed?: number;
  readonly total?: number;
  /** The construct that made it, e.g. `drydock-network/Vpc/PublicSubnet1`. */
  readonly constructPath?: string;
}

export interface StackDoneEvent {
  readonly type: 'stack-done';
  readonly stack: string;
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'deleted';
  readonly cloudMs: number;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface ObjectEvent {
  readonly type: 'object';
  readonly event: ApplyEvent;
}

/** One request of the proof. */
export interface ProofEvent {
  readonly type: 'proof';
  readonly url: string;
  readonly host?: string;
  readonly status: number;
  /** The first line of the answer. */
  readonly answer: string;
}

/** One thing that was looked for after a teardown. */
export interface CheckEvent {
  readonly type: 'check';
  /** What was listed, e.g. `load balancers`. */
  readonly what: string;
  /** The call that was made, e.g. `elasticloadbalancing:DescribeLoadBalancers`. */
  readonly call: string;
  /** What is left; empty is good. */
  readonly left: readonly string[];
}

export interface NoteEvent {
  readonly type: 'note';
  readonly level: 'info' | 'warning';
  readonly message: string;
}

/** The last event of a run. */
export interface ResultEvent {
  readonly type: 'result';
  readonly ok: boolean;
  readonly message: string;
  /** Commands worth typing next. */
  readonly next: readonly { readonly command: string; readonly why: string }[];
}

export type EnvironmentEvent =
  | PhaseEvent
  | PhaseDoneEvent
  | StackResourceEvent
  | StackDoneEvent
  | ObjectEvent
  | ProofEvent
  | CheckEvent
  | NoteEvent
  | ResultEvent;

export type EmitEvent = (event: EnvironmentEvent) => void;
