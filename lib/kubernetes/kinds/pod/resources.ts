/**
 * Requests and limits: which resources exist, and what amounts go together.
 * https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
 */
import { type ErrorList, type Path, Printed } from '../../field-errors';
import { addQuantities, compareQuantities, milliValue, parseQuantity, type Quantity } from '../../quantity';
import { check, dnsLabel, qualifiedName } from '../../validation/names';

const HUGE_PAGES = 'hugepages-';
const STANDARD_CONTAINER = new Set(['cpu', 'memory', 'ephemeral-storage']);
const STANDARD = new Set([
  ...STANDARD_CONTAINER,
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'storage',
  'services.nodeports',
  'services.loadbalancers',
]);
const INTEGER = new Set([
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);

export const isHugePages = (name: string): boolean => name.startsWith(HUGE_PAGES);
export const isQuotaHugePages = (name: string): boolean => isHugePages(name) || name.startsWith('requests.hugepages-');
export const isStandardResource = (name: string): boolean => STANDARD.has(name) || isQuotaHugePages(name);

/** Without a domain, or of Kubernetes' own domain. */
export const isNativeResource = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');

/** `example.com/gpu`: whole numbers that cannot be overcommitted. */
export function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith('requests.')) return false;
  return qualifiedName(`requests.${name}`).length === 0;
}

export const isOvercommitAllowed = (name: string): boolean => isNativeResource(name) && !isHugePages(name);
const isIntegerResource = (name: string): boolean => INTEGER.has(name) || isExtendedResource(name);

/** A name that quotas, limit ranges or containers may use. Answers whether it is one. */
export function validateResourceName(name: string, path: Path, errors: ErrorList): boolean {
  const before = errors.length;
  check(name, qualifiedName, path, errors);
  if (errors.length === before && !name.includes('/') && !isStandardResource(name)) {
    errors.invalid(path, name, 'must be a standard resource type or fully qualified');
  }
  return errors.length === before;
}

export function validateContainerResourceName(name: string, path: Path, errors: ErrorList): void {
  validateResourceName(name, path, errors);
  if (!name.includes('/')) {
    if (!STANDARD_CONTAINER.has(name) && !isHugePages(name)) {
      errors.invalid(path, name, 'must be a standard resource for containers');
    }
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    errors.invalid(path, name, "doesn't follow extended resource name standard");
  }
}

const POD_LEVEL = ['cpu', 'memory', 'hugepages-'];

function validatePodResourceName(name: string, path: Path, errors: ErrorList): void {
  if (!validateResourceName(name, path, errors)) return;
  if (name === 'cpu' || name === 'memory' || isHugePages(name)) return;
  errors.notSupported(path, name, POD_LEVEL.slice(0, 2));
}

/** An amount is not negative, and whole where only whole ones exist. */
export function validateResourceAmount(name: string, amount: string, path: Path, errors: ErrorList): void {
  const quantity = parseQuantity(amount);
  if (quantity.nano < 0n) errors.invalid(path, quantity.text, 'must be greater than or equal to 0');
  if (isIntegerResource(name) && milliValue(quantity) % 1000 !== 0) {
    errors.invalid(path, new Printed(JSON.stringify(quantity.text)), 'must be an integer');
  }
}

export interface RequirementsContext {
  /** Names in the Pod's `resourceClaims`. */
  readonly claimNames: ReadonlySet<string>;
  readonly level?: 'pod' | 'container';
}

export function validateRequirements(
  resources: any,
  path: Path,
  errors: ErrorList,
  context: RequirementsContext,
): void {
  if (!resources) return;
  const { limits, requests, claims } = resources;
  const validateName = context.level === 'pod' ? validatePodResourceName : validateContainerResourceName;
  let compute = false;
  let hugePages = false;
  const look = (name: string, amount: string, list: string) => {
    const at = path.child(list).key(name);
    validateName(name, at, errors);
    validateResourceAmount(name, amount, at, errors);
    if (name === 'cpu' || name === 'memory') compute = true;
  };
  for (const name in limits) {
    look(name, limits[name], 'limits');
    if (isHugePages(name)) {
      hugePages = true;
      validatePages(name, limits[name], path.child('limits').key(name), errors);
    }
  }
  for (const name in requests) {
    look(name, requests[name], 'requests');
    validateRequestAgainstLimit(name, requests[name], limits?.[name], path, errors);
    if (isHugePages(name)) {
      hugePages = true;
      validatePages(name, requests[name], path.child('requests').key(name), errors);
    }
  }
  if (hugePages && !compute) errors.forbidden(path, 'HugePages require cpu or memory');
  if (claims?.length) validateClaims(claims, path.child('claims'), errors, context.claimNames);
}

