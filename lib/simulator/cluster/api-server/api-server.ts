/**
 * The API server: the one pipeline that every request goes through, from HTTP and from inside the simulation.
 * https://kubernetes.io/docs/concepts/overview/components/#kube-apiserver
 *
 *   decode -> default -> admit -> managedFields -> strategy -> validate -> admit again -> store
 *
 * Authentication and authorization belong to the door, which knows the connection. Everything here is synchronous.
 */
import type { Draft, UserInfo } from '../../../kubernetes/kinds';
import { type KubernetesObject, parseApiVersion } from '../../../kubernetes/object';
import { StatusError } from '../../../kubernetes/status-error';
import type { Simulation } from '../../simulation';
import type { Client } from '../client';
import type { PodAccess } from '../kubelet/pod-access';
import type { Store } from '../store';
import { AdmissionChain, type AdmissionOptions } from './admission/admission';
import { admissionPlugins } from './admission/index';
import { ServiceAllocator } from './allocation/service-allocator';
import { type Authenticator, type Credentials, clientCertificates } from './auth/authenticator';
import { type Authorizer, authorizerChain, privilegedGroup } from './auth/authorizer';
import { nodeAuthorizer } from './auth/node-authorizer';
import { RbacAuthorizer } from './auth/rbac-authorizer';
import { type ServiceAccountTokens, serviceAccountTokens } from './auth/service-account-tokens';
import { bootstrap } from './bootstrap/index';
import { create } from './create';
import { CustomResources } from './custom-resources/definitions';
import { deleteCollection, deleteOne } from './delete';
import { Disturbances } from './disturbances';
import { InProcessClient } from './in-process-client';
import { Outbound } from './outbound/outbound';
import { TapedRandom } from './outbound/taped-random';
import { patch } from './patch';
import { get, list } from './read';
import type { ApiRequest, ApiResponse } from './request';
import { ResourceRegistry, type ServedResource } from './resources';
import { handleReview } from './reviews/index';
import type { ServerContext } from './server-context';
import { startStatusReporter } from './status-reporter';
import { bindPod } from './subresources/binding';
import { handleSubresource } from './subresources/index';
import { update } from './update';
import { Watch, type WatchOptions } from './watch';

export interface ApiServerOptions {
  /** @default 10.96.0.0/16 */
  readonly serviceCidr?: string;
  readonly admission?: Partial<AdmissionOptions>;
  /** PEM: the authority of client certificates. */
  readonly caCertificate?: string;
}

const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);
const ADMISSION_DEFAULTS: AdmissionOptions = { extraCaBundles: [], taintNewNodes: false, cloudPlugins: [] };

export class ApiServer {
  readonly resources = new ResourceRegistry();
  readonly authorizer: Authorizer;
  /** One after the other; whoever composes the cluster adds its own: access policies of EKS. */
  readonly authorizers: Authorizer[];
  /** Those of them that cannot list what they allow: `webhook`. */
  readonly unlistedAuthorizers: string[] = [];
  /** Whoever composes the cluster adds its own: static tokens, tokens of EKS, ... */
  readonly authenticators: Authenticator[];
  readonly tokens: ServiceAccountTokens;
  /** The way to the kubelets; undefined while the API server stands alone. */
  podAccess?: PodAccess;
  /** Whom a client certificate names that the cluster itself has signed; whoever composes the cluster knows. */
  identifyCertificate: (raw: Uint8Array) => Credentials['certificate'] = () => undefined;
  /** The way to webhooks; whoever composes the cluster adds its network. */
  readonly outbound: Outbound;
  /** What goes wrong between this server and its clients. */
  readonly disturbances: Disturbances;
  /** Told of every change that was acknowledged. */
  readonly observers = new Set<(request: ApiRequest, response: ApiResponse) => void>();
  private readonly context: ServerContext;
  private readonly customResources: CustomResources;

