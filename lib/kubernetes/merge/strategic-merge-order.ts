/**
 * The order of a merged list: items that the patch names come as it says; items that only the live list has keep their
 * order among each other and stand before the first named item that followed them in the live list.
 *
 * Live [a b c d], patch order [d b]: live-only a and c; a precedes d in the live list, so does c: [a c d b].
 */
import { equalJson, isObject } from './json';

export interface Ordering {
  readonly merged: readonly unknown[];
  readonly order: readonly unknown[];
  readonly liveOrder: readonly unknown[];
  /** Empty for lists of scalars. */
  readonly mergeKey: string;
}

export function orderItems({ merged, order, liveOrder, mergeKey }: Ordering): unknown[] {
  const keyOf = (item: unknown) => (mergeKey !== '' && isObject(item) ? item[mergeKey] : item);
  const indexIn = (list: readonly unknown[]) => {
    const keys = list.map(keyOf);
    return (item: unknown) => keys.findIndex((key) => equalJson(key, keyOf(item)));
  };
  const inOrder = indexIn(order);
  const inLive = indexIn(liveOrder);
  const named = merged.filter((item) => inOrder(item) >= 0).sort((a, b) => inOrder(a) - inOrder(b));
  const liveOnly = merged.filter((item) => inOrder(item) < 0).sort((a, b) => inLive(a) - inLive(b));

  const out: unknown[] = [];
  let n = 0;
  let l = 0;
  while (n < named.length && l < liveOnly.length) {
    const [live, other] = [inLive(liveOnly[l]), inLive(named[n])];
    if (live >= 0 && other >= 0 && live < other) out.push(liveOnly[l++]);
    else out.push(named[n++]);
  }
  return [...out, ...named.slice(n), ...liveOnly.slice(l)];
}
