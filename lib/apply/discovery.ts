/**
 * Which kinds the API server serves, and under which paths.
 * https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
 *
 * Aggregated discovery answers in two requests what took one per group before; where it is missing, we ask group by
 * group. The answer is kept until a kind is not found in it: a CustomResourceDefinition may have added it since.
 */
import type { Resource } from '../kubernetes/object';
import { StatusError } from '../kubernetes/status-error';
import type { ApiResponse } from './transport';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

export class Discovery {
  private byKind: Promise<Map<string, Resource>> | undefined;

  constructor(private readonly get: (path: string, accept: string) => Promise<ApiResponse>) {}

  /** Undefined when the server does not know the kind, after asking it again. */
  async tryResourceOf(group: string, version: string, kind: string): Promise<Resource | undefined> {
    const key = `${group}/${version}/${kind}`;
    const found = (await this.resources()).get(key);
    if (found) return found;
    this.forget();
    return (await this.resources()).get(key);
  }

  /** The preferred version of a kind; undefined when the server does not know it. */
  async tryPreferred(group: string, kind: string): Promise<Resource | undefined> {
    return (await this.resources()).get(`${group}//${kind}`);
  }

  /** Every version under which a kind is served, the server's preferred one first. */
  async versionsOf(kind: string): Promise<Resource[]> {
    const found = [...(await this.resources())].filter(([key]) => !key.includes('//')).map(([, resource]) => resource);
    return found.filter((resource) => resource.kind === kind);
  }

  forget(): void {
    this.byKind = undefined;
  }

  private resources(): Promise<Map<string, Resource>> {
    this.byKind ??= this.load().catch((error) => {
      this.forget();
      throw error;
    });
    return this.byKind;
  }

  private async load(): Promise<Map<string, Resource>> {
    const [core, groups] = await Promise.all([this.get('/api', AGGREGATED), this.get('/apis', AGGREGATED)]);
    const resources =
      groups.body?.kind === 'APIGroupDiscoveryList' ? aggregated(core, groups) : await this.legacy(groups);
    const byKind = new Map<string, Resource>();
    for (const resource of resources) {
      const { group, version, kind } = resource;
      // The server lists its preferred version first, and a kind's own resource before others that speak its kind.
      const preferred = `${group}//${kind}`;
      if (!byKind.has(preferred)) byKind.set(preferred, resource);
      const exact = `${group}/${version}/${kind}`;
      if (!byKind.has(exact)) byKind.set(exact, resource);
    }
    return byKind;
  }

  private async legacy(groups: ApiResponse): Promise<Resource[]> {
    const versions: string[] = ['/api/v1'];
    for (const group of groups.body.groups ?? []) {
      const preferred = group.preferredVersion?.groupVersion;
      const all: string[] = group.versions.map((version: { groupVersion: string }) => version.groupVersion);
      versions.push(...[preferred, ...all.filter((one) => one !== preferred)].map((one) => `/apis/${one}`));
    }
    const lists = await Promise.all(
      versions.map((path) =>
        // One dead aggregated API must not take all the others with it.
        this.get(path, 'application/json').catch((error) => {
          if (error instanceof StatusError && error.code === 503) return undefined;
          throw error;
        }),
      ),
    );
    return lists.flatMap((list) => (list ? fromResourceList(list.body) : []));
  }
}

function aggregated(core: ApiResponse, groups: ApiResponse): Resource[] {
  return [...(core.body.items ?? []), ...groups.body.items].flatMap((group: any) =>
    group.versions.flatMap((version: any) =>
      version.resources
        .filter((resource: any) => resource.responseKind?.kind)
        .map((resource: any) => ({
          group: group.metadata.name ?? '',
          version: version.version,
          resource: resource.resource,
          kind: resource.responseKind.kind,
          namespaced: resource.scope === 'Namespaced',
        })),
    ),
  );
}

function fromResourceList(list: any): Resource[] {
  const slash = list.groupVersion.indexOf('/');
  const group = slash < 0 ? '' : list.groupVersion.slice(0, slash);
  const version = list.groupVersion.slice(slash + 1);
  return list.resources
    .filter((resource: any) => !resource.name.includes('/'))
    .map(({ name, kind, namespaced }: any) => ({ group, version, resource: name, kind, namespaced }));
}

/** The path of a collection or, with a name, of an object. */
export function pathOf(resource: Resource, namespace?: string, name?: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${resource.resource}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}
