/**
 * Structural sharing: gives back `next` with every part that equals the part of `source` at the same place replaced by that
 * part. So 10,000 Pods of one ReplicaSet hold one template, and "did it change?" is a comparison of references.
 *
 *   source  { labels: L, spec: S }      next  { labels: {a: 1} equal to L, spec: changed }
 *   result  { labels: L, spec: changed }
 */
export function share<T>(next: T, source: unknown): T {
  if (Object.is(next, source)) return next;
  if (typeof next !== 'object' || next === null || typeof source !== 'object' || source === null) return next;
  return (Array.isArray(next) ? shareList(next, source) : shareObject(next as object, source)) as T;
}

function shareList(next: unknown[], source: object): unknown {
  if (!Array.isArray(source)) return next;
  let same = next.length === source.length;
  for (let i = 0; i < next.length && i < source.length; i++) {
    next[i] = share(next[i], source[i]);
    if (!Object.is(next[i], source[i])) same = false;
  }
  return same ? source : next;
}

function shareObject(next: any, source: any): unknown {
  if (Array.isArray(source)) return next;
  let same = true;
  let count = 0;
  for (const key in next) {
    count++;
    if (!Object.hasOwn(source, key)) {
      same = false;
      continue;
    }
    const shared = share(next[key], source[key]);
    if (shared !== next[key]) next[key] = shared;
    if (!Object.is(shared, source[key])) same = false;
  }
  if (!same) return next;
  for (const _ in source) count--;
  return count === 0 ? source : next;
}
