/** https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/ */
import type { KubernetesObject } from '../object';
import { current, inProgress, type Readiness } from './readiness';

export function namespaceReadiness(namespace: KubernetesObject): Readiness {
  const phase = namespace.status?.phase ?? 'Active';
  return phase === 'Active' ? current('active') : inProgress(`it is ${phase}`);
}

/** Why a namespace stays in Terminating: what is left in it, which finalizer holds it, which API does not answer. */
export function namespaceBlockers(namespace: KubernetesObject): string[] {
  const telling = new Set([
    'NamespaceDeletionDiscoveryFailure',
    'NamespaceDeletionContentFailure',
    'NamespaceContentRemaining',
    'NamespaceFinalizersRemaining',
  ]);
  const conditions: { type: string; status: string; message?: string }[] = namespace.status?.conditions ?? [];
  return conditions
    .filter(({ type, status, message }) => telling.has(type) && status === 'True' && message)
    .map(({ message }) => message!);
}
