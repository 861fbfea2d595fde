/**
 * The filters of EC2's Describe operations.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
 *
 * A filter's name is mostly the field in kebab case (`vpc-id` -> `vpcId`); those that are not are named by the caller.
 * Values may contain `*` and `?`. All filters must match; within one filter, one value must.
 */
import { AwsError } from '../aws-error';
import type { WireObject } from '../service';
import type { Collection, Tagged } from './state';

/** Filter names that are no field: how to get their values. */
export type FilterFields<T> = Readonly<Record<string, (item: T) => readonly unknown[]>>;

/** The items that a Describe request asks for. @throws the collection's NotFound for an id that is not there */
export function selectItems<T extends Tagged>(
  items: Collection<T>,
  ids: readonly string[] | undefined,
  input: WireObject,
  fields: FilterFields<T> = {},
): T[] {
  const chosen = ids && ids.length > 0 ? ids.map((id) => items.find(id)) : [...items.values()];
  const filters: readonly WireObject[] = input.Filter ?? [];
  return chosen.filter((item) => filters.every((filter) => matches(item, filter, fields)));
}

function matches<T extends Tagged>(item: T, filter: WireObject, fields: FilterFields<T>): boolean {
  const patterns: string[] = filter.Value ?? [];
  const values = valuesOf(item, String(filter.Name), fields).map(String);
  return patterns.some((pattern) => {
    const regExp = wildcard(pattern);
    return values.some((value) => regExp.test(value));
  });
}

function valuesOf<T extends Tagged>(item: T, name: string, fields: FilterFields<T>): readonly unknown[] {
  const special = fields[name];
  if (special) return special(item);
  if (name.startsWith('tag:')) return item.tagSet.filter(({ key }) => key === name.slice(4)).map(({ value }) => value);
  if (name === 'tag-key') return item.tagSet.map(({ key }) => key);
  const field = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const value = pathValue(item, field.split('.'));
  if (value === undefined && !Object.hasOwn(item, field.split('.')[0]!)) {
    throw new AwsError('InvalidParameterValue', `The filter '${name}' is invalid`);
  }
  return value === undefined ? [] : [value].flat();
}

function pathValue(item: unknown, path: readonly string[]): unknown {
  return path.reduce<any>((value, part) => (value === undefined || value === null ? undefined : value[part]), item);
}

function wildcard(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/\*/g, '.*').replace(/\?/g, '.')}$`);
}
