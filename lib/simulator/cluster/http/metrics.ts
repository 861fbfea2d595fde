/**
 * `/metrics` in the text format of Prometheus: what the server has answered, and how many objects it holds.
 * https://kubernetes.io/docs/reference/instrumentation/metrics/
 *
 * Left out: everything that measures time, because requests take none here.
 */
import type { ApiServer } from '../api-server/api-server';
import type { ResourceInfo } from './request-info';

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';

/** Counts answers by what was asked for. */
export class RequestCounter {
  private readonly counts = new Map<string, number>();

  /** @param info undefined: no resource */
  count(method: string, info: ResourceInfo | undefined, code: number): void {
    const { group = '', version = '', resource = '', subresource = '' } = info ?? {};
    const scope = !info ? '' : info.name !== '' ? 'resource' : info.namespace !== '' ? 'namespace' : 'cluster';
    const verb = (info?.verb === 'create' ? 'POST' : (VERBS[info?.verb ?? ''] ?? method)).toUpperCase();
    const labels = {
      code: String(code),
      component: 'apiserver',
      dry_run: '',
      group,
      resource,
      scope,
      subresource,
      verb,
      version,
    };
    const key = labelsOf(labels);
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  lines(): readonly string[] {
    return [...this.counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, count]) => `apiserver_request_total${key} ${count}`);
  }
}

const VERBS: Readonly<Record<string, string>> = {
  list: 'LIST',
  watch: 'WATCH',
  update: 'PUT',
  deletecollection: 'DELETECOLLECTION',
};

export function metricsText(server: ApiServer, requests: RequestCounter): string {
  return [
    '# HELP apiserver_request_total [STABLE] Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.',
    '# TYPE apiserver_request_total counter',
    ...requests.lines(),
    '# HELP apiserver_storage_objects [STABLE] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
    '# TYPE apiserver_storage_objects gauge',
    ...objectCounts(server),
    '',
  ].join('\n');
}

function objectCounts({ resources, store }: ApiServer): string[] {
  const served = resources.groups().flatMap(({ versions }) => versions.flatMap((each) => each.resources));
  const collections = [
    ...new Set(served.filter(({ computed, verbs }) => !computed && verbs.has('list')).map((each) => each.collection)),
  ];
  return collections
    .sort()
    .map((each) => `apiserver_storage_objects${labelsOf({ resource: each })} ${store.count(each)}`);
}

function labelsOf(labels: Readonly<Record<string, string>>): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')}}`;
}
