/** A pod's door to the network: which of its containers listens on a port, and what it answers. */
import { durationMs } from '../../../clock';
import type { HttpRequest, HttpResponse } from '../network/http-message';
import type { PodEndpoint } from '../network/network';
import type { Run } from './container-record';
import type { PodWorker } from './pod-worker';

export class PodNetworkEndpoint implements PodEndpoint {
  constructor(private readonly pod: PodWorker) {}

  get namespace(): string {
    return this.pod.namespace;
  }
  get name(): string {
    return this.pod.name;
  }
  get nodeName(): string {
    return this.pod.kubelet.name;
  }

  listens(port: number): boolean {
    return this.listener(port) !== undefined;
  }

  http(port: number, request: HttpRequest): HttpResponse | undefined {
    const { behaviour, view } = this.listener(port)!;
    if (behaviour.ready && !behaviour.ready(view)) {
      return { status: 503, headers: { 'content-type': 'text/plain' }, body: 'Service Unavailable\n' };
    }
    return behaviour.http!(request, view, port);
  }

  private listener(port: number): Run | undefined {
    if (!this.pod.kubelet.isMachineUp) return undefined;
    for (const { run } of this.pod.containers) if (run && listensOn(run, port, this.pod.now())) return run;
    return undefined;
  }
}

function listensOn(run: Run, port: number, now: number): boolean {
  const { behaviour, view } = run;
  // A container whose command is a shell's runs that, and not its image's server.
  if (!behaviour.http || run.program) return false;
  if (behaviour.startDelay !== undefined && now < run.startedAt + durationMs(behaviour.startDelay)) return false;
  const ports = typeof behaviour.ports === 'function' ? behaviour.ports(view) : (behaviour.ports ?? view.declaredPorts);
  return ports.includes(port);
}
