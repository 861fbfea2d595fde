/**
 * How items of associative lists are told apart: by their keys (map lists; a missing key takes its default, so a port
 * without a protocol is the TCP one) or by their value (sets).
 */
import { keyElement, type PathElement, pathText, valueElement } from './field-set';
import { isObject } from './json';
import type { Topology } from './topology';
import { typedError } from './typed-errors';

/** @throws TypedErrors when the item cannot be identified. */
export function itemElement(list: Topology, item: unknown): PathElement {
  return list.keys.length === 0 ? setElement(item) : mapElement(list, item);
}

/** Elements of items that are told apart by one text: conditions by their type, containers by their name. */
const textElements = new WeakMap<Topology, Map<string, PathElement>>();
const MAX_TEXTS = 1_000;

function textElement(list: Topology, key: string, text: string): PathElement {
  let known = textElements.get(list);
  if (known === undefined) {
    known = new Map();
    textElements.set(list, known);
  }
  let element = known.get(text);
  if (element === undefined) {
    element = keyElement([[key, text]]);
    if (known.size >= MAX_TEXTS) known.clear();
    known.set(text, element);
  }
  return element;
}

function mapElement(list: Topology, item: unknown): PathElement {
  if (item === null || item === undefined) {
    throw typedError('associative list with keys may not have a null element');
  }
  if (!isObject(item)) throw typedError('associative list with keys may not have non-map elements');
  if (list.keys.length === 1 && Object.hasOwn(item, list.keys[0]!)) {
    const text = item[list.keys[0]!];
    if (typeof text === 'string') return textElement(list, list.keys[0]!, text);
  }
  const pairs: [string, unknown][] = [];
  for (const key of list.keys) {
    const value = Object.hasOwn(item, key) ? item[key] : list.items.fields.get(key)?.default;
    if (value !== undefined) pairs.push([key, value]);
  }
  if (pairs.length === 0) {
    const names = list.keys.map((key) => JSON.stringify(key)).join(' ');
    throw typedError(
      `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
    );
  }
  return keyElement(pairs);
}

function setElement(item: unknown): PathElement {
  if (isObject(item)) throw typedError("associative list without keys has an element that's a map type");
  if (Array.isArray(item)) throw typedError('not supported: associative list with lists as elements');
  if (item === null || item === undefined) {
    throw typedError("associative list without keys has an element that's an explicit null");
  }
  return valueElement(item);
}

/** The items of a list by their element, in order; more than one item under an element is a duplicate. */
export function itemsByElement(list: Topology, items: readonly unknown[]): Map<PathElement, unknown[]> {
  const out = new Map<PathElement, unknown[]>();
  items.forEach((item, i) => {
    const element = indexed(list, item, i);
    const same = out.get(element);
    if (same) same.push(item);
    else out.set(element, [item]);
  });
  return out;
}

/** The element of each item of an applied list. @throws TypedErrors for duplicates. */
export function uniqueElements(list: Topology, items: readonly unknown[]): PathElement[] {
  const elements = items.map((item, i) => indexed(list, item, i));
  const seen = new Set<PathElement>();
  for (const element of elements) {
    if (seen.has(element)) throw typedError(`duplicate entries for key ${pathText([element])}`);
    seen.add(element);
  }
  return elements;
}

function indexed(list: Topology, item: unknown, index: number): PathElement {
  try {
    return itemElement(list, item);
  } catch (error) {
    throw typedError(`element ${index}: ${(error as Error).message}`);
  }
}
