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

/** Every method throws a StatusError in the API server's words. */
export interface PodAccess {
  logs(namespace: string, pod: string, options?: LogOptions): PodLog;
  exec(namespace: string, pod: string, options: ExecOptions): ExecResult;
  /** A request to a port of the pod, as `kubectl port-forward` or the pod proxy sends it. */
  http(namespace: string, pod: string, port: number, request: HttpRequest): HttpResponse;
}
