/**
 * Everything the API server serves: built-in resources from the generated discovery, custom resources as they come and go.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#standard-api-terminology
 *
 * Several versions of one resource, and even two groups (`events` and `events.events.k8s.io`), may share one collection of
 * the store. What lies there has the form of the kind's hub version; a ServedResource knows the way there and back.
 */
import type { ScaleSubresource } from '../../../kubernetes/custom-resources/definition';
import { type Draft, type KindDefinition, tryKindDefinition } from '../../../kubernetes/kinds';
import type { Conversion } from '../../../kubernetes/kinds/kind-definition';
import { apiVersionOf, groupResource, type KubernetesObject, type Resource } from '../../../kubernetes/object';
import type { DiscoveryResource, DiscoverySubresource, TableColumn } from '../../../kubernetes/schema/data';
import type { Decoded } from '../../../kubernetes/schema/decode';
import { discovery } from '../../../kubernetes/schema/discovery.generated';
import { type Schema, trySchemaOf } from '../../../kubernetes/schema/schema';
import { tableColumns } from '../../../kubernetes/schema/table-columns.generated';
import type { ResourceName } from '../client';

export interface ServedResource extends Resource {
  readonly apiVersion: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: ReadonlySet<string>;
  readonly subresources: ReadonlyMap<string, DiscoverySubresource>;
  readonly schema: Schema;
  readonly kindDefinition: KindDefinition;
  /** Between this version and the one that is stored; undefined when they are the same. */
  readonly conversion?: Conversion;
  /** Where its objects lie in the store. */
  readonly collection: ResourceName;
  readonly columns: readonly TableColumn[];
  readonly custom: boolean;
  /**
   * Answers for a resource that is not stored but made whenever somebody asks (metrics.k8s.io): all its objects, of one
   * namespace or, when that is empty, of the cluster, in the order of their names.
   */
  readonly computed?: (namespace: string) => readonly KubernetesObject[];
  /** Of a custom resource: its type as the OpenAPI document shows it. */
  readonly openApiSchema?: object;
  /** The text that a deprecated version of a custom resource answers with. */
  readonly deprecationWarning?: string;
  /** How a custom resource reads an object; built-in kinds are read by their schema. */
  readonly decodeObject?: (object: Record<string, unknown>) => Decoded;
  /** Of custom resources: stored objects may be of any version that once was the one to be stored. */
  readonly versions?: {
    /** Objects of other versions in this one. */
    readonly convert: (objects: readonly Draft[]) => readonly Draft[];
    /** A webhook does it: it is asked before anything is written, and about many objects at once. */
    readonly byWebhook: boolean;
  };
  /** Where a custom resource keeps what /scale shows. */
  readonly scale?: ScaleSubresource;
}

export interface ServedVersion {
  readonly version: string;
  readonly resources: readonly ServedResource[];
}

export interface ServedGroup {
  readonly group: string;
  /** The preferred version first. */
  readonly versions: readonly ServedVersion[];
}

export class ResourceRegistry {
  private readonly resources = new Map<string, ServedResource>();
  private readonly byName = new Map<ResourceName, ServedResource>();
  private siblings = new WeakMap<ServedResource, readonly ServedResource[]>();
  /** Grows with every change, so that discovery and OpenAPI know when to be made anew. */
  revision = 1;

  constructor() {
    for (const { group, versions } of discovery) {
      for (const { version, resources } of versions) {
        for (const resource of resources) this.set(builtIn(group, version, resource));
      }
    }
  }

  tryFind(group: string, version: string, resource: string): ServedResource | undefined {
    return this.resources.get(`${group}/${version}/${resource}`);
  }

  /** The preferred version of `deployments.apps`. @throws Error when no such resource is served. */
  findByName(name: ResourceName): ServedResource {
    const found = this.byName.get(name);
    if (!found) throw new Error(`the API server serves no resource "${name}"`);
    return found;
  }

  tryFindByName(name: ResourceName): ServedResource | undefined {
    return this.byName.get(name);
  }

