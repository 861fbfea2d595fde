/**
 * Services and the pods behind them: what the controllers of Endpoints and of EndpointSlices have in common.
 * https://kubernetes.io/docs/concepts/services-networking/service/#services-in-kubernetes
 */
import { isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import { type LabelSelector, type Labels, matchesLabels } from '../../../kubernetes/selectors';
import type { Store } from '../store';
import { busyMs, nameOf, splitName, type Watch } from './controller';
import { matcherOf } from './ownership';
import { isPodFinished, isPodReady, readySince } from './pods';

const BY_LABEL = 'label';
/** How long changes of pods are gathered before the endpoints are written: each write goes to every node. */
const ENDPOINTS_GATHER_MS = 100;

/** Keeps the index that {@link podsWithLabels} reads. */
export function indexPodLabels(store: Store): void {
  store.addIndex('pods', BY_LABEL, ({ metadata: { namespace, labels } }) =>
    labels ? Object.entries(labels).map(([key, value]) => `${namespace}/${key}=${value}`) : [],
  );
}

/** The pods of a namespace that carry all these labels. Looks through those of the rarest label only. */
export function podsWithLabels(store: Store, namespace: string, labels: Labels): KubernetesObject[] {
  let rarest: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const [key, value] of Object.entries(labels)) {
    const count = store.countByIndex('pods', BY_LABEL, `${namespace}/${key}=${value}`);
    if (count < fewest) [rarest, fewest] = [`${namespace}/${key}=${value}`, count];
  }
  if (rarest === undefined) return [...store.list('pods', namespace)];
  return [...store.byIndex('pods', BY_LABEL, rarest)].filter((pod) => matchesLabels(labels, pod.metadata.labels));
}

/** At most so many pods does a Service select: those that carry the rarest of its labels. */
function countBehind(store: Store, serviceName: string): number {
  const { namespace, name } = splitName(serviceName);
  const selector: Labels = store.get('services', namespace, name)?.spec.selector ?? {};
  const counts = Object.entries(selector).map(([key, value]) =>
    store.countByIndex('pods', BY_LABEL, `${namespace}/${key}=${value}`),
  );
  return counts.length > 0 ? Math.min(...counts) : 0;
}

/** The pods of a namespace that a LabelSelector finds. */
export function podsSelectedBy(
  store: Store,
  namespace: string,
  selector: LabelSelector | undefined,
): KubernetesObject[] {
  const matches = matcherOf(selector);
  return podsWithLabels(store, namespace, selector?.matchLabels ?? {}).filter((pod) => matches(pod.metadata.labels));
}

/** A Service whose endpoints are found by its selector; the others are left to whoever made them. */
export function selectsPods({ spec }: KubernetesObject): boolean {
  return spec.type !== 'ExternalName' && Object.keys(spec.selector ?? {}).length > 0;
}

export function isHeadless({ spec }: KubernetesObject): boolean {
  return spec.clusterIP === 'None';
}

/** Wakes the Services of each pod whose endpoint may have changed. */
export function watchPodsOfServices(store: Store): Watch {
  return {
    collection: 'pods',
    gatherMs: (name) => Math.max(ENDPOINTS_GATHER_MS, busyMs(countBehind(store, name))),
    *names({ type, object, previous }) {
      if (type === 'MODIFIED' && previous && !endpointChanged(previous, object)) return;
      const { namespace, labels } = object.metadata;
      const former = previous?.metadata.labels;
      for (const service of store.list('services', namespace)) {
        if (!selectsPods(service)) continue;
        const { selector } = service.spec;
        if (matchesLabels(selector, labels) || (former !== labels && former && matchesLabels(selector, former))) {
          yield nameOf(service);
        }
      }
    },
  };
}

function endpointChanged(before: KubernetesObject, now: KubernetesObject): boolean {
  return (
    before.status?.podIP !== now.status?.podIP ||
    before.status?.phase !== now.status?.phase ||
    isPodReady(before) !== isPodReady(now) ||
    before.spec.nodeName !== now.spec.nodeName ||
    isTerminating(before) !== isTerminating(now) ||
    before.metadata.labels !== now.metadata.labels
  );
}

/** A pod that runs and has an address; with `terminating` also one that is on its way out. */
export function hasEndpoint(pod: KubernetesObject, terminating: boolean): boolean {
  if (isPodFinished(pod) || !pod.status?.podIP) return false;
  return terminating || !isTerminating(pod);
}

interface ServicePort {
  readonly name?: string;
  readonly protocol?: string;
  readonly appProtocol?: string;
  readonly port: number;
  readonly targetPort?: number | string;
}

export interface ResolvedPort {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  readonly appProtocol?: string;
}

/** The ports of a Service as they are on a pod, and a key that is the same for the same ports. */
export interface PortsOnPod {
  readonly key: string;
  readonly ports: readonly ResolvedPort[];
}

/** Makes the question ready to be asked of many pods. A named target port that a pod does not have is left out. */
export function portResolver(service: KubernetesObject): (pod: KubernetesObject) => PortsOnPod {
  const ports = servicePorts(service);
  const resolve = (pod: KubernetesObject | undefined): PortsOnPod => {
    const resolved = ports.flatMap((port) => resolvePort(pod, port) ?? []);
    return { key: JSON.stringify(resolved), ports: resolved };
  };
  if (ports.some(({ targetPort }) => typeof targetPort === 'string')) return resolve;
  const same = resolve(undefined);
  return () => same;
}

function resolvePort(pod: KubernetesObject | undefined, servicePort: ServicePort): ResolvedPort | undefined {
  const { name = '', protocol = 'TCP', port, targetPort = port, appProtocol } = servicePort;
  const found = typeof targetPort === 'number' ? targetPort : namedPort(pod!, targetPort, protocol);
  if (found === undefined) return undefined;
  return { name, protocol, port: found || port, ...(appProtocol === undefined ? {} : { appProtocol }) };
}

function servicePorts(service: KubernetesObject): readonly ServicePort[] {
  return service.spec.ports ?? [];
}

function namedPort(pod: KubernetesObject, name: string, protocol: string): number | undefined {
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }: any) => restartPolicy === 'Always');
  for (const container of [...pod.spec.containers, ...sidecars]) {
    for (const port of container.ports ?? []) {
      if (port.name === name && (port.protocol ?? 'TCP') === protocol) return port.containerPort;
    }
  }
  return undefined;
}

/** The name under which DNS finds this pod, if it has one of its own in this Service. */
export function hostnameIn(pod: KubernetesObject, service: KubernetesObject): string | undefined {
  const { hostname, subdomain } = pod.spec;
  return hostname && subdomain === service.metadata.name ? hostname : undefined;
}

export function targetReference({ metadata }: KubernetesObject) {
  return { kind: 'Pod', namespace: metadata.namespace!, name: metadata.name!, uid: metadata.uid! };
}

/** When the endpoints last had a reason to change: a pod became ready, or the Service was made. */
export function lastTrigger(service: KubernetesObject, pods: readonly KubernetesObject[]): number {
  let latest = Date.parse(service.metadata.creationTimestamp!);
  for (const pod of pods) latest = Math.max(latest, readySince(pod) ?? 0);
  return latest;
}

export const LAST_CHANGE = 'endpoints.kubernetes.io/last-change-trigger-time';
