/**
 * Rules of roles: what one allows, and whether some allow all that another does.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#role-and-clusterrole
 *
 * To compare rules they are broken down into the smallest ones (one group, one resource, one verb, one name):
 *
 *   get,list pods,services     ->  get pods | get services | list pods | list services
 */
import type { AuthorizationAttributes } from './authorizer';

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

const has = (list: readonly string[] | undefined, wanted: string): boolean =>
  list?.some((each) => each === '*' || each === wanted) ?? false;

export function ruleAllows(rule: PolicyRule, { verb, resource, path = '' }: AuthorizationAttributes): boolean {
  if (!has(rule.verbs, verb)) return false;
  if (!resource) return rule.nonResourceURLs?.some((url) => urlCovers(url, path)) ?? false;
  const { group, subresource, name } = resource;
  const names = rule.resourceNames ?? [];
  if (names.length > 0 && !names.includes(name)) return false;
  if (!has(rule.apiGroups, group)) return false;
  const whole = subresource === '' ? resource.resource : `${resource.resource}/${subresource}`;
  return rule.resources?.some((each) => resourceCovers(each, whole)) ?? false;
}

/** `/logs/*` is everything that starts with `/logs/`. */
const urlCovers = (url: string, path: string): boolean =>
  url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1)));

/** `*` is everything; `*` + `/scale` is that subresource of everything. */
function resourceCovers(each: string, wanted: string): boolean {
  if (each === '*' || each === wanted) return true;
  const slash = wanted.indexOf('/');
  return slash >= 0 && each === `*${wanted.slice(slash)}`;
}

/** The smallest rules that `wanted` consists of and `owned` do not allow, put together again by verb. */
export function missingRules(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  const missing = wanted.flatMap(breakDown).filter((part) => !owned.some((rule) => covers(rule, part)));
  const compact = new Map<string, PolicyRule>();
  for (const part of missing) {
    const { verbs, ...rest } = part;
    const key = JSON.stringify(rest);
    const known = compact.get(key);
    compact.set(key, { ...rest, verbs: [...new Set([...(known?.verbs ?? []), ...verbs])] });
  }
  return [...compact.values()];
}

function breakDown(rule: PolicyRule): PolicyRule[] {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const parts: PolicyRule[] = [];
  for (const group of apiGroups) {
    for (const resource of resources) {
      for (const verb of rule.verbs) {
        const part = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if (resourceNames.length === 0) parts.push(part);
        for (const name of resourceNames) parts.push({ ...part, resourceNames: [name] });
      }
    }
  }
  for (const url of nonResourceURLs) {
    for (const verb of rule.verbs) parts.push({ nonResourceURLs: [url], verbs: [verb] });
  }
  return parts;
}

/** @param part a smallest rule */
function covers(rule: PolicyRule, part: PolicyRule): boolean {
  if (!has(rule.verbs, part.verbs[0]!)) return false;
  const url = part.nonResourceURLs?.[0];
  if (url !== undefined) return rule.nonResourceURLs?.some((each) => urlCovers(each, url)) ?? false;
  if (!has(rule.apiGroups, part.apiGroups![0]!)) return false;
  if (!rule.resources?.some((each) => resourceCovers(each, part.resources![0]!))) return false;
  const names = rule.resourceNames ?? [];
  return names.length === 0 || (part.resourceNames !== undefined && names.includes(part.resourceNames[0]!));
}

/** `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}` */
export function ruleText(rule: PolicyRule): string {
  const parts: string[] = [];
  const add = (title: string, values: readonly string[] | undefined) => {
    if (values?.length) parts.push(`${title}:[${values.map((each) => JSON.stringify(each)).join(' ')}]`);
  };
  add('APIGroups', rule.apiGroups);
  add('Resources', rule.resources);
  add('NonResourceURLs', rule.nonResourceURLs);
  add('ResourceNames', rule.resourceNames);
  add('Verbs', rule.verbs);
  return `{${parts.join(', ')}}`;
}
