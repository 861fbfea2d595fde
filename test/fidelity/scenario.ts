/** What a recording says: see README.md. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Absent: admin; `''`: anonymous; else a user or a literal token. */
  readonly user?: string;
  readonly body?: unknown;
  readonly text?: string;
  readonly base64?: string;
}

export interface Answer {
  status: number;
  headers?: Record<string, unknown>;
  body?: any;
  text?: string;
  events?: { type: string; object: any }[];
}

export interface Reduction {
  readonly array?: string;
  readonly by?: string;
  readonly in?: readonly string[];
  readonly keys?: string;
  readonly stripVersions?: boolean;
  readonly keep?: readonly string[];
}

export interface Condition {
  readonly status?: number;
  readonly notStatus?: number;
  readonly condition?: string;
  readonly pointer?: string;
  readonly equals?: unknown;
  readonly contains?: string;
  readonly length?: number;
}

export interface Step {
  readonly id?: number;
  readonly req?: RecordedRequest;
  readonly res?: Answer;
  readonly setup?: boolean;
  readonly compare?: 'full' | 'status' | 'semantic' | 'none';
  readonly capture?: Readonly<Record<string, string>>;
  readonly reduce?: readonly Reduction[];
  readonly eventually?: Condition;
  /** Opens a stream of this name. */
  readonly watch?: string;
  /** Takes what a stream has brought. */
  readonly collect?: string;
  readonly count?: number;
  readonly keep?: boolean;
  readonly bookmarks?: boolean;
  readonly untilEnd?: boolean;
  readonly sleep?: number;
}

export interface Scenario {
  readonly name: string;
  readonly category: string;
  readonly steps: readonly Step[];
}

/** RFC 6901, without the errors. */
export function atPointer(value: any, pointer: string): any {
  let found = value;
  for (const part of pointer.split('/').slice(1)) {
    found = found?.[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return found;
}
