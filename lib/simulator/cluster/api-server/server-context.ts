/** What the handlers of one API server share. */
import type { Draft, KindDefinition, RequestContext, UserInfo } from '../../../kubernetes/kinds';
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
  /** Authorizers that cannot list what they allow: `webhook`. */
  readonly unlistedAuthorizers: readonly string[];
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

const converted = new WeakMap<KubernetesObject, Map<ServedResource, KubernetesObject>>();

/**
 * A stored object in the version of the request.
 * @throws StatusError when a webhook fails to convert it; PendingCall while one is being asked
 */
export function fromStored(resource: ServedResource, stored: KubernetesObject): KubernetesObject {
  const { conversion, versions } = resource;
  if (versions ? stored.apiVersion === resource.apiVersion : !conversion) return stored;
  const convert = (): KubernetesObject => {
    const own = structuredClone(stored) as Draft;
    return versions ? versions.convert([own])[0]! : conversion!.fromHub(own);
  };
  // What a webhook says belongs to the request that asked it.
  if (versions?.byWebhook) return convert();
  let known = converted.get(stored);
  if (!known) {
    known = new Map();
    converted.set(stored, known);
  }
  let object = known.get(resource);
  if (!object) {
    object = convert();
    known.set(resource, object);
  }
  return object;
}

export function allFromStored(
  resource: ServedResource,
  stored: readonly KubernetesObject[],
): readonly KubernetesObject[] {
  const { conversion, versions } = resource;
  if (!versions?.byWebhook) {
    return conversion || versions ? stored.map((each) => fromStored(resource, each)) : stored;
  }
  const others = stored.filter(({ apiVersion }) => apiVersion !== resource.apiVersion);
  if (others.length === 0) return stored;
  const answers = versions.convert(others.map((each) => structuredClone(each) as Draft));
  const byObject = new Map(others.map((each, i) => [each, answers[i]!]));
  return stored.map((each) => byObject.get(each) ?? each);
}

/**
 * An object that is about to be written, as the answer will show it: a webhook that converts has to be asked before. Undefined
 * where nobody has to be asked.
 */
export function previewOf(resource: ServedResource, hub: KubernetesObject): KubernetesObject | undefined {
  return resource.versions?.byWebhook && hub.apiVersion !== resource.apiVersion ? fromStored(resource, hub) : undefined;
}

/** What was written, in the version of the request. @param preview what it looks like, but for what the store adds */
export function shown(
  resource: ServedResource,
  stored: KubernetesObject,
  preview: KubernetesObject | undefined,
): KubernetesObject {
  if (!preview) return fromStored(resource, stored);
  const { resourceVersion, deletionTimestamp, deletionGracePeriodSeconds, finalizers } = stored.metadata;
  const { finalizers: _, ...metadata } = preview.metadata;
  return {
    ...preview,
    metadata: {
      ...metadata,
      ...(finalizers ? { finalizers } : {}),
      ...(resourceVersion ? { resourceVersion } : {}),
      ...(deletionTimestamp ? { deletionTimestamp } : {}),
      ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
    },
  };
}

/** How `StatusError` functions want to hear of a kind: `Deployment.apps`. */
export const groupKind = (definition: KindDefinition): { group: string; kind: string } => definition;
