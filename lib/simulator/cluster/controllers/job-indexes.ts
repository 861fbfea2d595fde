/**
 * Sets of completion indexes, as an Indexed Job writes them into its status: `0,2-4` is 0, 2, 3, 4.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode
 */
import type { KubernetesObject } from '../../../kubernetes/object';

export const INDEX = 'batch.kubernetes.io/job-completion-index';

/** Numbers at or beyond `completions` are left out: the Job was made smaller. */
export function parseIndexes(text: string | undefined, completions: number): Set<number> {
  const indexes = new Set<number>();
  for (const range of text ? text.split(',') : []) {
    const [first, last = first] = range.split('-').map(Number);
    for (let index = first!; index <= last! && index < completions; index++) indexes.add(index);
  }
  return indexes;
}

export function formatIndexes(indexes: ReadonlySet<number>): string {
  const ranges: [number, number][] = [];
  for (const index of [...indexes].sort((a, b) => a - b)) {
    const range = ranges[ranges.length - 1];
    if (range && range[1] === index - 1) range[1] = index;
    else ranges.push([index, index]);
  }
  // Two in a row are written as two: 1,2 but 1-3.
  return ranges
    .map(([first, last]) =>
      first === last ? `${first}` : last === first + 1 ? `${first},${last}` : `${first}-${last}`,
    )
    .join(',');
}

/** Undefined when the pod has none. */
export function indexOf({ metadata }: KubernetesObject): number | undefined {
  const text = metadata.annotations?.[INDEX];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
