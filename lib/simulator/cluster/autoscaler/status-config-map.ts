/**
 * The ConfigMap kube-system/cluster-autoscaler-status: how the autoscaler sees its groups; its events are about it, too.
 * https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md#how-can-i-check-what-is-going-on-in-ca-
 */
import { stringify } from 'yaml';
import type { KubernetesObject } from '../../../kubernetes/object';
import { findCondition } from '../controllers/conditions';
import type { ControllerContext } from '../controllers/controller';
import type { NodeGroup } from './node-group';

const NAMESPACE = 'kube-system';
const NAME = 'cluster-autoscaler-status';

interface Activity {
  /** Machines are on their way. */
  readonly scaleUp: boolean;
  /** How many nodes are not needed. */
  readonly candidates: number;
}

export class StatusConfigMap {
  private written = '';

  constructor(private readonly context: ControllerContext) {}

  event(reason: string, message: string): void {
    this.context.events.event(this.object(), 'Normal', reason, message);
  }

  /** Written when something else than the time has changed. */
  write(groups: readonly NodeGroup[], { scaleUp, candidates }: Activity): void {
    const nodes = this.context.store.sorted('nodes');
    const state = {
      autoscalerStatus: 'Running',
      clusterWide: {
        health: { status: 'Healthy', nodeCounts: countsOf(nodes) },
        scaleUp: { status: scaleUp ? 'InProgress' : 'NoActivity' },
        scaleDown: { status: candidates > 0 ? 'CandidatesPresent' : 'NoCandidates', candidates },
      },
      nodeGroups: groups.map((group) => ({
        name: group.name,
        health: {
          status: 'Healthy',
          nodeCounts: countsOf(nodes.filter((node) => group.owns(node))),
          cloudProviderTarget: group.targetSize(),
          minSize: group.minSize,
          maxSize: group.maxSize,
        },
      })),
    };
    const text = stringify(state);
    if (text === this.written) return;
    this.written = text;
    const time = `${new Date(this.context.simulation.clock.now()).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
    const object = this.object();
    this.context.client.update('configmaps', {
      ...object,
      metadata: { ...object.metadata, annotations: { 'cluster-autoscaler.kubernetes.io/last-updated': time } },
      data: { status: `time: ${time}\n${text}` },
    });
  }

  private object(): KubernetesObject {
    const known = this.context.client.tryGet('configmaps', NAMESPACE, NAME);
    const metadata = { name: NAME, namespace: NAMESPACE };
    return known ?? this.context.client.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  }
}

function countsOf(nodes: readonly KubernetesObject[]): object {
  const ready = nodes.filter((node) => findCondition(node.status?.conditions, 'Ready')?.status === 'True').length;
  return { registered: { total: nodes.length, ready, notStarted: 0 }, longUnregistered: 0, unregistered: 0 };
}
