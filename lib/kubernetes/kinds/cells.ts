/**
 * What the cells of many kinds have in common: ages, labels, containers and images.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
 */
import type { KubernetesObject } from '../object';
import type { Cell, CellContext } from './kind-definition';

/** Where no kind says more: the columns Name and Created At (or Age, which the caller asks for with `age`). */
export function defaultCells(object: KubernetesObject): Cell[] {
  return [object.metadata.name!, object.metadata.creationTimestamp ?? null];
}

/** `5m`, `3d4h`: how long ago the object was created. */
export function age(object: KubernetesObject, { now }: CellContext): string {
  return since(object.metadata.creationTimestamp, now);
}

/** How long ago an RFC 3339 time was; `<unknown>` without one. */
export function since(time: string | undefined | null, now: number): string {
  return time ? humanDuration(now - Date.parse(time)) : '<unknown>';
}

/**
 * A duration in at most two units, fewer digits the longer it is (apimachinery `util/duration.HumanDuration`).
 * 90 s -> 90s; 150 s -> 2m30s; 11 min -> 11m; 200 min -> 3h20m; 50 h -> 2d2h; 10 d -> 10d; 3 years and 5 days -> 3y5d.
 */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  // A clock that is a second ahead is no reason to be alarmed.
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 60 * 2) return `${seconds}s`;
  const minutes = Math.trunc(milliseconds / 60_000);
  if (minutes < 10) return joined(minutes, 'm', seconds % 60, 's');
  if (minutes < 60 * 3) return `${minutes}m`;
  const hours = Math.trunc(milliseconds / 3_600_000);
  if (hours < 8) return joined(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (hours < 24 * 8) return joined(Math.trunc(hours / 24), 'd', hours % 24, 'h');
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24)}d`;
  const years = Math.trunc(hours / 24 / 365);
  if (hours < 24 * 365 * 8) return joined(years, 'y', Math.trunc(hours / 24) % 365, 'd');
  return `${years}y`;
}

const joined = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;

/** `a=b,c=d`, sorted; `<none>` without any. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const names = Object.keys(labels ?? {}).sort();
  return names.length === 0 ? '<none>' : names.map((name) => `${name}=${labels![name]}`).join(',');
}

/** The names and the images of a pod template's containers, each joined by commas. */
export function containersAndImages(
  podSpec: { containers?: { name: string; image?: string }[] } | undefined,
): [string, string] {
  const containers = podSpec?.containers ?? [];
  return [containers.map(({ name }) => name).join(','), containers.map(({ image }) => image ?? '').join(',')];
}