  constructor(
    readonly simulation: Simulation,
    readonly store: Store,
    options: ApiServerOptions = {},
  ) {
    const { serviceCidr = '10.96.0.0/16' } = options;
    const random = new TapedRandom(simulation.random.fork('api-server').seed);
    this.disturbances = new Disturbances(simulation.random.fork('disturbances'));
    this.outbound = new Outbound(store, random);
    const tokens = serviceAccountTokens(simulation, store);
    this.tokens = tokens;
    const rbac = new RbacAuthorizer(store);
    this.authorizers = [privilegedGroup, nodeAuthorizer(store), (each) => rbac.authorize(each)];
    this.authorizer = authorizerChain(this.authorizers);
    this.authenticators = [clientCertificates, tokens.authenticator];
    this.context = {
      simulation,
      store,
      resources: this.resources,
      admission: new AdmissionChain(admissionPlugins(options.admission?.cloudPlugins ?? []), {
        store,
        simulation,
        random,
        authorizer: this.authorizer,
        rbac,
        updateStatus: (collection, object) => this.context.client().updateStatus(collection, object),
        tryFindCollection: (apiVersion, kind) => {
          const { group, version } = parseApiVersion(apiVersion);
          return this.resources.tryFindByKind(group, version, kind);
        },
        siblingsOf: (resource) => this.resources.siblingsOf(resource),
        outbound: this.outbound,
        options: { ...ADMISSION_DEFAULTS, ...options.admission },
      }),
      authorizer: this.authorizer,
      unlistedAuthorizers: this.unlistedAuthorizers,
      rbac,
      services: new ServiceAllocator(store, simulation.random.fork('services'), serviceCidr),
      authenticators: this.authenticators,
      outbound: this.outbound,
      client: () => this.clientFor('system:apiserver', 'kube-apiserver'),
      tokens,
      random,
    };
    this.customResources = new CustomResources(this.context, (resource) => this.deleteAll(resource));
    this.customResources.sync();
    const seeding = {
      client: this.context.client(),
      store,
      newUid: () => random.uuid(),
      now: () => simulation.clock.now(),
    };
    const { caCertificate } = options;
    bootstrap(seeding, { serviceCidr, ...(caCertificate ? { caCertificate } : {}) });
    startStatusReporter(simulation, store, this.context.client());
  }

  /** @throws StatusError whenever the answer is a failure. */
  handle(request: ApiRequest): ApiResponse {
    const writes = WRITES.has(request.verb) && !request.options.dryRun;
    if (writes) this.disturbances.strike(request);
    if (writes) this.customResources.beforeWrite(request);
    const response = this.dispatch(request);
    if (writes) {
      this.customResources.afterWrite(request);
      for (const observe of this.observers) observe(request, response);
    }
    return response;
  }

  private dispatch(request: ApiRequest): ApiResponse {
    if (request.subresource !== '') {
      const answer = handleSubresource(this.context, request);
      if (answer) return answer;
    }
    switch (request.verb) {
      case 'get':
        return get(this.context, request);
      case 'list':
        return list(this.context, request);
      case 'create':
        if (request.resource.collection === 'bindings') return bindPod(this.context, request);
        return handleReview(this.context, request) ?? create(this.context, request);
      case 'update':
        return update(this.context, request);
      case 'patch':
        return patch(this.context, request);
      case 'delete':
        return deleteOne(this.context, request);
      case 'deletecollection':
        return deleteCollection(this.context, request);
      default:
        throw methodNotAllowed();
    }
  }

  /**
   * Admission of a connection to a pod: exec, attach, port-forward, proxy.
   * @param options of the connection: PodExecOptions, ...
   * @throws StatusError when a plugin refuses
   */
  admitConnect(request: Omit<ApiRequest, 'verb' | 'options' | 'userAgent'>, options: KubernetesObject): void {
    const { resource, subresource, namespace, name, user } = request;
    const attributes = {
      operation: 'CONNECT' as const,
      resource,
      subresource,
      namespace,
      name,
      object: options as Draft,
      user,
      dryRun: false,
      request: { ...request, verb: 'create' as const, options: {}, userAgent: '' },
      // A connection has no place for warnings.
      warn: () => {},
    };
    this.context.admission.admit(attributes);
    this.context.admission.validate(attributes);
  }

  /** As DELETE of each object of a resource. */
  private deleteAll(resource: ServedResource): void {
    deleteCollection(this.context, {
      verb: 'deletecollection',
      resource,
      subresource: '',
      namespace: '',
      name: '',
      user: userInfo('system:apiserver'),
      userAgent: 'kube-apiserver',
      options: {},
      inProcess: true,
    });
  }

  /** @throws StatusError when the selectors cannot be understood. */
  watch(options: WatchOptions): Watch {
    return new Watch(this.context, options);
  }

  /**
   * A client for a component of the simulation. It is trusted: whatever its name, it may do everything.
   * @param userAgent what it calls itself in managedFields. @default the last part of the user's name
   */
  clientFor(user: string, userAgent: string = user.slice(user.lastIndexOf(':') + 1)): Client {
    return new InProcessClient(this, userInfo(user), userAgent);
  }
}

export function methodNotAllowed(): StatusError {
  const message = 'the server does not allow this method on the requested resource';
  return new StatusError(405, 'MethodNotAllowed', message, {});
}

function userInfo(name: string): UserInfo {
  return { name, groups: ['system:masters', 'system:authenticated'] };
}
