/**
 * First light of the API server: enough CRUD for the components around it to run. The pipeline (decode, default,
 * validate, admit, managedFields, ...) grows behind the same {@link Client}.
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { formatTime } from '../../../kubernetes/object';
import { alreadyExists, conflict, notFound } from '../../../kubernetes/status-error';
import type { Simulation } from '../../simulation';
import type { Client, DeleteOptions, ListOptions, PatchType, ResourceName, WriteOptions } from '../client';
import type { Store } from '../store';

const split = (resource: ResourceName) => {
  const dot = resource.indexOf('.');
  return dot < 0 ? { group: '', resource } : { group: resource.slice(dot + 1), resource: resource.slice(0, dot) };
};

export class ApiServer {
  constructor(
    private readonly simulation: Simulation,
    readonly store: Store,
  ) {}

  clientFor(_user: string, _userAgent?: string): Client {
    return this as unknown as Client;
  }

  get(resource: ResourceName, namespace: string | undefined, name: string): KubernetesObject {
    const found = this.tryGet(resource, namespace, name);
    if (!found) throw notFound(split(resource), name);
    return found;
  }

  tryGet(resource: ResourceName, namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.store.get(resource, namespace, name);
  }

  list(resource: ResourceName, options: ListOptions = {}): readonly KubernetesObject[] {
    const labels = (options.labelSelector ?? '')
      .split(',')
      .filter(Boolean)
      .map((term) => term.split('='));
    return [...this.store.list(resource, options.namespace)]
      .filter((object) => labels.every(([key, value]) => object.metadata.labels?.[key!] === value))
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  create(resource: ResourceName, object: KubernetesObject, options: WriteOptions = {}): KubernetesObject {
    const { metadata } = object;
    if (options.subresource === 'binding') return this.bind(object);
    const name = metadata.name ?? `${metadata.generateName}${this.simulation.random.nameSuffix()}`;
    if (this.tryGet(resource, metadata.namespace, name)) throw alreadyExists(split(resource), name);
    const uid = this.simulation.random.uuid();
    const creationTimestamp = formatTime(this.simulation.clock.now());
    return this.store.put(resource, {
      ...object,
      metadata: { ...metadata, name, uid, creationTimestamp, generation: 1 },
    });
  }

  private bind({ metadata, target }: KubernetesObject): KubernetesObject {
    const pod = this.get('pods', metadata.namespace, metadata.name!);
    if (pod.spec.nodeName) {
      const cause = `pod ${metadata.name} is already assigned to node "${pod.spec.nodeName}"`;
      throw conflict({ group: '', resource: 'pods/binding' }, metadata.name!, cause);
    }
    const lastTransitionTime = formatTime(this.simulation.clock.now());
    const conditions = (pod.status?.conditions ?? []).filter((other: any) => other.type !== 'PodScheduled');
    const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime };
    return this.store.put('pods', {
      ...pod,
      spec: { ...pod.spec, nodeName: target.name },
      status: { ...pod.status, conditions: [...conditions, scheduled] },
    });
  }

  update(resource: ResourceName, object: KubernetesObject, options: WriteOptions = {}): KubernetesObject {
    const old = this.get(resource, object.metadata.namespace, object.metadata.name!);
    const { resourceVersion } = object.metadata;
    if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) {
      const cause = 'the object has been modified; please apply your changes to the latest version and try again';
      throw conflict(split(resource), object.metadata.name!, cause);
    }
    if (options.subresource === 'status') return this.store.put(resource, { ...old, status: object.status });
    const changed = JSON.stringify(old.spec) !== JSON.stringify(object.spec);
    const generation = (old.metadata.generation ?? 0) + (changed ? 1 : 0);
    const next = { ...object, metadata: { ...object.metadata, generation } };
    if (next.metadata.deletionTimestamp && !next.metadata.finalizers?.length) {
      return this.store.delete(resource, next.metadata.namespace, next.metadata.name!, next)!;
    }
    return this.store.put(resource, { ...next, ...(old.status ? { status: old.status } : {}) });
  }

  updateStatus(resource: ResourceName, object: KubernetesObject): KubernetesObject {
    return this.update(resource, object, { subresource: 'status' });
  }

  patch(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    _type: PatchType,
    patch: unknown,
    options: WriteOptions = {},
  ): KubernetesObject {
    const merged = mergePatch(this.get(resource, namespace, name), patch) as KubernetesObject;
    return this.update(resource, merged, options);
  }

  delete(resource: ResourceName, namespace: string | undefined, name: string, options: DeleteOptions = {}): void {
    const old = this.get(resource, namespace, name);
    const grace = options.gracePeriodSeconds ?? old.spec?.terminationGracePeriodSeconds ?? 0;
    const scheduledPod = resource === 'pods' && old.spec?.nodeName && grace > 0;
    if (old.metadata.finalizers?.length || scheduledPod) {
      if (old.metadata.deletionTimestamp) return;
      const deletionTimestamp = formatTime(this.simulation.clock.now() + grace * 1000);
      this.store.put(resource, {
        ...old,
        metadata: { ...old.metadata, deletionTimestamp, deletionGracePeriodSeconds: grace },
      });
      return;
    }
    this.store.delete(resource, namespace, name);
  }
}

const keyOf = (object: KubernetesObject) => `${object.metadata.namespace ?? ''}/${object.metadata.name}`;

function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const out: Record<string, unknown> = { ...(target as Record<string, unknown>) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else out[key] = mergePatch(out[key], value);
  }
  return out;
}