function validateRequestAgainstLimit(
  name: string,
  request: string,
  limit: string | undefined,
  path: Path,
  errors: ErrorList,
): void {
  const overcommit = isOvercommitAllowed(name);
  if (limit === undefined) {
    if (!overcommit) errors.required(path.child('limits'), 'Limit must be set for non overcommitable resources');
    return;
  }
  if (request === limit) return;
  const [wanted, most] = [parseQuantity(request), parseQuantity(limit)];
  const order = compareQuantities(wanted, most);
  if (order !== 0 && !overcommit) {
    errors.invalid(path.child('requests'), wanted.text, `must be equal to ${name} limit of ${most.text}`);
  } else if (order > 0) {
    errors.invalid(path.child('requests'), wanted.text, `must be less than or equal to ${name} limit of ${most.text}`);
  }
}

/** Huge pages come in multiples of their size: `hugepages-2Mi: 4Mi`. */
function validatePages(name: string, amount: string, path: Path, errors: ErrorList): void {
  let page: Quantity | undefined;
  try {
    page = parseQuantity(name.slice(HUGE_PAGES.length));
  } catch {
    page = undefined;
  }
  const quantity = parseQuantity(amount);
  if (page && page.nano > 0n && quantity.nano % page.nano === 0n) return;
  errors.invalid(path, quantity.text, `${quantity.text} is not positive integer multiple of ${name}`);
}

function validateClaims(claims: any[], path: Path, errors: ErrorList, claimNames: ReadonlySet<string>): void {
  const seen = new Set<string>();
  claims.forEach(({ name, request }, i) => {
    const at = path.index(i);
    if (!name) {
      errors.required(at);
      return;
    }
    if (seen.has(name)) errors.duplicate(at, name);
    else {
      const key = request ? `${name}/${request}` : name;
      if (request) check(request, dnsLabel, at.child('request'), errors);
      if (seen.has(key)) errors.duplicate(at, key);
      else if (!request && [...seen].some((other) => other.startsWith(`${name}/`))) errors.duplicate(at, name);
      seen.add(key);
    }
    if (claimNames.has(name)) return;
    const which = claimNames.size === 0 ? ' which is empty' : `: ${[...claimNames].sort().join(', ')}`;
    errors.notFound(at, name, `must be one of the names in pod.spec.resourceClaims${which}`);
  });
}

/** What the Pod as a whole asks for is at least what its containers ask for. */
export function validatePodResources(spec: any, path: Path, errors: ErrorList, claimNames: ReadonlySet<string>): void {
  const { resources } = spec;
  if (!resources) return;
  if (resources.claims?.length) {
    errors.forbidden(path.child('claims'), 'claims cannot be set for Resources at pod-level');
  }
  validateRequirements(resources, path, errors, { claimNames, level: 'pod' });
  for (const [name, sum] of Object.entries(sumOfRequests(spec))) {
    const own = parseQuantity(resources.requests?.[name] ?? '0');
    if (sum.nano <= own.nano) continue;
    const rule = `must be greater than or equal to aggregate container requests of ${sum.text}`;
    errors.invalid(path.child('requests').key(name), own.text, rule);
  }
  (spec.containers ?? []).forEach((container: any, i: number) => {
    for (const [name, limit] of Object.entries<string>(container.resources?.limits ?? {})) {
      const most = resources.limits?.[name];
      if (most === undefined || compareQuantities(parseQuantity(limit), parseQuantity(most)) <= 0) continue;
      const at = path.child('containers').index(i).key(name).child('limits');
      errors.invalid(
        at,
        parseQuantity(limit).text,
        `must be less than or equal to pod limits of ${parseQuantity(most).text}`,
      );
    }
  });
}

function sumOfRequests(spec: any): Record<string, Quantity> {
  const sums: Record<string, Quantity> = {};
  for (const { resources } of spec.containers ?? []) {
    for (const [name, request] of Object.entries<string>(resources?.requests ?? {})) {
      const quantity = parseQuantity(request);
      sums[name] = sums[name] ? addQuantities(sums[name]!, quantity) : quantity;
    }
  }
  return sums;
}