  /** The same resource in another version (or group: Events have two). */
  tryFindSibling(resource: ServedResource, apiVersion: string): ServedResource | undefined {
    for (const other of this.resources.values()) {
      if (other.collection === resource.collection && other.apiVersion === apiVersion) return other;
    }
    return undefined;
  }

  /** The same objects in other versions, or groups. */
  siblingsOf(resource: ServedResource): readonly ServedResource[] {
    let found = this.siblings.get(resource);
    if (!found) {
      found = [...this.resources.values()].filter(
        (other) => other !== resource && other.collection === resource.collection,
      );
      this.siblings.set(resource, found);
    }
    return found;
  }

  tryFindByKind(group: string, version: string, kind: string): ServedResource | undefined {
    for (const resource of this.resources.values()) {
      if (resource.group === group && resource.version === version && resource.kind === kind) return resource;
    }
    return undefined;
  }

  /** All groups in the order of discovery: built-in ones first, then custom ones by name. */
  groups(): readonly ServedGroup[] {
    const groups = new Map<string, Map<string, ServedResource[]>>();
    for (const resource of this.resources.values()) {
      let versions = groups.get(resource.group);
      if (!versions) {
        versions = new Map();
        groups.set(resource.group, versions);
      }
      const resources = versions.get(resource.version);
      if (resources) resources.push(resource);
      else versions.set(resource.version, [resource]);
    }
    return [...groups].map(([group, versions]) => ({
      group,
      versions: [...versions].map(([version, resources]) => ({ version, resources })),
    }));
  }

  hasGroup(group: string): boolean {
    for (const resource of this.resources.values()) if (resource.group === group) return true;
    return false;
  }

  isCustomGroup(group: string): boolean {
    for (const resource of this.resources.values()) if (resource.group === group) return resource.custom;
    return false;
  }

  hasVersion(group: string, version: string): boolean {
    for (const resource of this.resources.values()) {
      if (resource.group === group && resource.version === version) return true;
    }
    return false;
  }

  /** Adds or replaces one version of a resource. */
  set(resource: ServedResource): void {
    this.resources.set(keyOf(resource), resource);
    const name = groupResource(resource);
    const known = this.byName.get(name);
    if (!known || known.version === resource.version) this.byName.set(name, resource);
    this.siblings = new WeakMap();
    this.revision++;
  }

  delete(resource: ServedResource): void {
    this.resources.delete(keyOf(resource));
    const name = groupResource(resource);
    if (this.byName.get(name)?.version === resource.version) {
      this.byName.delete(name);
      for (const other of this.resources.values()) if (groupResource(other) === name) this.byName.set(name, other);
    }
    this.siblings = new WeakMap();
    this.revision++;
  }
}

const keyOf = (resource: Resource): string => `${resource.group}/${resource.version}/${resource.resource}`;

function builtIn(group: string, version: string, found: DiscoveryResource): ServedResource {
  const { resource, responseKind } = found;
  const { kind } = responseKind;
  const definition = tryKindDefinition(group, kind)!;
  const apiVersion = apiVersionOf({ group, version });
  const conversion = definition.conversions.get(apiVersion);
  return {
    group,
    version,
    apiVersion,
    resource,
    kind,
    namespaced: found.scope === 'Namespaced',
    singular: found.singularResource,
    shortNames: found.shortNames ?? [],
    categories: found.categories ?? [],
    verbs: new Set(found.verbs),
    subresources: new Map((found.subresources ?? []).map((each) => [each.subresource, each])),
    schema: trySchemaOf(group, version, kind) ?? { type: 'any' },
    kindDefinition: definition,
    ...(conversion ? { conversion } : {}),
    collection: collectionOf(definition),
    columns: tableColumns[`${apiVersion}/${resource}`] ?? [],
    custom: false,
  };
}

function collectionOf(definition: KindDefinition): ResourceName {
  const slash = definition.hub.indexOf('/');
  return groupResource({ group: slash < 0 ? '' : definition.hub.slice(0, slash), resource: definition.resource });
}
