/**
 * The life of a CustomResourceDefinition: its names are accepted or not, it is established, its resource appears and follows
 * its changes; when it is deleted it first takes all its objects along.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
 *
 * The real server has a controller for each of these steps and some latency between them; here they happen, with the same
 * states in the same order, right after the write that makes them necessary.
 */
import { compareVersions, type Definition } from '../../../../kubernetes/custom-resources/definition';
import { semanticEqual } from '../../../../kubernetes/equality';
import type { Condition, KubernetesObject } from '../../../../kubernetes/object';
import { forbidden } from '../../../../kubernetes/status-error';
import { now } from '../managed-fields';
import type { ApiRequest } from '../request';
import type { ServedResource } from '../resources';
import type { ServerContext } from '../server-context';
import { acceptNames } from './names';
import { servedVersions } from './served-versions';
import { webhookConversion } from './webhook-conversion';
import { writeStatus } from './write-status';

export const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';
const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

/** Deletes everything in a collection, as a DELETE of each object would. */
export type DeleteObjects = (resource: ServedResource) => void;

export class CustomResources {
  /** What each definition serves, so that resources keep their identity while nothing changes. */
  private readonly served = new Map<string, { readonly definition: object; readonly versions: ServedResource[] }>();
  private busy = false;

  constructor(
    private readonly server: ServerContext,
    private readonly deleteObjects: DeleteObjects,
  ) {}

  /** @throws StatusError 403 for a new object of a resource that is going away */
  beforeWrite({ resource, verb, name, body }: ApiRequest): void {
    if (!resource.custom || (verb !== 'create' && verb !== 'patch')) return;
    const definition = this.server.store.get(DEFINITIONS, undefined, resource.collection);
    if (!definition?.metadata.deletionTimestamp) return;
    const wanted = name || (body as KubernetesObject | undefined)?.metadata?.name || '';
    if (verb === 'patch' && this.exists(resource, wanted)) return;
    throw forbidden(resource, wanted, 'create not allowed while custom resource definition is terminating');
  }

  /** Brings everything up to date after a write. */
  afterWrite({ resource }: ApiRequest): void {
    if (resource.collection !== DEFINITIONS && !(resource.custom && this.isTerminating(resource))) return;
    this.sync();
  }

  /** Brings everything up to date: at the start, and after every write that may matter. */
  sync(): void {
    if (this.busy) return;
    this.busy = true;
    try {
      for (const definition of this.definitions()) {
        if (definition.metadata.deletionTimestamp) this.cleanUp(definition);
        else this.accept(definition);
      }
      this.serve();
    } finally {
      this.busy = false;
    }
  }

  private definitions(): Definition[] {
    return [...this.server.store.list(DEFINITIONS)] as Definition[];
  }

  private exists(resource: ServedResource, name: string): boolean {
    for (const object of this.server.store.list(resource.collection)) if (object.metadata.name === name) return true;
    return false;
  }

  private isTerminating(resource: ServedResource): boolean {
    return this.server.store.get(DEFINITIONS, undefined, resource.collection)?.metadata.deletionTimestamp !== undefined;
  }

  /** NamesAccepted, then Established. */
  private accept(definition: Definition): void {
    const { spec, status = {} } = definition;
    let current = definition;
    if (!semanticEqual(spec.names, status.acceptedNames)) {
      const others = this.definitions().filter(({ spec: { group } }) => group === spec.group);
      const { acceptedNames, accepted, established } = acceptNames(definition, others);
      const conditions = this.withConditions(current, [accepted, established]);
      current = writeStatus(this.server, current, { ...current.status, acceptedNames, conditions }) as Definition;
    }
    const isTrue = (type: string) => conditionOf(current, type)?.status === 'True';
    if (isTrue('NamesAccepted') && !isTrue('Established')) {
      const message = 'the initial names have been accepted';
      const established = { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message } as const;
      const conditions = this.withConditions(current, [established]);
      writeStatus(this.server, current, { ...current.status, conditions });
    }
  }

