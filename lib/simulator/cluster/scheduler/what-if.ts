/**
 * Questions to the scheduler about clusters that do not exist: would these pods fit, if there were another node? would its pods
 * find room, if this node were gone? They are what a cluster autoscaler asks.
 * https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md#what-are-the-key-best-practices-for-running-cluster-autoscaler
 *
 * The node cache is changed, asked and changed back before anybody else looks at it.
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { prepare, runFilters } from './cycle';
import type { FilterPlugin, Rejection, SchedulingView } from './framework';
import type { NodeInfo } from './node-info';
import { type PodInfo, readPod } from './pod-info';

/** A machine that could be added. */
export interface NewNodes {
  /** As its Node would register; the name is replaced. */
  readonly template: KubernetesObject;
  /** Pods that come with every such node, where they fit: those of DaemonSets. */
  readonly companions: readonly KubernetesObject[];
  /** How many of them are on their way already. */
  readonly upcoming: number;
  /** How many more there may be. */
  readonly atMost: number;
}

export interface NewNodesAnswer {
  /** How many more nodes the pods need. */
  readonly nodes: number;
  /** Those that would run then. */
  readonly helped: readonly KubernetesObject[];
  /** Those that run as soon as what is upcoming is there. */
  readonly waiting: readonly KubernetesObject[];
  /** Why the others would not. */
  readonly refused: ReadonlyMap<KubernetesObject, readonly string[]>;
}

const MAX_SIZE_REACHED = 'max node group size reached';

export class WhatIf {
  constructor(
    private readonly plugins: readonly FilterPlugin[],
    private readonly view: SchedulingView,
  ) {}

  /** Where the pods would be with more nodes of one kind. */
  withNewNodes(pods: readonly KubernetesObject[], options: NewNodes): NewNodesAnswer {
    const added: string[] = [];
    const placed: string[] = [];
    const helped: KubernetesObject[] = [];
    const waiting: KubernetesObject[] = [];
    const refused = new Map<KubernetesObject, readonly string[]>();
    const place = (pod: PodInfo, node: string) => {
      this.view.nodes.addPod(pod, node);
      placed.push(pod.key);
    };
    const add = () => {
      const name = `template-node-${added.length}`;
      this.view.nodes.setNode(named(options.template, name));
      added.push(name);
      for (const companion of options.companions) {
        const pod = readPod(withSuffix(companion, name));
        if (this.refusalOf(pod, name) === undefined) place(pod, name);
      }
      return name;
    };
    try {
      for (let i = 0; i < options.upcoming; i++) add();
      for (const object of pods) {
        const pod = readPod(object);
        const at = added.findIndex((name) => this.refusalOf(pod, name) === undefined);
        if (at >= 0) {
          place(pod, added[at]!);
          (at < options.upcoming ? waiting : helped).push(object);
          continue;
        }
        if (added.length - options.upcoming >= options.atMost) {
          refused.set(object, [MAX_SIZE_REACHED]);
          continue;
        }
        const name = add();
        const refusal = this.refusalOf(pod, name);
        if (refusal === undefined) {
          place(pod, name);
          helped.push(object);
        } else {
          refused.set(object, refusal.reasons);
          this.takeAway(added.pop()!);
        }
      }
      return { nodes: Math.max(0, added.length - options.upcoming), helped, waiting, refused };
    } finally {
      for (const key of placed) this.view.nodes.removePod(key);
      for (const name of added) this.takeAway(name);
    }
  }

  /** Whether all these pods of a node would find a place on the others. */
  withoutNode(name: string, pods: readonly KubernetesObject[]): boolean {
    const { nodes } = this.view;
    const node = nodes.tryGet(name);
    if (!node) return false;
    const object = node.object;
    const before = [...node.pods.values()];
    nodes.deleteNode(name);
    try {
      return pods.every((each) => {
        const pod = readPod(unbound(each));
        nodes.removePod(pod.key);
        const place = this.findPlace(pod);
        if (place) nodes.addPod(pod, place.name);
        return place !== undefined;
      });
    } finally {
      nodes.setNode(object);
      for (const pod of before) nodes.addPod(pod, name);
    }
  }

  private findPlace(pod: PodInfo): NodeInfo | undefined {
    const prepared = prepare(this.plugins, pod, this.view);
    if ('rejection' in prepared) return undefined;
    const { filters, onlyNodes } = prepared;
    return this.view.nodes.inOrder.find(
      (node) => (!onlyNodes || onlyNodes.includes(node.name)) && runFilters(node, filters) === undefined,
    );
  }

  private refusalOf(pod: PodInfo, nodeName: string): Rejection | undefined {
    const prepared = prepare(this.plugins, pod, this.view);
    if ('rejection' in prepared) return prepared.rejection;
    const { filters, onlyNodes, narrowedBy } = prepared;
    if (onlyNodes && !onlyNodes.includes(nodeName)) {
      const reason = "node(s) didn't match Pod's node affinity/selector";
      return { plugin: narrowedBy[0]!, reasons: [reason], unresolvable: true };
    }
    return runFilters(this.view.nodes.tryGet(nodeName)!, filters);
  }

  private takeAway(name: string): void {
    const { nodes } = this.view;
    for (const key of [...(nodes.tryGet(name)?.pods.keys() ?? [])]) nodes.removePod(key);
    nodes.deleteNode(name);
  }
}

/** As a controller would make it again. */
function unbound(pod: KubernetesObject): KubernetesObject {
  const { nodeName: _nodeName, ...spec } = pod.spec;
  return { ...pod, spec };
}

function named(template: KubernetesObject, name: string): KubernetesObject {
  const labels = { ...template.metadata.labels, 'kubernetes.io/hostname': name };
  return { ...template, metadata: { ...template.metadata, name, uid: name, labels } };
}

function withSuffix(pod: KubernetesObject, suffix: string): KubernetesObject {
  const name = `${pod.metadata.name}-${suffix}`;
  return { ...pod, metadata: { ...pod.metadata, name, uid: name } };
}
