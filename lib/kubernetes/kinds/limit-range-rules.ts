/**
 * What a LimitRange may say: its numbers must fit together.
 * https://kubernetes.io/docs/concepts/policy/limit-range/
 */
import { type ErrorList, type Path, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { compareQuantities, parseQuantity, type Quantity } from '../quantity';
import { check, qualifiedName } from '../validation/names';
import { isOvercommitAllowed, validateContainerResourceName, validateResourceName } from './pod/resources';

const LIMITS = root('spec').child('limits');
const TYPES = new Set(['Pod', 'Container', 'PersistentVolumeClaim']);
const ONE = parseQuantity('1');

export function validateLimitRange({ spec = {} }: KubernetesObject, errors: ErrorList): void {
  const seen = new Set<string>();
  spec.limits?.forEach((item: any, i: number) => {
    const at = LIMITS.index(i);
    const { type = '' } = item;
    validateType(type, at.child('type'), errors);
    if (seen.has(type)) errors.duplicate(at.child('type'), type);
    seen.add(type);
    validateItem({ ...item, type }, at, errors);
  });
}

function validateType(type: string, path: Path, errors: ErrorList): void {
  check(type, qualifiedName, path, errors);
  if (qualifiedName(type).length === 0 && !type.includes('/') && !TYPES.has(type)) {
    errors.invalid(path, type, 'must be a standard limit type or fully qualified');
  }
}

const NOT_FOR_PODS = "may not be specified when `type` is 'Pod'";
const NO_STORAGE = 'either minimum or maximum storage value is required, but neither was provided';

function validateItem(item: any, path: Path, errors: ErrorList): void {
  const isContainerLike = item.type === 'Pod' || item.type === 'Container';
  const names = new Set<string>();
  const look = (list: string) => {
    for (const name of Object.keys(item[list] ?? {}).sort()) {
      const at = path.child(list).key(name);
      if (isContainerLike) validateContainerResourceName(name, at, errors);
      else validateResourceName(name, at, errors);
      names.add(name);
    }
  };
  look('max');
  look('min');
  for (const list of ['default', 'defaultRequest']) {
    if (item.type !== 'Pod') look(list);
    else if (Object.keys(item[list] ?? {}).length > 0) errors.forbidden(path.child(list), NOT_FOR_PODS);
  }
  if (item.type === 'PersistentVolumeClaim' && !item.min?.storage && !item.max?.storage) {
    errors.required(path.child('limits'), NO_STORAGE);
  }
  look('maxLimitRequestRatio');
  for (const name of names) validateAmounts(name, item, path, errors);
}

const amount = (list: any, name: string): Quantity | undefined =>
  list?.[name] === undefined ? undefined : parseQuantity(list[name]);

const isMore = (a: Quantity | undefined, b: Quantity | undefined): boolean =>
  a !== undefined && b !== undefined && compareQuantities(a, b) > 0;

/** The order: minimum, default request, default limit, maximum. */
function validateAmounts(name: string, item: any, path: Path, errors: ErrorList): void {
  const min = amount(item.min, name);
  const max = amount(item.max, name);
  const limit = amount(item.default, name);
  const request = amount(item.defaultRequest, name);
  const at = (list: string) => path.child(list).key(name);
  const complain = (list: string, shown: Quantity, text: string) => errors.invalid(at(list), shown.text, text);
  if (isMore(min, max)) complain('min', min!, `min value ${min!.text} is greater than max value ${max!.text}`);
  if (isMore(min, request)) {
    complain(
      'defaultRequest',
      request!,
      `min value ${min!.text} is greater than default request value ${request!.text}`,
    );
  }
  if (isMore(request, max)) {
    complain(
      'defaultRequest',
      request!,
      `default request value ${request!.text} is greater than max value ${max!.text}`,
    );
  }
  if (isMore(request, limit)) {
    const rule = `default request value ${request!.text} is greater than default limit value ${limit!.text}`;
    complain('defaultRequest', request!, rule);
  }
  if (isMore(min, limit))
    complain('default', min!, `min value ${min!.text} is greater than default value ${limit!.text}`);
  if (isMore(limit, max))
    complain('default', max!, `default value ${limit!.text} is greater than max value ${max!.text}`);
  validateRatio(amount(item.maxLimitRequestRatio, name), min, max, at('maxLimitRequestRatio'), errors);
  if (!isOvercommitAllowed(name) && limit && request && compareQuantities(limit, request) !== 0) {
    const rule = `default value ${limit.text} must equal to defaultRequest value ${request.text} in ${name}`;
    complain('defaultRequest', request, rule);
  }
}

function validateRatio(
  ratio: Quantity | undefined,
  min: Quantity | undefined,
  max: Quantity | undefined,
  path: Path,
  errors: ErrorList,
): void {
  if (!ratio) return;
  if (compareQuantities(ratio, ONE) < 0) errors.invalid(path, ratio.text, `ratio ${ratio.text} is less than 1`);
  if (!min || !max) return;
  const most = Number(max.nano) / Number(min.nano);
  if (Number(ratio.nano) / 1e9 > most) {
    errors.invalid(path, ratio.text, `ratio ${ratio.text} is greater than max/min = ${most.toFixed(6)}`);
  }
}
