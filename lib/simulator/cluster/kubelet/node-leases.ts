/**
 * Heartbeats: the Lease of a node in the namespace kube-node-lease, renewed every 10 seconds by its kubelet.
 * https://kubernetes.io/docs/reference/node/node-status/#heartbeats
 *
 * A hundred idle nodes would write 864,000 renewals a day that nobody looks at. So nothing is written while a kubelet is
 * well: the stored Lease *computes* its `spec.renewTime` whenever it is read, as the last multiple of 10 seconds since the
 * kubelet's start. When the kubelet stops, the Lease is written with the time at which it was last renewed, and stays so.
 * Every reader sees what it would see on a real cluster; only the resourceVersion does not move, and watchers of Leases
 * hear of starts and stops alone.
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { formatMicroTime } from '../../../kubernetes/object';
import type { ClusterContext } from '../context';
import type { Kubelet } from './kubelet';

const NAMESPACE = 'kube-node-lease';
const COLLECTION = 'leases.coordination.k8s.io';
const DURATION_SECONDS = 40;
const RENEW_EVERY_MS = 10_000;

export class NodeLeases {
  private readonly startedAt = new Map<Kubelet, number>();

  constructor(private readonly context: ClusterContext) {}

  add(kubelet: Kubelet, node: KubernetesObject): void {
    const client = this.context.clientFor(`system:node:${kubelet.name}`, 'kubelet');
    this.ensureNamespace();
    const lease = client.tryGet(COLLECTION, NAMESPACE, kubelet.name);
    if (!lease) {
      const { name, uid } = node.metadata;
      client.create(COLLECTION, {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: {
          name: kubelet.name,
          namespace: NAMESPACE,
          ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: name!, uid: uid! }],
        },
        spec: {
          holderIdentity: kubelet.name,
          leaseDurationSeconds: DURATION_SECONDS,
          renewTime: formatMicroTime(this.now()),
        },
      });
    }
    this.resume(kubelet);
  }

  /** From now on the lease is as fresh as a running kubelet keeps it. */
  resume(kubelet: Kubelet): void {
    const startedAt = this.now();
    this.startedAt.set(kubelet, startedAt);
    const renewTime = () => {
      const now = this.now();
      return formatMicroTime(now - ((now - startedAt) % RENEW_EVERY_MS) + kubelet.clockSkewMs);
    };
    this.put(kubelet, (spec) => Object.defineProperty(spec, 'renewTime', { get: renewTime, enumerable: true }));
  }

  /** The kubelet renews no more. */
  stop(kubelet: Kubelet): void {
    if (!this.startedAt.delete(kubelet)) return;
    // Copying the spec reads its time for the last time.
    this.put(kubelet, (spec) => spec);
  }

  remove(kubelet: Kubelet): void {
    this.stop(kubelet);
  }

  /** Past the API server, which would copy the computed time as a value. */
  private put(kubelet: Kubelet, change: (spec: object) => object): void {
    const { store } = this.context;
    const lease = store.get(COLLECTION, NAMESPACE, kubelet.name);
    if (lease) store.put(COLLECTION, { ...lease, spec: change({ ...lease.spec }) });
  }

  private ensureNamespace(): void {
    const client = this.context.clientFor('system:apiserver');
    if (client.tryGet('namespaces', undefined, NAMESPACE)) return;
    client.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  }

  private now(): number {
    return this.context.simulation.clock.now();
  }
}
