/**
 * metrics.k8s.io: what metrics-server answers to `kubectl top`. Nothing is stored; each answer is made when it is asked for.
 * https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/#metrics-api
 */
import { defineKind } from '../../kubernetes/kinds/define-kind';
import { formatTime, type KubernetesObject } from '../../kubernetes/object';
import type { ServedResource } from './api-server/resources';
import type { ClusterContext } from './context';
import type { Kubelets } from './kubelet/kubelets';
import type { ResourceUsage } from './kubelet/resource-usage';

const GROUP = 'metrics.k8s.io';
const VERSION = 'v1beta1';
const API_VERSION = `${GROUP}/${VERSION}`;
/** How long metrics-server looked at a container. */
const WINDOW = '15s';

export function metricsResources(context: ClusterContext, kubelets: Kubelets): ServedResource[] {
  const { store, simulation } = context;
  const measured = (kind: string, { metadata }: KubernetesObject, usage: object): KubernetesObject => {
    const timestamp = formatTime(simulation.clock.now());
    const { name, namespace, labels } = metadata;
    const identity = { name, ...(namespace === undefined ? {} : { namespace }), ...(labels ? { labels } : {}) };
    return {
      kind,
      apiVersion: API_VERSION,
      metadata: { ...identity, creationTimestamp: timestamp },
      timestamp,
      window: WINDOW,
      ...usage,
    };
  };
  const nodes = () =>
    store.sorted('nodes').flatMap((node) => {
      const usage = kubelets.nodeUsageOf(node.metadata.name!);
      return usage ? [measured('NodeMetrics', node, { usage: quantities(usage) })] : [];
    });
  const pods = (namespace: string) =>
    store.sorted('pods', namespace || undefined).flatMap((pod) => {
      const usages = kubelets.usageOf(pod.metadata.namespace!, pod.metadata.name!) ?? [];
      const containers = usages.map(({ name, ...usage }) => ({ name, usage: quantities(usage) }));
      return containers.length > 0 ? [measured('PodMetrics', pod, { containers })] : [];
    });
  return [resource('nodes', 'NodeMetrics', false, nodes), resource('pods', 'PodMetrics', true, pods)];
}

/** As the kubelet counts: nanocores and KiB. */
const quantities = ({ milliCpu, memoryBytes }: ResourceUsage) => ({
  cpu: `${Math.round(milliCpu * 1_000_000)}n`,
  memory: `${Math.round(memoryBytes / 1024)}Ki`,
});

function resource(
  plural: string,
  kind: string,
  namespaced: boolean,
  computed: (namespace: string) => readonly KubernetesObject[],
): ServedResource {
  return {
    group: GROUP,
    version: VERSION,
    apiVersion: API_VERSION,
    resource: plural,
    kind,
    namespaced,
    singular: '',
    shortNames: [],
    categories: [],
    verbs: new Set(['get', 'list']),
    subresources: new Map(),
    schema: { type: 'any' },
    kindDefinition: defineKind({ apiVersion: API_VERSION, kind, resource: plural, namespaced, cells }),
    collection: `${plural}.${GROUP}`,
    columns: ['Name', 'cpu', 'memory', 'Window'].map((name) => ({
      name,
      type: 'string',
      format: name === 'Name' ? 'name' : '',
      priority: 0,
    })),
    custom: false,
    computed,
  };
}

function cells(object: KubernetesObject): string[] {
  const usages: { cpu: string; memory: string }[] = object.containers
    ? object.containers.map(({ usage }: any) => usage)
    : [object.usage];
  const total = (name: 'cpu' | 'memory') => usages.reduce((sum, usage) => sum + Number.parseInt(usage[name], 10), 0);
  return [object.metadata.name!, `${total('cpu')}n`, `${total('memory')}Ki`, object.window];
}
