/**
 * What can go wrong between the API server and its clients: refused requests, conflicts, slowness, watches that break.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#api-verbs
 *
 * A disturbance is aimed at chosen clients, whether they come over HTTP or live in the simulation. The API server's own
 * client (`kube-apiserver`) is never disturbed.
 */
import { internalError, type StatusError } from '../../../kubernetes/status-error';
import type { Random } from '../../random';
import type { ApiRequest } from './request';

/** Who is disturbed, and in what. */
export interface DisturbanceScope {
  /** Parts of user names or user agents: `kube-controller-manager`, `deployment-controller`, `kubectl`. @default everybody */
  readonly clients?: readonly string[];
  /** As the store names them: `pods`, `deployments.apps`. @default all */
  readonly resources?: readonly string[];
}

export interface Disturbance extends DisturbanceScope {
  /** How many of the requests that change something fail, 0 to 1. @default 0 */
  readonly failureRate?: number;
  /** Which requests fail. @default everything that changes something */
  readonly verbs?: readonly ApiRequest['verb'][];
  /** @default an internal error, as when etcd does not answer */
  readonly failure?: (request: ApiRequest) => StatusError;
  /** Virtual milliseconds by which clients learn and are answered later. @default 0 */
  readonly latencyMs?: number;
}

/** Watches that break. */
export interface DroppedWatches extends DisturbanceScope {
  /** Virtual time from which clients get through again, milliseconds since 1970. */
  readonly until: number;
}

/** Names by which a client is known. */
export interface ClientNames {
  readonly user: string;
  readonly userAgent: string;
}

const OWN_CLIENT = 'kube-apiserver';

export class Disturbances {
  private readonly active = new Set<Disturbance>();
  private readonly dropListeners = new Set<(dropped: DroppedWatches) => void>();

  constructor(private readonly random: Random) {}

  /** @returns ends the disturbance */
  add(disturbance: Disturbance): () => void {
    this.active.add(disturbance);
    return () => this.active.delete(disturbance);
  }

  /** Breaks the open watches of some clients: they have to list and watch again. */
  dropWatches(dropped: DroppedWatches): void {
    for (const listener of [...this.dropListeners]) listener(dropped);
  }

  /** Tells whoever holds watches open. @returns stops telling */
  onDrop(listener: (dropped: DroppedWatches) => void): () => void {
    this.dropListeners.add(listener);
    return () => this.dropListeners.delete(listener);
  }

  /** To be asked before a request that may change something. @throws StatusError */
  strike(request: ApiRequest): void {
    if (this.active.size === 0) return;
    const names = { user: request.user.name, userAgent: request.userAgent };
    for (const each of this.active) {
      if (!each.failureRate || each.verbs?.includes(request.verb) === false) continue;
      if (!concerns(each, names, request.resource.collection)) continue;
      if (this.random.fraction() < each.failureRate) throw (each.failure ?? timedOut)(request);
    }
  }

  /** By how many milliseconds a client's world is behind. */
  latencyOf(names: ClientNames, collection?: string): number {
    let latency = 0;
    for (const each of this.active) {
      if (each.latencyMs && concerns(each, names, collection)) latency += each.latencyMs;
    }
    return latency;
  }
}

/** Whether a scope means this client and this collection. */
export function concerns(scope: DisturbanceScope, names: ClientNames, collection?: string): boolean {
  if (names.userAgent === OWN_CLIENT) return false;
  if (scope.resources && collection !== undefined && !scope.resources.includes(collection)) return false;
  return scope.clients?.some((part) => names.user.includes(part) || names.userAgent.includes(part)) ?? true;
}

function timedOut(): StatusError {
  return internalError('etcdserver: request timed out');
}
