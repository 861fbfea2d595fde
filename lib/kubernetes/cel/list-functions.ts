/**
 * Lists, sets and regular expressions as Kubernetes adds them to CEL.
 * https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-list-library
 */
import type { CelFunction } from './evaluate';
import { regex, standardFunctions, text } from './standard-functions';
import { CelError, celCompare, celEquals, noSuchOverload } from './values';

function list(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) throw noSuchOverload(name);
  return value;
}

function compare(a: unknown, b: unknown, name: string): number {
  const order = celCompare(a, b);
  if (order === undefined) throw noSuchOverload(name);
  return order;
}

const extreme =
  (sign: 1 | -1): CelFunction =>
  ([value], name) => {
    const items = list(value, name);
    if (items.length === 0) throw new CelError(`${name} called on empty list`);
    return items.reduce((best, item) => (sign * compare(item, best, name) > 0 ? item : best));
  };

const includes = (items: readonly unknown[], item: unknown): boolean => items.some((each) => celEquals(each, item));

export const listFunctions: Readonly<Record<string, CelFunction>> = {
  isSorted: ([value], name) =>
    list(value, name).every((item, i, all) => i === 0 || compare(all[i - 1], item, name) <= 0),
  sum: ([value], name) => {
    const items = list(value, name);
    return items.length === 0 ? 0n : items.reduce((a, b) => standardFunctions['_+_']!([a, b], name));
  },
  min: extreme(-1),
  max: extreme(1),
  'math.greatest': (args, name) => extreme(1)([args.length === 1 && Array.isArray(args[0]) ? args[0] : args], name),
  'math.least': (args, name) => extreme(-1)([args.length === 1 && Array.isArray(args[0]) ? args[0] : args], name),
  slice: ([value, from, to], name) => list(value, name).slice(Number(from), Number(to)),
  sort: ([value], name) => [...list(value, name)].sort((a, b) => compare(a, b, name)),
  distinct: ([value], name) =>
    list(value, name).filter((item, i, all) => all.findIndex((each) => celEquals(each, item)) === i),
  flatten: ([value], name) => list(value, name).flat(1),
  'lists.range': ([count]) => Array.from({ length: Number(count) }, (_, i) => BigInt(i)),
  'sets.contains': ([a, b], name) => list(b, name).every((item) => includes(list(a, name), item)),
  'sets.equivalent': ([a, b], name) =>
    list(b, name).every((item) => includes(list(a, name), item)) &&
    list(a, name).every((item) => includes(list(b, name), item)),
  'sets.intersects': ([a, b], name) => list(a, name).some((item) => includes(list(b, name), item)),
  find: ([value, pattern], name) => regex(text(pattern, name)).exec(text(value, name))?.[0] ?? '',
  findAll: ([value, pattern, limit], name) => {
    const found = [...text(value, name).matchAll(regex(text(pattern, name), 'g'))].map(([match]) => match);
    return limit === undefined || Number(limit) < 0 ? found : found.slice(0, Number(limit));
  },
};

/** `indexOf` and `lastIndexOf` of lists; strings have their own. */
export function indexInList(items: readonly unknown[], item: unknown, last: boolean): bigint {
  const matches = (each: unknown) => celEquals(each, item);
  return BigInt(last ? items.findLastIndex(matches) : items.findIndex(matches));
}
