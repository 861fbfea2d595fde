/**
 * What rules look at: the objects of one application as they were written (without defaults), found by kind, namespace and
 * name; and the Pods that its workloads will make.
 */
import type { KubernetesObject } from '../../kubernetes/object';
import { type LabelSelector, selectorMatches } from '../../kubernetes/selectors';
import type * as corev1 from '../../kubernetes/types/core-v1.generated';
import type { KindTypes } from '../../kubernetes/types/kinds.generated';

/** The Pods that one object makes, or is. */
export interface Workload {
  readonly object: KubernetesObject;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Metadata and spec of the Pods; of a Pod, its own. */
  readonly template: corev1.PodTemplateSpec;
  readonly pod: corev1.PodSpec;
  /** Init containers and containers. */
  readonly containers: readonly { readonly container: corev1.Container; readonly field: string }[];
  /** Where the Pod's spec stands in the object, e.g. `spec.template.spec`. */
  readonly field: string;
}

/** Objects that say no namespace go to the one of the kubeconfig; rules take that to be `default`. */
export const namespaceOf = (object: KubernetesObject): string => object.metadata.namespace ?? 'default';

const TEMPLATE_AT: Readonly<Record<string, readonly string[]>> = {
  'apps/v1/Deployment': ['spec', 'template'],
  'apps/v1/ReplicaSet': ['spec', 'template'],
  'apps/v1/StatefulSet': ['spec', 'template'],
  'apps/v1/DaemonSet': ['spec', 'template'],
  'v1/ReplicationController': ['spec', 'template'],
  'batch/v1/Job': ['spec', 'template'],
  'batch/v1/CronJob': ['spec', 'jobTemplate', 'spec', 'template'],
};

export class AppModel {
  readonly workloads: readonly Workload[];
  private readonly byKind = new Map<string, KubernetesObject[]>();
  /** Kind, namespace, name: three maps are faster than one with joined keys. */
  private readonly byName = new Map<string, Map<string, Map<string, KubernetesObject>>>();
  private readonly workloadByObject = new Map<KubernetesObject, Workload>();
  private readonly workloadsByNamespace = new Map<string, Workload[]>();
  /** By `<namespace>/<key>=<value>`, so that a selector need not be held against every workload. */
  private readonly workloadsByLabel = new Map<string, Workload[]>();

  constructor(readonly objects: readonly KubernetesObject[]) {
    for (const object of objects) {
      push(this.byKind, `${object.apiVersion}/${object.kind}`, object);
      const names = mapIn(mapIn(this.byName, object.kind), namespaceOf(object));
      names.set(object.metadata.name ?? '', object);
    }
    this.workloads = objects.flatMap(workloadIn);
    for (const workload of this.workloads) {
      this.workloadByObject.set(workload.object, workload);
      push(this.workloadsByNamespace, workload.namespace, workload);
      for (const [key, value] of Object.entries(workload.labels)) {
        push(this.workloadsByLabel, `${workload.namespace}/${key}=${value}`, workload);
      }
    }
  }

  /** All objects of a kind, as they were written. */
  all<K extends keyof KindTypes>(kind: K): readonly KindTypes[K][] {
    return (this.byKind.get(kind) ?? []) as unknown as KindTypes[K][];
  }

  /** By kind alone: whatever its apiVersion is, two objects of one kind and name are hardly two things. */
  has(kind: string, namespace: string, name: string): boolean {
    return this.byName.get(kind)?.get(namespace)?.has(name) ?? false;
  }

  tryGet<T = KubernetesObject>(kind: string, namespace: string, name: string): T | undefined {
    return this.byName.get(kind)?.get(namespace)?.get(name) as T | undefined;
  }

  /** The Pods that an object makes; undefined for one that makes none. */
  workloadOf(object: KubernetesObject): Workload | undefined {
    return this.workloadByObject.get(object);
  }

