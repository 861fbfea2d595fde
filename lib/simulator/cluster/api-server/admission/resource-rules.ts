/**
 * `rules` of webhooks and `matchConstraints` of policies: which requests they are asked about.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules
 *
 * Of `matchPolicy: Equivalent` only other versions of the same resource are known, and those are not converted.
 */
import { selectorMatches } from '../../../../kubernetes/selectors';
import type { AdmissionAttributes, AdmissionContext } from './admission';

const has = (list: readonly string[] | undefined, wanted: string): boolean =>
  list?.some((each) => each === '*' || each === wanted) ?? false;

/** `pods`, `pods/status`, `pods/*`, `*` (without subresources), `*` + `/status`, `*` + `/*` */
function resourceMatches(pattern: string, resource: string, subresource: string): boolean {
  const [wanted = '', wantedSub = ''] = pattern.split('/');
  if (wanted !== '*' && wanted !== resource) return false;
  return wantedSub === subresource || (pattern.includes('/') && wantedSub === '*');
}

export function ruleMatches(rule: any, attributes: AdmissionAttributes, exactVersion: boolean): boolean {
  const { operation, resource, subresource, name } = attributes;
  const isScoped = resource.namespaced ? 'Namespaced' : 'Cluster';
  return (
    has(rule.operations, operation) &&
    has(rule.apiGroups, resource.group) &&
    (!exactVersion || has(rule.apiVersions, resource.version)) &&
    rule.resources.some((each: string) => resourceMatches(each, resource.resource, subresource)) &&
    (rule.scope === undefined || rule.scope === '*' || rule.scope === isScoped) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(name))
  );
}

/** Objects without a namespace match every namespace selector; a Namespace is in itself. */
export function selectorsMatch(criteria: any, attributes: AdmissionAttributes, { store }: AdmissionContext): boolean {
  const { resource, namespace, name, object, oldObject } = attributes;
  const isNamespace = resource.collection === 'namespaces';
  if (resource.namespaced || isNamespace) {
    const labels = isNamespace
      ? (object ?? oldObject)?.metadata.labels
      : store.get('namespaces', undefined, namespace || name)?.metadata.labels;
    if (!selectorMatches(criteria.namespaceSelector ?? {}, labels)) return false;
  }
  const { objectSelector } = criteria;
  if (!objectSelector || Object.keys(objectSelector).length === 0) return true;
  return [object, oldObject].some((each) => each && selectorMatches(objectSelector, each.metadata?.labels));
}

/** `matchConstraints` of a policy, or `matchResources` of a binding, which may be without rules. */
export function matchesResources(criteria: any, attributes: AdmissionAttributes, context: AdmissionContext): boolean {
  if (!criteria) return true;
  const exact = criteria.matchPolicy === 'Exact';
  const { resourceRules = [], excludeResourceRules = [] } = criteria;
  const matches = (rule: any) => ruleMatches(rule, attributes, exact);
  if (excludeResourceRules.some(matches)) return false;
  if (resourceRules.length > 0 && !resourceRules.some(matches)) return false;
  return selectorsMatch(criteria, attributes, context);
}
