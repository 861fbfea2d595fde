/**
 * What the server serves, for clients that ask: aggregated (two requests) and the older form (one per group version).
 * https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
 */
import { apiVersionOf } from '../../../kubernetes/object';
import type { ResourceRegistry, ServedGroup, ServedResource } from '../api-server/resources';
import { parseAccept } from './negotiation';

export type DiscoveryForm = 'v2' | 'v2beta1' | undefined;

const AGGREGATED = 'APIGroupDiscoveryList';

/** Which aggregated form a client accepts best; undefined: the older documents. */
export function discoveryForm(accept: string | undefined): DiscoveryForm {
  for (const { type, parameters } of parseAccept(accept ?? '')) {
    if (type !== 'application/json') continue;
    if (parameters.get('as') !== AGGREGATED || parameters.get('g') !== 'apidiscovery.k8s.io') return undefined;
    const version = parameters.get('v');
    if (version === 'v2' || version === 'v2beta1') return version;
  }
  return undefined;
}

export const discoveryContentType = (form: DiscoveryForm): string =>
  form ? `application/json;g=apidiscovery.k8s.io;v=${form};as=${AGGREGATED}` : 'application/json';

export function aggregatedDiscovery(resources: ResourceRegistry, form: 'v2' | 'v2beta1', core: boolean): object {
  return {
    kind: AGGREGATED,
    apiVersion: `apidiscovery.k8s.io/${form}`,
    metadata: {},
    items: resources
      .groups()
      .filter(({ group }) => (group === '') === core)
      .map(({ group, versions }) => ({
        metadata: group === '' ? { creationTimestamp: null } : { name: group, creationTimestamp: null },
        versions: versions.map(({ version, resources: served }) => ({
          version,
          resources: served.map(aggregatedResource),
          freshness: 'Current',
        })),
      })),
  };
}

function aggregatedResource(resource: ServedResource): object {
  const scope = resource.namespaced ? 'Namespaced' : 'Cluster';
  return {
    resource: resource.resource,
    responseKind: {
      group: resource.custom ? resource.group : '',
      version: resource.custom ? resource.version : '',
      kind: resource.kind,
    },
    scope,
    singularResource: resource.singular,
    verbs: [...resource.verbs],
    ...(resource.shortNames.length > 0 ? { shortNames: resource.shortNames } : {}),
    ...(resource.categories.length > 0 ? { categories: resource.categories } : {}),
    ...(resource.subresources.size > 0 ? { subresources: [...resource.subresources.values()] } : {}),
  };
}

/** `GET /api` */
export function coreVersions(serverAddress: string): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

/** `GET /apis` */
export function groupList(resources: ResourceRegistry): object {
  const groups = resources.groups().filter(({ group }) => group !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupEntry) };
}

/** `GET /apis/apps` */
export function groupDocument(resources: ResourceRegistry, name: string): object | undefined {
  const group = resources.groups().find((each) => each.group === name);
  return group && name !== '' ? { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group) } : undefined;
}

function groupEntry({ group, versions }: ServedGroup): object {
  const entries = versions.map(({ version }) => ({ groupVersion: apiVersionOf({ group, version }), version }));
  return { name: group, versions: entries, preferredVersion: entries[0] };
}

/** `GET /api/v1`, `GET /apis/apps/v1` */
export function resourceList(resources: ResourceRegistry, group: string, version: string): object | undefined {
  const found = resources.groups().find((each) => each.group === group);
  const served = found?.versions.find((each) => each.version === version);
  if (!served) return undefined;
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: apiVersionOf({ group, version }),
    resources: served.resources.flatMap(resourceEntries),
  };
}

function resourceEntries(resource: ServedResource): object[] {
  const main = {
    name: resource.resource,
    singularName: resource.singular,
    namespaced: resource.namespaced,
    kind: resource.kind,
    verbs: [...resource.verbs],
    ...(resource.shortNames.length > 0 ? { shortNames: resource.shortNames } : {}),
    ...(resource.categories.length > 0 ? { categories: resource.categories } : {}),
  };
  const subresources = [...resource.subresources.values()].map(({ subresource, responseKind, verbs }) => ({
    name: `${resource.resource}/${subresource}`,
    singularName: '',
    namespaced: resource.namespaced,
    ...(responseKind.group === '' ? {} : { group: responseKind.group }),
    ...(responseKind.version === '' ? {} : { version: responseKind.version }),
    kind: responseKind.kind,
    verbs,
  }));
  return [main, ...subresources];
}
