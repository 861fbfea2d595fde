/**
 * What a teardown must prove: after it, the cloud is asked for everything that an environment, or a controller inside
 * its clusters, could have left behind. A delete is done when these lists are empty, not when a command returned.
 *
 * Load balancers made from inside Kubernetes are the classic leftover: they hold network interfaces and security groups,
 * and those hold the VPC. They are found by the tags that their controllers set.
 * https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/subnet_discovery/
 */
import type { Tag as Ec2Tag, Filter } from '@aws-sdk/client-ec2';
import type { SdkConfiguration } from '../backends/backend';
import type { CheckEvent } from './events';

export interface LeftoverQuery {
  readonly sdk: SdkConfiguration;
  /** Names of the stacks that are expected to be gone. */
  readonly stacks: readonly string[];
  /** Names of the EKS clusters that are expected to be gone. */
  readonly clusters: readonly string[];
}

/** What stood behind objects in a cluster that stays. */
export interface ObjectLeftoverQuery {
  readonly sdk: SdkConfiguration;
  readonly cluster: string;
  /** `namespace/name` of the Services, Ingresses and claims that are gone. */
  readonly objects: readonly string[];
}

type Belongs = (tags: readonly Ec2Tag[]) => boolean;

/** Tag keys that tie a resource to a cluster, and how the cluster's name stands in the tag. */
const clusterTags = (cluster: string): readonly { readonly key: string; readonly value?: string }[] => [
  { key: 'elbv2.k8s.aws/cluster', value: cluster },
  { key: `kubernetes.io/cluster/${cluster}` },
  { key: 'ebs.csi.aws.com/cluster-name', value: cluster },
  { key: 'cluster.k8s.amazonaws.com/name', value: cluster },
  { key: 'eks:cluster-name', value: cluster },
  { key: 'aws:eks:cluster-name', value: cluster },
];

/** Asks the cloud for every kind of leftover, one check after the other. */
export async function* checkLeftovers(query: LeftoverQuery): AsyncGenerator<CheckEvent> {
  yield await check('stacks', 'cloudformation:DescribeStacks', () => leftStacks(query));
  yield await check('EKS clusters', 'eks:ListClusters', () => leftClusters(query));
  const belongs: Belongs = (tags) => query.clusters.some((cluster) => belongsToCluster(cluster, tags));
  yield* checkLoadBalancing(query.sdk, belongs);
  yield* checkEc2(query.sdk, query.clusters, belongs, [
    'network interfaces',
    'security groups',
    'volumes',
    'instances',
  ]);
}

/** Asks for what controllers made for single objects; the cluster and what others run in it are left out of account. */
export async function* checkObjectLeftovers({
  sdk,
  cluster,
  objects,
}: ObjectLeftoverQuery): AsyncGenerator<CheckEvent> {
  const gone = new Set(objects);
  const belongs: Belongs = (tags) => belongsToCluster(cluster, tags) && gone.has(objectOf(tags) ?? '');
  yield* checkLoadBalancing(sdk, belongs);
  yield* checkEc2(sdk, [cluster], belongs, ['security groups', 'volumes']);
}

/** The Kubernetes object for which a controller made something, by the controller's tags. */
function objectOf(tags: readonly Ec2Tag[]): string | undefined {
  const tagOf = (key: string) => tags.find((tag) => tag.Key === key)?.Value;
  const claim = tagOf('kubernetes.io/created-for/pvc/name');
  return (
    tagOf('service.k8s.aws/stack') ??
    tagOf('ingress.k8s.aws/stack') ??
    tagOf('kubernetes.io/service-name') ??
    (claim && `${tagOf('kubernetes.io/created-for/pvc/namespace')}/${claim}`)
  );
}

async function check(what: string, call: string, list: () => Promise<readonly string[]>): Promise<CheckEvent> {
  return { type: 'check', what, call, left: await list() };
}

async function leftStacks({ sdk, stacks }: LeftoverQuery): Promise<string[]> {
  const { CloudFormationClient, paginateDescribeStacks } = await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient(sdk);
  const left: string[] = [];
  for await (const page of paginateDescribeStacks({ client }, {})) {
    for (const stack of page.Stacks ?? []) {
      if (stacks.includes(stack.StackName!)) left.push(`${stack.StackName} (${stack.StackStatus})`);
    }
  }
  return left;
}

async function leftClusters({ sdk, clusters }: LeftoverQuery): Promise<string[]> {
  const { EKSClient, paginateListClusters } = await import('@aws-sdk/client-eks');
  const left: string[] = [];
  for await (const page of paginateListClusters({ client: new EKSClient(sdk) }, {})) {
    left.push(...(page.clusters ?? []).filter((name) => clusters.includes(name)));
  }
  return left;
}

