/**
 * EKS Auto Mode: machines come for Pods that fit nowhere, and go when nothing is on them.
 * https://docs.aws.amazon.com/eks/latest/userguide/automode.html
 *
 * For the Pods that wait, the pools are asked in the order of their weights; the smallest machine is taken that holds as
 * many of them as any could. A machine without Pods goes after half a minute. A node is named after its instance.
 *
 * Left out: NodeClaims, moving Pods to fewer machines, expiry, budgets, limits, spot, prices, repair; of a pool's
 * requirements those on category, family, type, zone and architecture count.
 */
import { controllerOf, isTerminating, type KubernetesObject } from '../../kubernetes/object';
import { onInstances, runInstance, terminateInstance } from '../aws/ec2/instances';
import { ec2Of, tagValue } from '../aws/ec2/state';
import { AUTO_MODE_CLUSTER_TAG } from '../aws/eks/clusters';
import { type NodeInstance, nodeInstanceOf } from '../aws/eks/node-instances';
import { type EksCluster, eksOf, type Nodegroup } from '../aws/eks/state';
import type { Cluster } from '../cluster/cluster';
import type { ControllerContext, ControllerDefinition, Requeue } from '../cluster/controllers/controller';
import { isPodFinished } from '../cluster/controllers/pods';
import { buildNode } from '../cluster/kubelet/node-object';
import { kubernetesArchitecture, tryInstanceType } from '../instance-types';
import { installAutoMode, NODE_POOLS } from './auto-mode-resources';
import type { ClusterSurroundings } from './aws-api';
import { type InstanceNodes, nodeSpecOf } from './instances';

const SCAN_MS = 10_000;
const EMPTY_MS = 30_000;
const POOL_TAG = 'karpenter.sh/nodepool';
/** What a pool may take, smallest first. */
const TYPES = ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '16xlarge'].flatMap((size) =>
  ['c6a', 'm6a', 'r6a', 'c7g', 'm7g', 'r7g', 'g5'].map((family) => `${family}.${size}`),
);

interface Pool {
  readonly name: string;
  readonly spec: any;
}

export class AutoMode {
  /** When a machine was first seen empty. */
  private readonly emptySince = new Map<string, number>();

  constructor(
    private readonly cluster: Cluster,
    private readonly surroundings: ClusterSurroundings,
    private readonly nodes: InstanceNodes,
    private readonly eks: EksCluster,
  ) {}

  /** Starts it when the cluster is in Auto Mode. */
  static start(cluster: Cluster, surroundings: ClusterSurroundings, nodes: InstanceNodes): ControllerDefinition[] {
    const { cluster: eks } = eksOf(surroundings).find(surroundings.clusterName);
    const { computeConfig } = eks;
    if (!computeConfig?.enabled) return [];
    installAutoMode(cluster.clientFor('system:masters', 'eks'), computeConfig.nodePools ?? []);
    const mode = new AutoMode(cluster, surroundings, nodes, eks);
    onInstances(surroundings, {
      running: (instance) => {
        // Another cluster may have the name later.
        const isOurs = tagValue(instance, AUTO_MODE_CLUSTER_TAG) === surroundings.clusterName;
        if (!isOurs || eks.status === 'DELETING') return;
        const pool = mode.pools().find(({ name }) => name === tagValue(instance, POOL_TAG));
        if (pool) nodes.join(mode.nodeOf(pool, instance));
      },
      terminating: ({ instanceId }) => nodes.leave(instanceId),
    });
    return [mode.controller];
  }

  private readonly controller: ControllerDefinition = {
    name: 'eks-auto-mode',
    serviceAccount: 'eks-auto-mode',
    component: 'karpenter',
    create: (context) => ({
      watches: ['pods', NODE_POOLS].map((collection) => ({ collection, names: () => ['scan'], gatherMs: 1_000 })),
      reconcile: () => this.scan(context),
    }),
  };