  /** Deletes the objects; when none is left, the definition goes, too. */
  private cleanUp(definition: Definition): void {
    if (!definition.metadata.finalizers?.includes(CLEANUP)) return;
    const inProgress = {
      type: 'Terminating',
      status: 'True',
      reason: 'InstanceDeletionInProgress',
      message: 'CustomResource deletion is in progress',
    } as const;
    let current = definition;
    if (conditionOf(current, 'Terminating')?.reason !== inProgress.reason) {
      const conditions = this.withConditions(current, [inProgress]);
      current = writeStatus(this.server, current, { ...current.status, conditions }) as Definition;
    }
    const { collection } = this.resourceOf(current);
    const versions = this.served.get(definition.metadata.name!)?.versions ?? [];
    const stored = versions.find(({ conversion }) => !conversion) ?? versions[0];
    if (stored) this.deleteObjects(stored);
    for (const _ of this.server.store.list(collection)) return; // something holds an object
    this.removeFinalizer(current);
  }

  private resourceOf({ spec }: Definition): { readonly collection: string } {
    return { collection: `${spec.names.plural}.${spec.group}` };
  }

  private removeFinalizer(definition: Definition): void {
    const { store } = this.server;
    const { finalizers = [], ...metadata } = definition.metadata;
    const rest = finalizers.filter((name) => name !== CLEANUP);
    const next = { ...definition, metadata: rest.length > 0 ? { ...metadata, finalizers: rest } : metadata };
    if (rest.length > 0) store.put(DEFINITIONS, next);
    else store.delete(DEFINITIONS, undefined, metadata.name!, next);
  }

  /** Makes the registry show what is established. */
  private serve(): void {
    const { resources } = this.server;
    const wanted = this.definitions()
      .filter((definition) => conditionOf(definition, 'Established')?.status === 'True')
      .flatMap((definition) => this.versionsOf(definition))
      .sort(compareResources);
    const before = [...this.registered()];
    if (before.length === wanted.length && before.every((resource, i) => resource === wanted[i])) return;
    for (const resource of before) resources.delete(resource);
    for (const resource of wanted) resources.set(resource);
  }

  private *registered(): Iterable<ServedResource> {
    for (const { versions } of this.server.resources.groups()) {
      for (const { resources } of versions) for (const resource of resources) if (resource.custom) yield resource;
    }
  }

  private versionsOf(definition: Definition): ServedResource[] {
    const name = definition.metadata.name!;
    const known = this.served.get(name);
    if (known?.definition === definition.spec) return known.versions;
    const versions = servedVersions(definition, webhookConversion(definition, this.server.outbound));
    this.served.set(name, { definition: definition.spec, versions });
    return versions;
  }

  /** The conditions with some replaced; an unchanged status keeps its time. */
  private withConditions(definition: Definition, changed: readonly Condition[]): Condition[] {
    const conditions: Condition[] = [...(definition.status?.conditions ?? [])];
    for (const condition of changed) {
      const at = conditions.findIndex(({ type }) => type === condition.type);
      const old = conditions[at];
      const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : now(this.server);
      const { type, status, reason, message } = condition;
      const next = { type, status, lastTransitionTime, reason, message } as Condition;
      if (at < 0) conditions.push(next);
      else conditions[at] = next;
    }
    return conditions;
  }
}

export function conditionOf(definition: KubernetesObject, type: string): Condition | undefined {
  return definition.status?.conditions?.find((condition: Condition) => condition.type === type);
}

/** Groups by name, the preferred version of each first, resources by name. */
function compareResources(a: ServedResource, b: ServedResource): number {
  if (a.group !== b.group) return a.group < b.group ? -1 : 1;
  return compareVersions(a.version, b.version) || (a.resource < b.resource ? -1 : 1);
}

/** DELETE of a definition only marks it; the clean-up ends it. */
export function terminateDefinition(server: ServerContext, stored: KubernetesObject): KubernetesObject {
  if (stored.metadata.deletionTimestamp !== undefined) return stored;
  const finalizers = stored.metadata.finalizers ?? [];
  const time = now(server);
  const pending: Condition = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: time,
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  };
  return {
    ...stored,
    metadata: {
      ...stored.metadata,
      deletionTimestamp: time,
      finalizers: finalizers.includes(CLEANUP) ? finalizers : [...finalizers, CLEANUP],
    },
    status: { ...stored.status, conditions: [...(stored.status?.conditions ?? []), pending] },
  };
}
