/**
 * What a ResourceClaim may ask for.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
 */
import type { ErrorList, Path } from '../field-errors';
import { oneOf, requirePresent } from '../validation/checks';
import { check, cIdentifier, dnsLabel, dnsSubdomain } from '../validation/names';

const MAX_ITEMS = 32;
const MAX_ALTERNATIVES = 8;
const MAX_NAME = 32;

export function validateDeviceClaim(devices: any, path: Path, errors: ErrorList): void {
  const { requests, constraints, config } = devices ?? {};
  const names = new Set<string>();
  each(requests, MAX_ITEMS, path.child('requests'), errors, (request, at) => {
    validateRequest(request, at, errors, names);
  });
  each(constraints, MAX_ITEMS, path.child('constraints'), errors, (constraint, at) => {
    validateConstraint(constraint, at, errors, names);
  });
  each(config, MAX_ITEMS, path.child('config'), errors, (item, at) => {
    validateReferences(item.requests, at.child('requests'), errors, names);
    validateOpaque(item.opaque, at, errors);
  });
}

type Visitor = (item: any, path: Path) => void;

function each(items: readonly any[] | undefined, max: number, path: Path, errors: ErrorList, visit: Visitor): void {
  if (!items) return;
  if (items.length > max) errors.tooMany(path, items.length, max);
  items.forEach((item, i) => {
    visit(item ?? {}, path.index(i));
  });
}

const ONE_FORM = 'exactly one of `exactly` or `firstAvailable` is required';

function validateRequest(request: any, path: Path, errors: ErrorList, names: Set<string>): void {
  const { name = '', exactly, firstAvailable } = request;
  check(name ?? '', dnsLabel, path.child('name'), errors);
  if (names.has(name)) errors.duplicate(path, name);
  names.add(name);
  const hasAlternatives = firstAvailable?.length > 0;
  if (!exactly && !hasAlternatives) errors.required(path, ONE_FORM);
  else if (exactly && hasAlternatives) errors.invalid(path, null, `${ONE_FORM}, but multiple fields are set`);
  else if (exactly) validateDevices(exactly, path.child('exactly'), errors);
  const seen = new Set<string>();
  each(firstAvailable, MAX_ALTERNATIVES, path.child('firstAvailable'), errors, (alternative, at) => {
    const own = alternative.name ?? '';
    check(own, dnsLabel, at.child('name'), errors);
    validateDevices(alternative, at, errors);
    if (seen.has(own)) errors.duplicate(at, own);
    seen.add(own);
    names.add(`${name}/${own}`);
  });
}

/** Which devices, and how many. */
function validateDevices(request: any, path: Path, errors: ErrorList): void {
  const { deviceClassName, selectors, allocationMode, count = 0, tolerations } = request;
  if (requirePresent(deviceClassName, path.child('deviceClassName'), errors)) {
    check(deviceClassName, dnsSubdomain, path.child('deviceClassName'), errors);
  }
  validateSelectors(selectors, path.child('selectors'), errors);
  const at = path.child('count');
  if (allocationMode === 'All') {
    if (count !== 0) errors.invalid(at, count, "must not be specified when allocationMode is 'All'");
  } else if (allocationMode === 'ExactCount') {
    if (count <= 0) errors.invalid(at, count, 'must be greater than zero');
  } else errors.notSupported(path.child('allocationMode'), allocationMode ?? '', ['All', 'ExactCount']);
  each(tolerations, 16, path.child('tolerations'), errors, ({ operator, effect }, toleration) => {
    oneOf(operator, ['Equal', 'Exists'], toleration.child('operator'), errors);
    if (effect) oneOf(effect, ['NoExecute', 'NoSchedule'], toleration.child('effect'), errors);
  });
}

/** Selectors of claims and classes: expressions in CEL. */
export function validateSelectors(selectors: readonly any[] | undefined, path: Path, errors: ErrorList): void {
  each(selectors, MAX_ITEMS, path, errors, ({ cel }, at) => {
    if (requirePresent(cel, at.child('cel'), errors)) {
      requirePresent(cel.expression, at.child('cel').child('expression'), errors);
    }
  });
}

function validateConstraint(constraint: any, path: Path, errors: ErrorList, names: ReadonlySet<string>): void {
  validateReferences(constraint.requests, path.child('requests'), errors, names);
  const { matchAttribute, distinctAttribute } = constraint;
  if (distinctAttribute === undefined) validateAttributeName(matchAttribute, path.child('matchAttribute'), errors);
  else validateAttributeName(distinctAttribute, path.child('distinctAttribute'), errors);
}

/** `domain/identifier`. */
function validateAttributeName(name: string | undefined, path: Path, errors: ErrorList): void {
  if (!requirePresent(name, path, errors)) return;
  const slash = name!.indexOf('/');
  if (slash < 0) {
    errors.invalid(path, name, 'must include a domain');
    return;
  }
  const [domain, identifier] = [name!.slice(0, slash), name!.slice(slash + 1)];
  if (requirePresent(domain, path, errors, 'the domain must not be empty')) check(domain, dnsSubdomain, path, errors);
  if (!requirePresent(identifier, path, errors, 'the name must not be empty')) return;
  if (identifier.length > MAX_NAME) errors.tooLong(path, MAX_NAME);
  check(identifier, cIdentifier, path, errors);
}

const NO_SUCH_REQUEST =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

function validateReferences(
  references: readonly string[] | undefined,
  path: Path,
  errors: ErrorList,
  names: ReadonlySet<string>,
): void {
  const seen = new Set<string>();
  references?.forEach((reference, i) => {
    const at = path.index(i);
    for (const part of reference.split('/')) check(part, dnsLabel, at, errors);
    if (!names.has(reference)) errors.invalid(at, reference, NO_SUCH_REQUEST);
    if (seen.has(reference)) errors.duplicate(at, reference);
    seen.add(reference);
  });
}

/** Configuration for a driver, of a claim or a class. */
export function validateOpaque(opaque: any, path: Path, errors: ErrorList): void {
  const at = path.child('opaque');
  if (!requirePresent(opaque, at, errors)) return;
  if (requirePresent(opaque.driver, at.child('driver'), errors))
    check(opaque.driver, dnsSubdomain, at.child('driver'), errors);
  const { parameters } = opaque;
  if (!requirePresent(parameters, at.child('parameters'), errors)) return;
  if (typeof parameters !== 'object' || Array.isArray(parameters)) {
    errors.invalid(at.child('parameters'), '<value omitted>', 'parameters must be a valid JSON object');
  }
}
