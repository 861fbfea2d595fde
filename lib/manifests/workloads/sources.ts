/**
 * Where the value of an environment variable may come from, besides ConfigMaps and Secrets.
 * https://kubernetes.io/docs/concepts/workloads/pods/downward-api/
 */
import type * as corev1 from '../../kubernetes/types/core-v1.generated';

type PodField =
  | 'metadata.name'
  | 'metadata.namespace'
  | 'metadata.uid'
  | `metadata.labels['${string}']`
  | `metadata.annotations['${string}']`
  | 'spec.nodeName'
  | 'spec.serviceAccountName'
  | 'status.hostIP'
  | 'status.hostIPs'
  | 'status.podIP'
  | 'status.podIPs';

/** What the Pod knows about itself. @example env: { POD_IP: fieldOf('status.podIP') } */
export const fieldOf = (fieldPath: PodField): corev1.EnvVarSource => ({ fieldRef: { fieldPath } });

type ResourcePath = `${'limits' | 'requests'}.${'cpu' | 'memory' | 'ephemeral-storage' | `hugepages-${string}`}`;

/**
 * What a container may use; without a limit, what its node has.
 * @param divisor the unit of the answer, e.g. `1Mi`; CPUs are rounded up. @default 1
 * @example env: { GOMEMLIMIT: resourceOf('limits.memory') }
 */
export const resourceOf = (
  resource: ResourcePath,
  options: { readonly divisor?: corev1.ResourceFieldSelector['divisor']; readonly containerName?: string } = {},
): corev1.EnvVarSource => ({ resourceFieldRef: { resource, ...options } });
