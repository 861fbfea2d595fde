/**
 * What a connection to a pod asks for, as the object that admission sees: PodExecOptions, PodAttachOptions, ...
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { isTrue, type ResourceInfo } from './request-info';

const KINDS: Readonly<Record<string, string>> = {
  exec: 'PodExecOptions',
  attach: 'PodAttachOptions',
  portforward: 'PodPortForwardOptions',
  proxy: 'PodProxyOptions',
};

/** Undefined: the subresource is no connection. */
export function connectOptions(
  { subresource, rest }: ResourceInfo,
  query: URLSearchParams,
): KubernetesObject | undefined {
  const kind = KINDS[subresource];
  if (!kind) return undefined;
  const base = { kind, apiVersion: 'v1' };
  if (subresource === 'proxy') return { ...base, path: `/${rest}` } as unknown as KubernetesObject;
  if (subresource === 'portforward') {
    const ports = query.getAll('ports').flatMap((each) => each.split(',').map(Number));
    return { ...base, ...(ports.length > 0 ? { ports } : {}) } as unknown as KubernetesObject;
  }
  const flags = ['stdin', 'stdout', 'stderr', 'tty'].filter((flag) => isTrue(query.get(flag)));
  const command = query.getAll('command');
  return {
    ...base,
    ...Object.fromEntries(flags.map((flag) => [flag, true])),
    ...(query.get('container') ? { container: query.get('container') } : {}),
    ...(command.length > 0 ? { command } : {}),
  } as unknown as KubernetesObject;
}
