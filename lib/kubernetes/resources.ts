/**
 * Every resource that the cluster serves by itself, from its discovery document: which kinds there are, what their
 * resource is called, and whether their objects live in a namespace.
 * https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
 */
import type { Resource } from './object';
import { discovery } from './schema/discovery.generated';

let byKind: Map<string, Resource> | undefined;

/** The resource whose objects are of this kind, or undefined when the kind is not built in. */
export function tryResourceOfKind(apiVersion: string, kind: string): Resource | undefined {
  byKind ??= indexByKind();
  return byKind.get(`${apiVersion}/${kind}`);
}

/** The apiVersions under which a kind of this name is built in, the preferred one first. */
export function apiVersionsOfKind(kind: string): readonly string[] {
  byKind ??= indexByKind();
  const suffix = `/${kind}`;
  return [...byKind.keys()].filter((key) => key.endsWith(suffix)).map((key) => key.slice(0, -suffix.length));
}

/** Whether the cluster serves this group and version by itself. */
export function isBuiltInApiVersion(apiVersion: string): boolean {
  byKind ??= indexByKind();
  const prefix = `${apiVersion}/`;
  for (const key of byKind.keys()) {
    if (key.startsWith(prefix) && !key.slice(prefix.length).includes('/')) return true;
  }
  return false;
}

function indexByKind(): Map<string, Resource> {
  const index = new Map<string, Resource>();
  for (const { group, versions } of discovery) {
    for (const { version, resources } of versions) {
      const apiVersion = group === '' ? version : `${group}/${version}`;
      for (const { resource, responseKind, scope } of resources) {
        const namespaced = scope === 'Namespaced';
        index.set(`${apiVersion}/${responseKind.kind}`, {
          group,
          version,
          resource,
          kind: responseKind.kind,
          namespaced,
        });
      }
    }
  }
  return index;
}

/** The built-in resources of this plural name (`events` are in two groups), or all of them. */
export function namedResources(plural?: string): readonly Resource[] {
  byKind ??= indexByKind();
  const all = [...byKind.values()];
  return plural === undefined ? all : all.filter(({ resource }) => resource === plural);
}
