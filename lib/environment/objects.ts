/** Objects of an environment that are looked at whoever made them; what `up` applies is the apply engine's default set. */
import type { Transport } from '../apply';
import type { KubernetesObject } from '../kubernetes/object';

/** Services and Ingresses that have a load balancer, as they are now. */
export async function readLoadBalanced(transport: Transport): Promise<KubernetesObject[]> {
  const found: KubernetesObject[] = [];
  for (const [path, apiVersion, kind] of [
    ['/api/v1/services', 'v1', 'Service'],
    ['/apis/networking.k8s.io/v1/ingresses', 'networking.k8s.io/v1', 'Ingress'],
  ] as const) {
    const { body } = await transport.request({ method: 'GET', path });
    for (const item of body.items ?? []) {
      if (item.status?.loadBalancer?.ingress?.length > 0) found.push({ ...item, apiVersion, kind });
    }
  }
  return found;
}
