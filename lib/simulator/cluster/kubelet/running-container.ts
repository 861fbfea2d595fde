/**
 * A running container as its image's behaviour sees it. Environment and files are made when they are first looked at.
 */
import type { ContainerFiles } from '../images/container-files';
import type { ContainerView } from '../images/image-behaviour';
import type { HttpRequest, HttpResponse } from '../network/http-message';
import type { ContainerLog } from './container-log';

export interface RunningContainerOptions {
  readonly name: string;
  readonly image: string;
  readonly namespace: string;
  readonly podName: string;
  readonly podUid: string;
  readonly hostName: string;
  readonly podIp: string;
  readonly nodeName: string;
  readonly command: (env: Readonly<Record<string, string>>) => readonly string[];
  readonly env: () => Readonly<Record<string, string>>;
  readonly files: () => ContainerFiles;
  readonly workingDir: string;
  readonly declaredPorts: readonly number[];
  readonly startedAt: number;
  readonly restartCount: number;
  readonly now: () => number;
  readonly writeLog: () => ContainerLog;
  readonly fetch: (url: string, request: Omit<HttpRequest, 'path'>) => HttpResponse | undefined;
  readonly resolve: (name: string) => readonly string[];
}

export class RunningContainer implements ContainerView {
  private lazyEnv: Readonly<Record<string, string>> | undefined;
  private lazyFiles: ContainerFiles | undefined;
  private lazyCommand: readonly string[] | undefined;

  constructor(private readonly options: RunningContainerOptions) {}

  get name(): string {
    return this.options.name;
  }
  get image(): string {
    return this.options.image;
  }
  get namespace(): string {
    return this.options.namespace;
  }
  get podName(): string {
    return this.options.podName;
  }
  get podUid(): string {
    return this.options.podUid;
  }
  get podIp(): string {
    return this.options.podIp;
  }
  get nodeName(): string {
    return this.options.nodeName;
  }
  get hostName(): string {
    return this.options.hostName;
  }
  get workingDir(): string {
    return this.options.workingDir;
  }
  get declaredPorts(): readonly number[] {
    return this.options.declaredPorts;
  }
  get startedAt(): number {
    return this.options.startedAt;
  }
  get restartCount(): number {
    return this.options.restartCount;
  }
  get env(): Readonly<Record<string, string>> {
    this.lazyEnv ??= this.options.env();
    return this.lazyEnv;
  }
  get files(): ContainerFiles {
    this.lazyFiles ??= this.options.files();
    return this.lazyFiles;
  }
  get command(): readonly string[] {
    this.lazyCommand ??= this.options.command(this.env);
    return this.lazyCommand;
  }
  now(): number {
    return this.options.now();
  }
  log(text: string, stream: 'stdout' | 'stderr' = 'stdout'): void {
    this.options.writeLog().write(this.now(), stream, text);
  }
  fetch(url: string, request: Omit<HttpRequest, 'path'> = {}): HttpResponse | undefined {
    return this.options.fetch(url, request);
  }
  resolve(name: string): readonly string[] {
    return this.options.resolve(name);
  }
}
