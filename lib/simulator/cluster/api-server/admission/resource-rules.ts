/**
 * `rules` of webhooks and `matchConstraints` of policies: which requests they are asked about.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules
 */
import { selectorMatches } from '../../../../kubernetes/selectors';
import type { ServedResource } from '../resources';
import type { AdmissionAttributes, AdmissionContext } from './admission';

const has = (list: readonly string[] | undefined, wanted: string): boolean =>
  list?.some((each) => each === '*' || each === wanted) ?? false;

/** `pods`, `pods/status`, `pods/*`, `*` (without subresources), `*` + `/status`, `*` + `/*` */
function resourceMatches(pattern: string, resource: string, subresource: string): boolean {
  const [wanted = '', wantedSub = ''] = pattern.split('/');
  if (wanted !== '*' && wanted !== resource) return false;
  return wantedSub === subresource || (pattern.includes('/') && wantedSub === '*');
}

function ruleMatches(rule: any, attributes: AdmissionAttributes, resource: ServedResource): boolean {
  const { operation, subresource, name } = attributes;
  const isScoped = resource.namespaced ? 'Namespaced' : 'Cluster';
  return (
    has(rule.operations, operation) &&
    has(rule.apiGroups, resource.group) &&
    has(rule.apiVersions, resource.version) &&
    rule.resources.some((each: string) => resourceMatches(each, resource.resource, subresource)) &&
    (rule.scope === undefined || rule.scope === '*' || rule.scope === isScoped) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(name))
  );
}

/**
 * The resource, in the version that some rule speaks of: that of the request when one does, else, unless the policy is Exact,
 * another version of the same objects. Undefined when no rule is about them.
 */
export function matchedVersion(
  rules: readonly any[],
  matchPolicy: string | undefined,
  attributes: AdmissionAttributes,
  { siblingsOf }: AdmissionContext,
): ServedResource | undefined {
  const { resource } = attributes;
  const isMeant = (each: ServedResource) => rules.some((rule) => ruleMatches(rule, attributes, each));
  if (isMeant(resource)) return resource;
  return matchPolicy === 'Exact' ? undefined : siblingsOf(resource).find(isMeant);
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

/**
 * `matchConstraints` of a policy, or `matchResources` of a binding, which may be without rules.
 * @returns the resource in the version that they speak of; undefined when they do not match
 */
export function matchResources(
  criteria: any,
  attributes: AdmissionAttributes,
  context: AdmissionContext,
): ServedResource | undefined {
  if (!criteria) return attributes.resource;
  const { resourceRules = [], excludeResourceRules = [], matchPolicy } = criteria;
  const matched = (rules: readonly any[]) => matchedVersion(rules, matchPolicy, attributes, context);
  if (excludeResourceRules.length > 0 && matched(excludeResourceRules)) return undefined;
  const found = resourceRules.length === 0 ? attributes.resource : matched(resourceRules);
  return found && selectorsMatch(criteria, attributes, context) ? found : undefined;
}
