/**
 * A running container as its image's behaviour sees it. Environment, command and files are made when they are first
 * looked at: most containers of a large cluster are never asked.
 */
import { ContainerFiles, frozenTree, type Mount, normalizePath } from '../images/container-files';
import type { ContainerView, ImageBehaviour } from '../images/image-behaviour';
import type { HttpRequest, HttpResponse } from '../network/http-message';
import { ContainerLog } from './container-log';
import type { ContainerRecord } from './container-record';
import { expandReferences, needsLookups, resolveEnvironment } from './environment';
import type { PodWorker } from './pod-worker';

type Environment = Readonly<Record<string, string>>;

export class RunningContainer implements ContainerView {
  readonly writtenLog: ContainerLog;
  private readonly spec: any;
  private knownEnv: Environment | undefined;
  private knownFiles: ContainerFiles | undefined;
  private knownCommand: readonly string[] | undefined;

  /** @throws ContainerConfigError when the environment names something that is not there. */
  constructor(
    private readonly pod: PodWorker,
    container: ContainerRecord,
    private readonly behaviour: ImageBehaviour,
    readonly startedAt: number,
  ) {
    this.spec = container.spec;
    this.restartCount = container.restartCount;
    this.writtenLog = new ContainerLog(this);
    if (needsLookups(this.spec)) this.knownEnv = this.resolveEnv();
    if (this.spec.volumeMounts?.some((mount: any) => mount.subPath || mount.subPathExpr)) {
      this.knownFiles = this.openFiles();
    }
  }

  readonly restartCount: number;

  get name(): string {
    return this.spec.name;
  }
  get image(): string {
    return this.spec.image;
  }
  get namespace(): string {
    return this.pod.namespace;
  }
  get podName(): string {
    return this.pod.name;
  }
  get podUid(): string {
    return this.pod.uid;
  }
  get podIp(): string {
    return this.pod.podIp ?? '';
  }
  get nodeName(): string {
    return this.pod.kubelet.name;
  }
  get hostName(): string {
    const { spec } = this.pod.object;
    return spec.hostname ?? this.pod.name.slice(0, 63);
  }
  get userId(): number {
    return this.security('runAsUser') ?? this.behaviour.user ?? 0;
  }
  get groupId(): number {
    return this.security('runAsGroup') ?? 0;
  }
  get groups(): readonly number[] {
    const { fsGroup, supplementalGroups = [] } = this.pod.object.spec.securityContext ?? {};
    return [...(fsGroup === undefined ? [] : [fsGroup]), ...supplementalGroups];
  }
  get workingDir(): string {
    return this.spec.workingDir ?? this.behaviour.workingDir ?? '/';
  }
  get declaredPorts(): readonly number[] {
    return (this.spec.ports ?? []).map(({ containerPort }: any) => containerPort);
  }

  get env(): Environment {
    this.knownEnv ??= this.resolveEnv();
    return this.knownEnv;
  }

  get files(): ContainerFiles {
    this.knownFiles ??= this.openFiles();
    return this.knownFiles;
  }

  private openFiles(): ContainerFiles {
    const isReadOnly = this.spec.securityContext?.readOnlyRootFilesystem === true;
    return new ContainerFiles(this.behaviour.files ?? {}, this.mounts(), isReadOnly);
  }

  /** What the container has written into a file; undefined when it never looked at its files. */
  tryWritten(path: string): string | undefined {
    return this.knownFiles?.tryRead(path)?.text;
  }

  /** `command` replaces the image's entrypoint and its arguments, `args` replaces the arguments alone. */
  get command(): readonly string[] {
    if (!this.knownCommand) {
      const { entrypoint = [], command = [] } = this.behaviour;
      const { command: own, args } = this.spec;
      const words = own ? [...own, ...(args ?? [])] : [...entrypoint, ...(args ?? command)];
      this.knownCommand = words.map((word: string) => expandReferences(word, (name) => this.env[name]));
    }
    return this.knownCommand;
  }

  now(): number {
    return this.pod.now();
  }

  log(text: string, stream: 'stdout' | 'stderr' = 'stdout'): void {
    this.writtenLog.write(this.now(), stream, text);
  }

  /** What the image writes when it starts. */
  openingLines(): readonly string[] {
    const { logs = [] } = this.behaviour;
    return typeof logs === 'function' ? logs(this) : logs;
  }

  fetch(url: string, request: Omit<HttpRequest, 'path'> = {}): HttpResponse | undefined {
    const { network } = this.pod.kubelet.services;
    const to = localTo(url, this.podIp);
    return network.request({ ...request, to, from: this.podIp, namespace: this.namespace }).response;
  }

  resolve(name: string): readonly string[] {
    return this.pod.kubelet.services.network.dns.resolve(name, this.namespace);
  }

  /** What a container says of itself counts more than what its pod says of all. */
  private security(field: 'runAsUser' | 'runAsGroup'): number | undefined {
    return this.spec.securityContext?.[field] ?? this.pod.object.spec.securityContext?.[field];
  }

  private resolveEnv(): Environment {
    const { kubelet, object } = this.pod;
    const { store } = kubelet.services.context;
    return resolveEnvironment({
      store,
      pod: object,
      container: this.spec,
      imageEnv: this.behaviour.env ?? {},
      podIp: this.podIp,
      hostIp: kubelet.address,
      hostName: this.hostName,
      startedAt: this.startedAt,
      node: store.get('nodes', undefined, kubelet.name),
    });
  }

  private mounts(): Mount[] {
    const { pod } = this;
    return (this.spec.volumeMounts ?? []).flatMap((mount: any) => {
      const volume = pod.object.spec.volumes?.find(({ name }: any) => name === mount.name);
      if (!volume) return [];
      const isComputed = volume.configMap || volume.secret || volume.projected || volume.downwardAPI;
      const subPath = mount.subPathExpr
        ? expandReferences(mount.subPathExpr, (name) => this.env[name])
        : (mount.subPath as string | undefined);
      return [
        {
          path: normalizePath(mount.mountPath),
          // What is mounted by a subPath never follows later changes.
          tree: isComputed && subPath ? frozenTree(pod.treeOf(volume)) : pod.treeOf(volume),
          readOnly: mount.readOnly === true || Boolean(isComputed),
          ...(subPath ? { subPath } : {}),
        },
      ];
    });
  }
}

/** Containers of a pod share its network: localhost is the pod. */
function localTo(url: string, podIp: string): string {
  return url.replace(/^(https?:\/\/)?(localhost|127\.0\.0\.1)(?=[:/?]|$)/, (_, scheme = '') => `${scheme}${podIp}`);
}
