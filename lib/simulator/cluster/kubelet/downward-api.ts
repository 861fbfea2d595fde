/**
 * Fields of a pod as its containers may see them.
 * https://kubernetes.io/docs/concepts/workloads/pods/downward-api/
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { parseQuantity } from '../../../kubernetes/quantity';

interface Addresses {
  readonly podIp: string;
  readonly hostIp: string;
}

/** The value of `fieldRef.fieldPath`. */
export function fieldValue(pod: KubernetesObject, path: string, { podIp, hostIp }: Addresses): string {
  const { metadata, spec } = pod;
  const entry = /^metadata\.(labels|annotations)\['([^']*)'\]$/.exec(path);
  if (entry) return metadata[entry[1] as 'labels' | 'annotations']?.[entry[2]!] ?? '';
  switch (path) {
    case 'metadata.name':
      return metadata.name!;
    case 'metadata.namespace':
      return metadata.namespace!;
    case 'metadata.uid':
      return metadata.uid!;
    case 'metadata.labels':
      return formatMap(metadata.labels);
    case 'metadata.annotations':
      return formatMap(metadata.annotations);
    case 'spec.nodeName':
      return spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? '';
    case 'status.podIP':
    case 'status.podIPs':
      return podIp;
    case 'status.hostIP':
    case 'status.hostIPs':
      return hostIp;
    default:
      return '';
  }
}

/** One `key="value"` a line, sorted. */
function formatMap(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}

/** The value of `resourceFieldRef`, in units of its divisor, rounded up. Example: limits.cpu 250m with divisor 1: 1. */
export function resourceFieldValue(
  pod: KubernetesObject,
  container: any,
  reference: { readonly containerName?: string; readonly resource: string; readonly divisor?: string },
  node: KubernetesObject | undefined,
): string {
  const { containerName } = reference;
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const subject = containerName ? all.find(({ name }: any) => name === containerName) : container;
  const [kind, resource] = reference.resource.split(/\.(.*)/s) as [string, string];
  const declared = subject?.resources?.[kind]?.[resource];
  const fallback = kind === 'limits' ? node?.status?.allocatable?.[resource] : undefined;
  const amount = parseQuantity(declared ?? fallback ?? '0').nano;
  const divisor =
    reference.divisor && reference.divisor !== '0' ? parseQuantity(reference.divisor).nano : 1_000_000_000n;
  return String((amount + divisor - 1n) / divisor);
}
