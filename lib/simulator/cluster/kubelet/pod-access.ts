/**
 * What the API server asks a kubelet for: `pods/log`, `pods/exec`, `pods/attach`, `pods/portforward`. The API server has
 * authenticated the caller and found the pod; everything here is synchronous, streams are the HTTP door's.
 * https://kubernetes.io/docs/reference/node/kubelet-api/ (the kubelet serves these on port 10250)
 */
import type { ExecResult } from '../images/image-behaviour';
import type { HttpRequest, HttpResponse } from '../network/http-message';

/** The query parameters of `GET /api/v1/namespaces/<ns>/pods/<pod>/log`, decoded. */
export interface LogOptions {
  /** @default the pod's only container; with several, a 400 that lists them */
  readonly container?: string;
  /** The run before the current one. */
  readonly previous?: boolean;
  readonly sinceSeconds?: number;
  /** RFC 3339. */
  readonly sinceTime?: string;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  readonly timestamps?: boolean;
}

export interface PodLog {
  /** Everything that was written until now, as far as the options ask for it. */
  readonly text: string;
  /**
   * Hears what is written from now on; `ended` is called when the container has terminated. Returns how to stop.
   * When it is not running any more, `ended` is called at once.
   */
  follow(written: (text: string) => void, ended: () => void): () => void;
}

export interface ExecOptions {
  /** @default the pod's only container, or the one its annotation kubectl.kubernetes.io/default-container names */
  readonly container?: string;
  readonly command: readonly string[];
  /** Everything that is written to the standard input. @default nothing */
  readonly stdin?: string;
}

export interface SessionOptions extends Omit<ExecOptions, 'stdin' | 'command'> {
  /** What to run; absent: look at, and type into, what the container runs anyway (`attach`). */
  readonly command?: readonly string[];
  /** Somebody types. */
  readonly stdin: boolean;
  /** In a terminal: input is echoed and edited, lines end with CR LF, ^C interrupts, ^D ends. */
  readonly tty: boolean;
}

/** Who hears what a process writes. */
export interface SessionListener {
  out(text: string): void;
  err(text: string): void;
  /** @param code undefined when nobody can say (attach) */
  ended(code: number | undefined): void;
}

/** A process somebody talks to. */
export interface Session {
  write(text: string): void;
  endInput(): void;
  resize(columns: number, rows: number): void;
  /** The other side has gone. */
  stop(): void;
}

/** A connection to a port of a pod. */
export type PodConnection = (request: HttpRequest) => HttpResponse | undefined;

/** Every method throws a StatusError in the API server's words. */
export interface PodAccess {
  logs(namespace: string, pod: string, options?: LogOptions): PodLog;
  exec(namespace: string, pod: string, options: ExecOptions): ExecResult;
  /** Starts a command, or attaches to the container's own; what it writes goes to the listener, from the next moment on. */
  open(namespace: string, pod: string, options: SessionOptions, listener: SessionListener): Session;
  /** Whether a connection to the port would be accepted. */
  listens(namespace: string, pod: string, port: number): boolean;
  /** @throws Error with the kubelet's words when nobody listens on the port */
  connect(namespace: string, pod: string, port: number): PodConnection;
}
