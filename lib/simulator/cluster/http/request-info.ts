/**
 * What a URL and a method mean: which resource, which object, which verb.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
 *
 *   /api/v1/namespaces/shop/pods/web-1/log     core/v1 pods, namespace shop, name web-1, subresource log
 *   /apis/apps/v1/deployments                  apps/v1 deployments of all namespaces
 *   /api/v1/watch/namespaces/shop/pods         the old form of ?watch=true
 */

export interface ResourceInfo {
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly resource: string;
  readonly name: string;
  readonly subresource: string;
  /** What stands behind the subresource: the path that a proxy passes on. */
  readonly rest: string;
  /** `get`, `list`, `watch`, `create`, ... as authorization and the pipeline name it. */
  readonly verb: string;
}

const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

/** Undefined when the path names no resource (`/healthz`, `/apis/apps`). */
export function resourceInfo(method: string, path: string, query: URLSearchParams): ResourceInfo | undefined {
  // The whole path is decoded before it is split: %2F is a slash like any other.
  const parts = decodePath(path).split('/').slice(1);
  if (parts[parts.length - 1] === '') parts.pop();
  const isCore = parts[0] === 'api';
  if (!isCore && parts[0] !== 'apis') return undefined;
  const group = isCore ? '' : parts[1];
  const version = isCore ? parts[1] : parts[2];
  let rest = parts.slice(isCore ? 2 : 3);
  if (group === undefined || version === undefined || rest.length === 0) return undefined;
  const deprecatedWatch = rest[0] === 'watch' && rest.length > 1;
  if (deprecatedWatch) rest = rest.slice(1);
  const { namespace, tail } = splitNamespace(rest);
  const [resource = '', name = '', subresource = '', ...behind] = tail;
  return {
    group,
    version,
    namespace,
    resource,
    name,
    subresource,
    rest: behind.join('/'),
    verb: verbOf(method, name !== '', deprecatedWatch, query),
  };
}

function splitNamespace(parts: readonly string[]): { namespace: string; tail: readonly string[] } {
  if (parts[0] !== 'namespaces' || parts.length < 2) return { namespace: '', tail: parts };
  const isNamespaceItself = parts.length === 2 || (parts.length === 3 && NAMESPACE_SUBRESOURCES.has(parts[2]!));
  return isNamespaceItself ? { namespace: parts[1]!, tail: parts } : { namespace: parts[1]!, tail: parts.slice(2) };
}

function verbOf(method: string, named: boolean, deprecatedWatch: boolean, query: URLSearchParams): string {
  switch (method) {
    case 'GET':
      if (deprecatedWatch) return 'watch';
      if (named) return 'get';
      return isTrue(query.get('watch')) ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return named ? 'delete' : 'deletecollection';
    default:
      return method.toLowerCase();
  }
}

/** As Go converts query values: there, and neither "0" nor "false". So `?watch=maybe` is a watch. */
export const isTrue = (value: string | null): boolean =>
  value !== null && value !== '0' && value.toLowerCase() !== 'false';

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
