/** What the handlers of one API server share. */
import type { KindDefinition, RequestContext, UserInfo } from '../../../kubernetes/kinds';
import { apiVersionOf, type KubernetesObject } from '../../../kubernetes/object';
import type { Random } from '../../random';
import type { Simulation } from '../../simulation';
import type { Client } from '../client';
import type { Store } from '../store';
import type { AdmissionChain } from './admission/admission';
import type { ServiceAllocator } from './allocation/service-allocator';
import type { Authenticator } from './auth/authenticator';
import type { Authorizer } from './auth/authorizer';
import type { RbacAuthorizer } from './auth/rbac-authorizer';
import type { ServiceAccountTokens } from './auth/service-account-tokens';
import type { Outbound } from './outbound/outbound';
import type { ResourceRegistry, ServedResource } from './resources';

export interface ServerContext {
  readonly simulation: Simulation;
  readonly store: Store;
  readonly resources: ResourceRegistry;
  readonly admission: AdmissionChain;
  readonly authorizer: Authorizer;
  readonly services: ServiceAllocator;
  /** One of those the authorizer asks; it can also list what it allows. */
  readonly rbac: RbacAuthorizer;
  readonly authenticators: readonly Authenticator[];
  readonly tokens: ServiceAccountTokens;
  /** The way to webhooks. */
  readonly outbound: Outbound;
  /** The API server as its own client, which some endpoints write through. */
  readonly client: () => Client;
  /** Source of uids and generated names. */
  readonly random: Random;
}

export function requestContext(server: ServerContext, resource: ServedResource, user: UserInfo): RequestContext {
  return {
    now: server.simulation.clock.now(),
    apiVersion: apiVersionOf(resource),
    user,
    newUid: () => server.random.uuid(),
  };
}

const converted = new WeakMap<KubernetesObject, Map<string, KubernetesObject>>();

/** A stored object in the version of the request. */
export function fromStored(resource: ServedResource, stored: KubernetesObject): KubernetesObject {
  if (!resource.conversion) return stored;
  let versions = converted.get(stored);
  if (!versions) {
    versions = new Map();
    converted.set(stored, versions);
  }
  let object = versions.get(resource.apiVersion);
  if (!object) {
    object = resource.conversion.fromHub(structuredClone(stored));
    versions.set(resource.apiVersion, object);
  }
  return object;
}

/** How `StatusError` functions want to hear of a kind: `Deployment.apps`. */
export const groupKind = (definition: KindDefinition): { group: string; kind: string } => definition;