async function* checkLoadBalancing(sdk: SdkConfiguration, belongs: Belongs): AsyncGenerator<CheckEvent> {
  const elb = await import('@aws-sdk/client-elastic-load-balancing-v2');
  const client = new elb.ElasticLoadBalancingV2Client(sdk);
  const ours = async (arns: readonly string[]): Promise<string[]> => {
    const found: string[] = [];
    // DescribeTags takes 20 ARNs a call.
    for (let i = 0; i < arns.length; i += 20) {
      const answer = await client.send(new elb.DescribeTagsCommand({ ResourceArns: arns.slice(i, i + 20) }));
      for (const { ResourceArn, Tags } of answer.TagDescriptions ?? []) {
        if (belongs(Tags ?? [])) found.push(ResourceArn!);
      }
    }
    return found;
  };
  yield await check('load balancers', 'elasticloadbalancing:DescribeLoadBalancers', async () => {
    const arns: string[] = [];
    for await (const page of elb.paginateDescribeLoadBalancers({ client }, {})) {
      arns.push(...(page.LoadBalancers ?? []).map((balancer) => balancer.LoadBalancerArn!));
    }
    return ours(arns);
  });
  yield await check('target groups', 'elasticloadbalancing:DescribeTargetGroups', async () => {
    const arns: string[] = [];
    for await (const page of elb.paginateDescribeTargetGroups({ client }, {})) {
      arns.push(...(page.TargetGroups ?? []).map((group) => group.TargetGroupArn!));
    }
    return ours(arns);
  });
}

type Ec2Kind = 'network interfaces' | 'security groups' | 'volumes' | 'instances';

async function* checkEc2(
  sdk: SdkConfiguration,
  clusters: readonly string[],
  belongs: Belongs,
  kinds: readonly Ec2Kind[],
): AsyncGenerator<CheckEvent> {
  const ec2 = await import('@aws-sdk/client-ec2');
  const client = new ec2.EC2Client(sdk);
  const running = { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] };
  type Item = readonly [id: string | undefined, tags: readonly Ec2Tag[] | undefined];
  const lists: Record<Ec2Kind, readonly [call: string, list: (filter: Filter) => Promise<readonly Item[]>]> = {
    'network interfaces': [
      'ec2:DescribeNetworkInterfaces',
      async (filter) => {
        const answer = await client.send(new ec2.DescribeNetworkInterfacesCommand({ Filters: [filter] }));
        return (answer.NetworkInterfaces ?? []).map((item) => [item.NetworkInterfaceId, item.TagSet]);
      },
    ],
    'security groups': [
      'ec2:DescribeSecurityGroups',
      async (filter) => {
        const answer = await client.send(new ec2.DescribeSecurityGroupsCommand({ Filters: [filter] }));
        return (answer.SecurityGroups ?? []).map((item) => [item.GroupId, item.Tags]);
      },
    ],
    volumes: [
      'ec2:DescribeVolumes',
      async (filter) => {
        const answer = await client.send(new ec2.DescribeVolumesCommand({ Filters: [filter] }));
        return (answer.Volumes ?? []).map((item) => [item.VolumeId, item.Tags]);
      },
    ],
    instances: [
      'ec2:DescribeInstances',
      async (filter) => {
        const answer = await client.send(new ec2.DescribeInstancesCommand({ Filters: [filter, running] }));
        const instances = (answer.Reservations ?? []).flatMap((item) => item.Instances ?? []);
        return instances.map((item) => [item.InstanceId, item.Tags]);
      },
    ],
  };
  // Every filter is a question of its own: filters of one call would have to hold together.
  const filters = clusters.flatMap(clusterTags).map(({ key, value }): Filter => {
    return value === undefined ? { Name: 'tag-key', Values: [key] } : { Name: `tag:${key}`, Values: [value] };
  });
  for (const kind of kinds) {
    const [call, list] = lists[kind];
    yield await check(kind, call, async () => {
      const found = new Set<string>();
      for (const filter of filters) {
        for (const [id, tags] of await list(filter)) if (id && belongs(tags ?? [])) found.add(id);
      }
      return [...found].sort();
    });
  }
}

function belongsToCluster(cluster: string, tags: readonly Ec2Tag[]): boolean {
  return clusterTags(cluster).some(({ key, value }) =>
    tags.some((tag) => tag.Key === key && (value === undefined || tag.Value === value)),
  );
}
