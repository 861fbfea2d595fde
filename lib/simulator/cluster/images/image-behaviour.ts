/**
 * What a container image does when it runs. A simulated container executes no machine code: its image's behaviour says
 * what it would write, answer and exit with.
 * https://kubernetes.io/docs/concepts/containers/images/
 */
import type { HttpRequest, HttpResponse } from '../network/http-message';
import type { ContainerFiles } from './container-files';

/** A running container, as its image's behaviour sees it. */
export interface ContainerView {
  readonly name: string;
  readonly image: string;
  readonly namespace: string;
  readonly podName: string;
  readonly podUid: string;
  readonly podIp: string;
  readonly nodeName: string;
  /** The pod's host name. */
  readonly hostName: string;
  /** Whom it runs as: its own security context's, the pod's, or the image's. Root is 0. */
  readonly userId: number;
  readonly groupId: number;
  /** Further groups: the pod's `fsGroup` and `supplementalGroups`. */
  readonly groups: readonly number[];
  /** Entrypoint and arguments as they were started, variables expanded. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: ContainerFiles;
  readonly workingDir: string;
  /** The ports that its spec declares. */
  readonly declaredPorts: readonly number[];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** 0 for the first run. */
  readonly restartCount: number;
  now(): number;
  /** Writes lines to the container's log. */
  log(text: string, stream?: 'stdout' | 'stderr'): void;
  /** Sends a request into the cluster's network; undefined when nobody answers. */
  fetch(url: string, request?: Omit<HttpRequest, 'path'>): HttpResponse | undefined;
  /** Looks a name up in the cluster's DNS. */
  resolve(name: string): readonly string[];
}

export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/**
 * A program in steps: it yields how many milliseconds it sleeps (Infinity: until it is killed) and returns its exit
 * code. The kubelet resumes it on the virtual clock.
 */
export type Program = Generator<number, number, void>;

export interface Exit {
  /** Milliseconds or text such as `5s`, from the start. */
  readonly after: number | string;
  readonly code: number;
  /** As in the container's status. @default Completed, Error */
  readonly reason?: 'OOMKilled';
}

export interface ImageBehaviour {
  /** Decides how long a pull takes, and what `Pulled` events say. @default 50 MB */
  readonly sizeBytes?: number;
  readonly entrypoint?: readonly string[];
  /** What runs when the container names no arguments. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  /** The user that it runs as, 0 for root; with `runAsNonRoot` root is refused. @default unknown, which is let through */
  readonly user?: number;
  /** Files in the image, by absolute path. */
  readonly files?: Readonly<Record<string, string>>;
  /** How long after its start the server listens. @default 0 */
  readonly startDelay?: number | string;
  /** Where it listens. @default the ports that the container declares, when there is an `http` */
  readonly ports?: readonly number[] | ((container: ContainerView) => readonly number[]);
  /** Answers a request; undefined never answers. */
  readonly http?: (request: HttpRequest, container: ContainerView, port: number) => HttpResponse | undefined;
  /** While false, the server answers 503 to everything. @default always */
  readonly ready?: (container: ContainerView) => boolean;
  /** What it writes when it starts. */
  readonly logs?: readonly string[] | ((container: ContainerView) => readonly string[]);
  /** CPU in thousandths of a core, memory in bytes. */
  readonly usage?: (container: ContainerView) => { readonly milliCpu: number; readonly memoryBytes: number };
  /** What the pod tells of itself, by name of the metric, for autoscalers with Pods metrics. */
  readonly metrics?: (container: ContainerView) => Readonly<Record<string, number>>;
  /** Ends by itself. Undefined runs until it is stopped. */
  readonly exit?: Exit | ((container: ContainerView) => Exit | undefined);
  /** A program in place of `exit`; null when this image does not know the command. */
  readonly run?: (container: ContainerView) => Program | null | undefined;
  /** What a command run inside the container does; undefined leaves it to the simulated shell. */
  readonly exec?: (command: readonly string[], container: ContainerView) => ExecResult | undefined;
  /** How it answers to SIGTERM. `ignore` runs on until it is killed. @default exits with 0 at once */
  readonly onTerm?: 'ignore' | { readonly after: number | string; readonly code: number };
  /** Answers the same for as long as it runs: probes of it need not be repeated. @default false */
  readonly steady?: boolean;
  /** The image has only the programs of the simulated shell: other commands are not found in it. @default false */
  readonly onlyShell?: boolean;
}
