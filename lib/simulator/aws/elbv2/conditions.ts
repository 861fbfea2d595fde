/**
 * The conditions of a listener's rules. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 * Every condition must hold; one value of a condition is enough. `*` is any text, `?` one character.
 */
import type { Condition } from './state';

export interface RoutedRequest {
  readonly host: string;
  /** With the query. */
  readonly path: string;
  /** @default GET */
  readonly method?: string;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export function holds(condition: Condition, request: RoutedRequest): boolean {
  const { host, path, method = 'GET', headers = {} } = request;
  const [plainPath, query = ''] = path.split('?') as [string, string?];
  switch (condition.Field) {
    case 'host-header': {
      const plainHost = host.split(':')[0]!.toLowerCase();
      return valuesOf(condition).some((value) => wildcard(value.toLowerCase()).test(plainHost));
    }
    case 'path-pattern':
      return valuesOf(condition).some((value) => wildcard(value).test(plainPath));
    case 'http-request-method':
      return valuesOf(condition).includes(method.toUpperCase());
    case 'http-header': {
      const value = headers[String(condition.HttpHeaderConfig?.HttpHeaderName).toLowerCase()];
      return value !== undefined && valuesOf(condition).some((pattern) => wildcard(pattern, 'i').test(value));
    }
    case 'query-string':
      return queryHolds(condition, new URLSearchParams(query));
    case 'source-ip':
      // Every client of the local cloud is on this machine.
      return valuesOf(condition).some((cidr) => cidr === '0.0.0.0/0' || cidr.startsWith('127.'));
    default:
      return false;
  }
}

function valuesOf(condition: Condition): readonly string[] {
  return (
    condition.HostHeaderConfig?.Values ??
    condition.PathPatternConfig?.Values ??
    condition.HttpHeaderConfig?.Values ??
    condition.HttpRequestMethodConfig?.Values ??
    condition.SourceIpConfig?.Values ??
    condition.Values ??
    []
  );
}

function queryHolds({ QueryStringConfig }: Condition, query: URLSearchParams): boolean {
  return (QueryStringConfig?.Values ?? []).some(({ Key, Value = '*' }) =>
    [...query].some(([key, value]) => (Key === undefined || Key === key) && wildcard(Value, 'i').test(value)),
  );
}

function wildcard(pattern: string, flags?: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, flags);
}