  private scan(context: ControllerContext): Requeue | undefined {
    if (this.eks.status === 'DELETING') return undefined;
    const waiting = [...context.store.list('pods')].filter(isWaiting);
    const launched = waiting.length > 0 && this.launchFor(context, waiting);
    const isShrinking = this.removeEmpty(context);
    const isBusy = launched || waiting.length > 0 || isShrinking;
    return isBusy ? { afterMs: SCAN_MS, background: !launched } : undefined;
  }

  /** One machine at a look: what still waits then is looked at again. */
  private launchFor(context: ControllerContext, waiting: readonly KubernetesObject[]): boolean {
    // A machine on its way may be all that is needed.
    if (this.instances().some(({ instanceId }) => !this.nodes.isReady(instanceId))) return true;
    for (const pool of this.pools()) {
      const options = TYPES.filter((type) => allows(pool, type)).map((type) => {
        const template = this.template(pool, type);
        const what = { template, companions: [], upcoming: 0, atMost: 1 };
        return { type, helped: this.cluster.scheduler!.whatIf.withNewNodes(waiting, what).helped };
      });
      const most = Math.max(0, ...options.map(({ helped }) => helped.length));
      const chosen = options.find(({ helped }) => most > 0 && helped.length === most);
      if (!chosen) continue;
      this.launch(pool, chosen.type);
      for (const pod of chosen.helped) {
        context.events.event(pod, 'Normal', 'Nominated', `Pod should schedule on: nodepool/${pool.name}`);
      }
      return true;
    }
    return false;
  }

  private launch({ name }: Pool, instanceType: string): void {
    const { surroundings } = this;
    const tags = {
      [AUTO_MODE_CLUSTER_TAG]: surroundings.clusterName,
      [POOL_TAG]: name,
      [`kubernetes.io/cluster/${surroundings.clusterName}`]: 'owned',
      'eks:kubernetes-node-class-name': 'default',
    };
    const count = this.instances().length;
    const subnets = this.subnets();
    runInstance(surroundings, {
      subnetId: subnets[count % subnets.length]!,
      instanceType,
      imageId: `ami-0${surroundings.account.random(`auto-mode/${instanceType}`).hex(16)}`,
      groupIds: [surroundings.clusterSecurityGroupId],
      rootVolume: { sizeGiB: 80, encrypted: true },
      tagSet: Object.entries(tags).map(([key, value]) => ({ key, value })),
    });
  }

  /** @returns whether a machine is empty and has to be looked at again */
  private removeEmpty({ store }: ControllerContext): boolean {
    const now = this.surroundings.account.now;
    let isShrinking = false;
    for (const { instanceId } of this.instances()) {
      const pods = store.byIndex('pods', 'spec.nodeName', instanceId);
      const isUsed = [...pods].some((pod) => !isPodFinished(pod) && controllerOf(pod)?.kind !== 'DaemonSet');
      if (isUsed || !this.nodes.isReady(instanceId)) {
        this.emptySince.delete(instanceId);
        continue;
      }
      const since = this.emptySince.get(instanceId) ?? now;
      this.emptySince.set(instanceId, since);
      if (now - since < EMPTY_MS) isShrinking = true;
      else terminateInstance(this.surroundings, instanceId);
    }
    return isShrinking;
  }

  /** Those of this cluster that live. */
  private instances() {
    return ec2Of(this.surroundings).instances.where(
      (instance) =>
        tagValue(instance, AUTO_MODE_CLUSTER_TAG) === this.surroundings.clusterName &&
        (instance.instanceState.name === 'pending' || instance.instanceState.name === 'running'),
    );
  }

  private subnets(): string[] {
    const { subnetIds } = this.eks.resourcesVpcConfig;
    const isPrivate = (id: string) => !ec2Of(this.surroundings).subnets.find(id).mapPublicIpOnLaunch;
    const inside = subnetIds.filter(isPrivate);
    return inside.length > 0 ? inside : subnetIds;
  }

