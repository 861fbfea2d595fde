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
  yield* checkLoadBalancing(query);
  yield* checkEc2(query);
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

async function* checkLoadBalancing({ sdk, clusters }: LeftoverQuery): AsyncGenerator<CheckEvent> {
  const elb = await import('@aws-sdk/client-elastic-load-balancing-v2');
  const client = new elb.ElasticLoadBalancingV2Client(sdk);
  const ours = async (arns: readonly string[]): Promise<string[]> => {
    const found: string[] = [];
    // DescribeTags takes 20 ARNs a call.
    for (let i = 0; i < arns.length; i += 20) {
      const answer = await client.send(new elb.DescribeTagsCommand({ ResourceArns: arns.slice(i, i + 20) }));
      for (const { ResourceArn, Tags } of answer.TagDescriptions ?? []) {
        if (belongsTo(clusters, Tags ?? [])) found.push(ResourceArn!);
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

async function* checkEc2({ sdk, clusters }: LeftoverQuery): AsyncGenerator<CheckEvent> {
  const ec2 = await import('@aws-sdk/client-ec2');
  const client = new ec2.EC2Client(sdk);
  const tagged = clusters.flatMap(clusterTags).map(({ key, value }): Filter => {
    return value === undefined ? { Name: 'tag-key', Values: [key] } : { Name: `tag:${key}`, Values: [value] };
  });
  /** Every filter is a question of its own: filters of one call would have to hold together. */
  const each = async (list: (filter: Filter) => Promise<readonly (string | undefined)[]>): Promise<string[]> => {
    const found = new Set<string>();
    for (const filter of tagged) for (const id of await list(filter)) if (id) found.add(id);
    return [...found].sort();
  };
  yield await check('network interfaces', 'ec2:DescribeNetworkInterfaces', () =>
    each(async (filter) => {
      const answer = await client.send(new ec2.DescribeNetworkInterfacesCommand({ Filters: [filter] }));
      return (answer.NetworkInterfaces ?? []).map((item) => item.NetworkInterfaceId);
    }),
  );
  yield await check('security groups', 'ec2:DescribeSecurityGroups', () =>
    each(async (filter) => {
      const answer = await client.send(new ec2.DescribeSecurityGroupsCommand({ Filters: [filter] }));
      return (answer.SecurityGroups ?? []).map((item) => item.GroupId);
    }),
  );
  yield await check('volumes', 'ec2:DescribeVolumes', () =>
    each(async (filter) => {
      const answer = await client.send(new ec2.DescribeVolumesCommand({ Filters: [filter] }));
      return (answer.Volumes ?? []).map((item) => item.VolumeId);
    }),
  );
  yield await check('instances', 'ec2:DescribeInstances', () =>
    each(async (filter) => {
      const running = { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] };
      const answer = await client.send(new ec2.DescribeInstancesCommand({ Filters: [filter, running] }));
      return (answer.Reservations ?? []).flatMap((item) => (item.Instances ?? []).map((one) => one.InstanceId));
    }),
  );
}

function belongsTo(clusters: readonly string[], tags: readonly Ec2Tag[]): boolean {
  return clusters.some((cluster) =>
    clusterTags(cluster).some(({ key, value }) =>
      tags.some((tag) => tag.Key === key && (value === undefined || tag.Value === value)),
    ),
  );
}
