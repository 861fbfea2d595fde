/**
 * The client of everything inside the simulation: the same pipeline as over HTTPS, without sockets and without JSON text.
 */
import type { UserInfo } from '../../../kubernetes/kinds';
import type { KubernetesObject } from '../../../kubernetes/object';
import type { Client, DeleteOptions, ListOptions, PatchType, ResourceName, WriteOptions } from '../client';
import type { ApiServer } from './api-server';
import type { ApiRequest, RequestOptions, WriteVerb } from './request';
import type { ServedResource } from './resources';

const NO_OPTIONS: RequestOptions = {};

export class InProcessClient implements Client {
  constructor(
    private readonly server: ApiServer,
    private readonly user: UserInfo,
    private readonly userAgent: string,
  ) {}

  get<T extends KubernetesObject>(resource: ResourceName, namespace: string | undefined, name: string): T {
    const served = this.server.resources.findByName(resource);
    return this.objectOf(
      this.server.handle({ ...this.base(served, 'get', NO_OPTIONS), namespace: namespace ?? '', name }),
    );
  }

  tryGet<T extends KubernetesObject>(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
  ): T | undefined {
    const served = this.server.resources.findByName(resource);
    if (!this.server.store.get(served.collection, namespace, name)) return undefined;
    return this.get<T>(resource, namespace, name);
  }

  list<T extends KubernetesObject>(resource: ResourceName, options: ListOptions = {}): readonly T[] {
    const served = this.server.resources.findByName(resource);
    const { namespace = '', labelSelector, fieldSelector } = options;
    const response = this.server.handle({
      ...this.base(served, 'list', { ...defined({ labelSelector, fieldSelector }) }),
      namespace,
      name: '',
    });
    return ('list' in response ? response.list.items : []) as readonly T[];
  }

  create<T extends KubernetesObject>(resource: ResourceName, object: KubernetesObject, options: WriteOptions = {}): T {
    const name = options.subresource ? (object.metadata.name ?? '') : '';
    return this.write('create', resource, { object, name, options });
  }

  update<T extends KubernetesObject>(resource: ResourceName, object: KubernetesObject, options: WriteOptions = {}): T {
    return this.write('update', resource, { object, name: object.metadata.name ?? '', options });
  }

  updateStatus<T extends KubernetesObject>(
    resource: ResourceName,
    object: KubernetesObject,
    options: WriteOptions = {},
  ): T {
    return this.update(resource, object, { ...options, subresource: 'status' });
  }

  patch<T extends KubernetesObject>(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    type: PatchType,
    patch: unknown,
    options: WriteOptions & { readonly force?: boolean } = {},
  ): T {
    const served = this.server.resources.findByName(resource);
    const base = this.base(served, 'patch', { ...requestOptions(options), ...defined({ force: options.force }) });
    return this.objectOf(
      this.server.handle({
        ...base,
        namespace: namespace ?? '',
        name,
        subresource: options.subresource ?? '',
        patchType: type,
        body: patch,
      }),
    );
  }

  delete(resource: ResourceName, namespace: string | undefined, name: string, options: DeleteOptions = {}): void {
    const served = this.server.resources.findByName(resource);
    const { dryRun, ...deleteOptions } = options;
    const base = this.base(served, 'delete', dryRun ? { dryRun } : NO_OPTIONS);
    this.server.handle({ ...base, namespace: namespace ?? '', name, deleteOptions });
  }

  private write<T extends KubernetesObject>(
    verb: WriteVerb,
    resource: ResourceName,
    { object, name, options }: { object: KubernetesObject; name: string; options: WriteOptions },
  ): T {
    const served = this.server.resources.findByName(resource);
    return this.objectOf(
      this.server.handle({
        verb,
        resource: served,
        subresource: options.subresource ?? '',
        namespace: object.metadata.namespace ?? '',
        name,
        user: this.user,
        userAgent: this.userAgent,
        options: requestOptions(options),
        body: object,
        inProcess: true,
      }),
    );
  }

  private base(resource: ServedResource, verb: ApiRequest['verb'], options: RequestOptions) {
    return { verb, resource, subresource: '', user: this.user, userAgent: this.userAgent, options, inProcess: true };
  }

  private objectOf<T extends KubernetesObject>(response: ReturnType<ApiServer['handle']>): T {
    if ('object' in response) return response.object as T;
    return ('status' in response ? response.status : undefined) as unknown as T;
  }
}

/** Typos in the simulation's own components should be loud. */
function requestOptions({ fieldManager, dryRun }: WriteOptions): RequestOptions {
  if (fieldManager === undefined && dryRun === undefined) return STRICT;
  return { ...defined({ fieldManager, dryRun }), fieldValidation: 'Strict' };
}

const STRICT: RequestOptions = { fieldValidation: 'Strict' };

function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