  /** By weight, heaviest first, then by name. */
  private pools(): Pool[] {
    const weight = ({ spec }: Pool) => Number(spec.weight ?? 0);
    return [...this.cluster.store.list(NODE_POOLS)]
      .filter((pool) => !isTerminating(pool))
      .map(({ metadata, spec }) => ({ name: metadata.name!, spec }))
      .sort((a, b) => weight(b) - weight(a) || (a.name < b.name ? -1 : 1));
  }

  private template(pool: Pool, instanceType: string): KubernetesObject {
    const subnet = ec2Of(this.surroundings).subnets.find(this.subnets()[0]!);
    const type = tryInstanceType(instanceType)!;
    const node = this.nodeOf(pool, {
      instanceId: 'i-template',
      instanceType,
      imageId: 'ami-template',
      architecture: type.architecture,
      placement: { availabilityZone: subnet.availabilityZone, tenancy: 'default' },
      privateDnsName: 'i-template',
      privateIpAddress: '0.0.0.0',
      ipAddress: undefined,
    });
    const now = this.surroundings.account.now;
    return buildNode({ spec: nodeSpecOf(node), address: '0.0.0.0', podCidr: undefined, now, machineId: '' });
  }

  private nodeOf(pool: Pool, instance: Parameters<typeof nodeInstanceOf>[2]): NodeInstance {
    const { metadata = {}, spec } = pool.spec.template;
    // As a node group of machines of the pool would be.
    const group = {
      clusterName: this.eks.name,
      nodegroupName: pool.name,
      version: this.eks.version,
      capacityType: 'ON_DEMAND',
      diskSize: 80,
      labels: {},
      taints: spec.taints ?? [],
    } as unknown as Nodegroup;
    const node = nodeInstanceOf(this.surroundings, group, instance);
    const foreign = /^eks\.amazonaws\.com\/(nodegroup|capacityType)/;
    const labels = Object.fromEntries(Object.entries(node.labels).filter(([key]) => !foreign.test(key)));
    return {
      ...node,
      privateDnsName: instance.instanceId,
      labels: {
        ...labels,
        'kubernetes.io/hostname': instance.instanceId,
        'eks.amazonaws.com/compute-type': 'auto',
        'eks.amazonaws.com/nodeclass': 'default',
        'eks.amazonaws.com/instance-category': instance.instanceType.charAt(0),
        'karpenter.sh/capacity-type': 'on-demand',
        'karpenter.sh/initialized': 'true',
        'karpenter.sh/registered': 'true',
        [POOL_TAG]: pool.name,
        ...metadata.labels,
      },
    };
  }
}

/** Says of itself that it fits nowhere. */
function isWaiting(pod: KubernetesObject): boolean {
  if (pod.spec.nodeName || isTerminating(pod) || isPodFinished(pod)) return false;
  return (pod.status?.conditions ?? []).some(
    ({ type, status, reason }: Record<string, string>) =>
      type === 'PodScheduled' && status === 'False' && reason === 'Unschedulable',
  );
}

function allows({ spec }: Pool, instanceType: string): boolean {
  const [family = ''] = instanceType.split('.');
  const type = tryInstanceType(instanceType)!;
  const values: Readonly<Record<string, string>> = {
    'eks.amazonaws.com/instance-category': instanceType.charAt(0),
    'eks.amazonaws.com/instance-family': family,
    'eks.amazonaws.com/instance-cpu': String(type.vcpus),
    'node.kubernetes.io/instance-type': instanceType,
    'kubernetes.io/arch': kubernetesArchitecture(type),
  };
  const requirements: { key: string; operator: string; values?: string[] }[] = spec.template.spec.requirements ?? [];
  return requirements.every(({ key, operator, values: wanted = [] }) => {
    const value = values[key];
    if (value === undefined) return true;
    return operator === 'NotIn' ? !wanted.includes(value) : operator !== 'In' || wanted.includes(value);
  });
}
