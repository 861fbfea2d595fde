/**
 * Resources that answer with a warning about themselves.
 * https://kubernetes.io/docs/reference/using-api/deprecation-guide/
 */
import type { ServedResource } from '../api-server/resources';

const WARNINGS: Readonly<Record<string, string>> = {
  'v1/componentstatuses': 'v1 ComponentStatus is deprecated in v1.19+',
  'v1/endpoints': 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

export function deprecationWarning(resource: ServedResource): readonly string[] {
  const own = resource.deprecationWarning;
  if (own !== undefined) return [own];
  const warning = WARNINGS[`${resource.apiVersion}/${resource.resource}`];
  return warning === undefined ? [] : [warning];
}