  /** Whether a LimitRange of the namespace gives containers what they do not say. */
  hasDefaults(namespace: string): boolean {
    return this.all('v1/LimitRange').some((range) => {
      if (namespaceOf(range) !== namespace) return false;
      return range.spec?.limits?.some(({ default: limits, defaultRequest }) => limits || defaultRequest) ?? false;
    });
  }

  workloadsIn(namespace: string): readonly Workload[] {
    return this.workloadsByNamespace.get(namespace) ?? [];
  }

  /** The workloads of a namespace some of whose Pods a selector matches; an empty one matches all. */
  workloadsMatching(namespace: string, wanted: LabelSelector): readonly Workload[] {
    const selector = withoutGivenLabels(wanted);
    let fewest = this.workloadsIn(namespace);
    let labels = 0;
    for (const key in selector.matchLabels) {
      labels++;
      const found = this.workloadsByLabel.get(`${namespace}/${key}=${selector.matchLabels[key]}`) ?? NONE;
      if (found.length < fewest.length) fewest = found;
    }
    // One label, and the index knows it: nothing is left to compare.
    if (fewest.length === 0 || (labels === 1 && selector.matchExpressions === undefined)) return fewest;
    return fewest.filter((workload) => selectorMatches(selector, workload.labels));
  }
}

/** Labels that a Pod gets from its controller: which of the workload's Pods they choose is not known here. */
const NONE: readonly Workload[] = [];

const GIVEN =
  /^(?:statefulset\.kubernetes\.io\/pod-name|apps\.kubernetes\.io\/pod-index|(?:batch\.kubernetes\.io\/)?(?:job-name|controller-uid)|batch\.kubernetes\.io\/job-completion-index|pod-template-hash|controller-revision-hash|topology\.kubernetes\.io\/(?:zone|region))$/;

function withoutGivenLabels(selector: LabelSelector): LabelSelector {
  const { matchLabels, matchExpressions } = selector;
  if (!someKey(matchLabels, isGiven) && !matchExpressions?.some(({ key }) => isGiven(key))) return selector;
  return {
    matchLabels: Object.fromEntries(Object.entries(matchLabels ?? {}).filter(([key]) => !isGiven(key))),
    ...(matchExpressions ? { matchExpressions: matchExpressions.filter(({ key }) => !isGiven(key)) } : {}),
  };
}

/** Labels without a slash are nearly always the program's own. */
const isGiven = (key: string): boolean => (key.includes('/') || key.includes('-')) && GIVEN.test(key);

function someKey(map: object | undefined, test: (key: string) => boolean): boolean {
  for (const key in map) if (test(key)) return true;
  return false;
}

function mapIn<T>(maps: Map<string, Map<string, T>>, key: string): Map<string, T> {
  let map = maps.get(key);
  if (map === undefined) {
    map = new Map();
    maps.set(key, map);
  }
  return map;
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

function workloadIn(object: KubernetesObject): Workload[] {
  if (object.apiVersion === 'v1' && object.kind === 'Pod') {
    return [workloadOf(object, { metadata: object.metadata, spec: object.spec }, 'spec')];
  }
  const path = TEMPLATE_AT[`${object.apiVersion}/${object.kind}`];
  if (path === undefined) return [];
  const template = path.reduce<any>((value, step) => value?.[step], object);
  if (!template?.spec) return [];
  return [workloadOf(object, template, `${path.join('.')}.spec`)];
}

function workloadOf(object: KubernetesObject, template: corev1.PodTemplateSpec, field: string): Workload {
  const said: Partial<corev1.PodSpec> = template.spec ?? {};
  const pod = said.containers === undefined ? { ...said, containers: [] } : (said as corev1.PodSpec);
  const numbered = (list: readonly corev1.Container[] | undefined, name: string) =>
    (list ?? []).map((container, index) => ({ container, field: `${field}.${name}[${index}]` }));
  const containers = numbered(pod.containers, 'containers');
  return {
    object,
    namespace: namespaceOf(object),
    labels: template.metadata?.labels ?? {},
    template,
    pod,
    containers: pod.initContainers ? [...numbered(pod.initContainers, 'initContainers'), ...containers] : containers,
    field,
  };
}
