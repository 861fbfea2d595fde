/**
 * Stands in for scheduler and kubelets in tests of controllers: assigns pods to nodes in turn, makes them ready after a
 * while, and lets them go when they are deleted.
 */
import { formatTime, type KubernetesObject } from '../../lib/kubernetes/object';
import type { ClusterContext } from '../../lib/simulator/cluster/context';
import { targetNode } from '../../lib/simulator/cluster/controllers/daemon-nodes';
import { Informer } from '../../lib/simulator/cluster/informer';

export interface FakeKubeletOptions {
  /** @default 3 */
  readonly nodes?: number;
  /** From creation to Ready. @default 1000 */
  readonly startMs?: number;
  /** From deletion to gone. @default 1000 */
  readonly stopMs?: number;
  /** Pods that never become ready. @default those whose first image contains `bad` */
  readonly broken?: (pod: KubernetesObject) => boolean;
  /** How pods end: the phase after `runMs`. @default they run for ever */
  readonly finish?: (
    pod: KubernetesObject,
  ) => { readonly phase: 'Succeeded' | 'Failed'; readonly runMs: number } | undefined;
}

export function startFakeKubelet(context: ClusterContext, options: FakeKubeletOptions = {}): void {
  const client = context.clientFor('system:node:fake', 'kubelet');
  const { clock } = context.simulation;
  const broken = options.broken ?? ((pod) => pod.spec.containers[0].image.includes('bad'));
  const seen = new Set<string>();
  const leaving = new Set<string>();
  let next = 0;

  const find = ({ metadata: { namespace, name, uid } }: KubernetesObject) => {
    const pod = client.tryGet('pods', namespace, name!);
    return pod?.metadata.uid === uid ? pod : undefined;
  };
  const setStatus = (pod: KubernetesObject, phase: string, ready: boolean, extra: object = {}) => {
    const now = formatTime(clock.now());
    const condition = (type: string, status: boolean) => ({
      type,
      status: status ? 'True' : 'False',
      lastTransitionTime: now,
    });
    const conditions = [
      condition('PodScheduled', true),
      condition('Initialized', true),
      condition('ContainersReady', ready),
      condition('Ready', ready),
    ];
    const podIP = pod.status?.podIP ?? `10.0.${seen.size >> 8}.${seen.size & 255}`;
    const status = { ...pod.status, phase, conditions, podIP, podIPs: [{ ip: podIP }], startTime: now, ...extra };
    return client.updateStatus('pods', { ...pod, status });
  };
  const finish = (pod: KubernetesObject) => {
    const end = options.finish?.(pod);
    if (!end) return;
    clock.after(end.runMs, () => {
      const now = find(pod);
      if (!now) return;
      const exitCode = end.phase === 'Succeeded' ? 0 : 1;
      const containerStatuses = pod.spec.containers.map((container: { name: string; image: string }) => ({
        name: container.name,
        image: container.image,
        imageID: '',
        ready: false,
        restartCount: 0,
        state: { terminated: { exitCode, finishedAt: formatTime(clock.now()) } },
      }));
      setStatus(now, end.phase, false, { containerStatuses });
    });
  };
  const bind = ({ metadata: { name, namespace } }: KubernetesObject, nodeName: string) => {
    const target = { apiVersion: 'v1', kind: 'Node', name: nodeName };
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: name!, namespace: namespace! }, target };
    client.create('pods', binding, { subresource: 'binding' });
  };
  const start = (pod: KubernetesObject) => {
    seen.add(pod.metadata.uid!);
    const nodeName = pod.spec.nodeName ?? targetNode(pod) ?? `node-${next++ % (options.nodes ?? 3)}`;
    if (!pod.spec.nodeName) bind(pod, nodeName);
    clock.after(options.startMs ?? 1_000, () => {
      const now = find(pod);
      if (!now || now.metadata.deletionTimestamp) return;
      setStatus(now, broken(now) ? 'Pending' : 'Running', !broken(now));
      finish(now);
    });
  };
  const stop = (pod: KubernetesObject) => {
    leaving.add(pod.metadata.uid!);
    clock.after(options.stopMs ?? 1_000, () => {
      const now = find(pod);
      if (now) client.delete('pods', now.metadata.namespace, now.metadata.name!, { gracePeriodSeconds: 0 });
    });
  };
  new Informer('fake-kubelet', context, 'pods', ({ type, object }) => {
    const pod = type === 'DELETED' ? undefined : find(object);
    if (!pod) return;
    if (pod.metadata.deletionTimestamp && !leaving.has(pod.metadata.uid!)) stop(pod);
    else if (!seen.has(pod.metadata.uid!)) start(pod);
  });
}
