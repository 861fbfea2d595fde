/**
 * How everything inside the simulated cluster (controllers, scheduler, kubelets, the bridge, a test) talks to its API
 * server: the same code and the same answers as over HTTPS, without sockets and without JSON.
 *
 * Objects that come back are the stored ones: immutable. To change one, build a new object that shares what stays.
 */
import type { KubernetesObject } from '../../kubernetes/object';

/** A resource by its group and plural: `pods`, `deployments.apps`. The same name as the store's collection. */
export type ResourceName = string;

export interface ListOptions {
  readonly namespace?: string;
  /** As in a query: `app=web,tier in (a,b)`. */
  readonly labelSelector?: string;
  /** As in a query: `spec.nodeName=n1`. */
  readonly fieldSelector?: string;
}

export interface WriteOptions {
  /** The manager named in managedFields. @default the client's own name */
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
  /** `status`, `scale`, `binding`, ... */
  readonly subresource?: string;
}

export interface DeleteOptions {
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

/** Every method throws a StatusError where the API server would answer with a failure. */
export interface Client {
  get<T extends KubernetesObject = KubernetesObject>(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
  ): T;
  /** Undefined instead of NotFound. */
  tryGet<T extends KubernetesObject = KubernetesObject>(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
  ): T | undefined;
  /** Ordered by namespace and name. */
  list<T extends KubernetesObject = KubernetesObject>(resource: ResourceName, options?: ListOptions): readonly T[];
  create<T extends KubernetesObject = KubernetesObject>(
    resource: ResourceName,
    object: KubernetesObject,
    options?: WriteOptions,
  ): T;
  /** Replaces the object. A resourceVersion in it is a precondition. */
  update<T extends KubernetesObject = KubernetesObject>(
    resource: ResourceName,
    object: KubernetesObject,
    options?: WriteOptions,
  ): T;
  /** Replaces the status and nothing else. */
  updateStatus<T extends KubernetesObject = KubernetesObject>(
    resource: ResourceName,
    object: KubernetesObject,
    options?: WriteOptions,
  ): T;
  patch<T extends KubernetesObject = KubernetesObject>(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    type: PatchType,
    patch: unknown,
    options?: WriteOptions & { readonly force?: boolean },
  ): T;
  delete(resource: ResourceName, namespace: string | undefined, name: string, options?: DeleteOptions): void;
}
