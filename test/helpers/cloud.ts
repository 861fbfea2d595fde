/**
 * A local cloud in process with a VPC over two zones, an EKS cluster and a node group, made through the APIs of AWS.
 */
import type { KubernetesObject } from '../../lib/kubernetes/object';
import { LocalCloud } from '../../lib/simulator/local-cloud';

export interface CloudStory {
  readonly cloud: LocalCloud;
  readonly vpcId: string;
  /** Creates or replaces objects as a cluster administrator. */
  apply(...objects: KubernetesObject[]): void;
  get(resource: string, name: string, namespace?: string): KubernetesObject | undefined;
  remove(resource: string, name: string, namespace?: string): void;
  ec2(operation: string, input?: object): any;
  elb(operation: string, input?: object): any;
  eks(operation: string, input?: object): any;
}

interface CloudStoryOptions {
  readonly seed?: number;
  readonly nodes?: number;
  /** Of the node group. */
  readonly tags?: Readonly<Record<string, string>>;
}

const CLUSTER = 'shop';

export function startCloudStory(options: CloudStoryOptions = {}): CloudStory {
  const cloud = new LocalCloud({ seed: options.seed });
  const { account } = cloud;
  const ec2 = (operation: string, input: object = {}) => account.call('ec2', operation, input as never);
  const eks = (operation: string, input: object = {}) => account.call('eks', operation, input as never);
  const elb = (operation: string, input: object = {}) =>
    account.call('elasticloadbalancing', operation, input as never);
  const role = (RoleName: string, service: string) =>
    account.call('iam', 'CreateRole', {
      RoleName,
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
      }),
    }).Role.Arn as string;
  const vpcId = ec2('CreateVpc', { CidrBlock: '10.0.0.0/16' }).vpc.vpcId as string;
  const { internetGatewayId } = ec2('CreateInternetGateway').internetGateway;
  ec2('AttachInternetGateway', { InternetGatewayId: internetGatewayId, VpcId: vpcId });
  const subnets = ['a', 'b'].map((zone, index) => {
    const TagSpecification = [{ ResourceType: 'subnet', Tag: [{ Key: 'kubernetes.io/role/elb', Value: '1' }] }];
    const AvailabilityZone = `eu-west-1${zone}`;
    const CidrBlock = `10.0.${index * 16}.0/20`;
    return ec2('CreateSubnet', { VpcId: vpcId, CidrBlock, AvailabilityZone, TagSpecification }).subnet
      .subnetId as string;
  });
  const resourcesVpcConfig = { subnetIds: subnets };
  eks('CreateCluster', { name: CLUSTER, roleArn: role('cluster', 'eks.amazonaws.com'), resourcesVpcConfig });
  account.finishOperations();
  const desiredSize = options.nodes ?? 2;
  eks('CreateNodegroup', {
    clusterName: CLUSTER,
    nodegroupName: 'workers',
    subnets,
    nodeRole: role('node', 'ec2.amazonaws.com'),
    scalingConfig: { minSize: 1, maxSize: 4, desiredSize },
    tags: options.tags ?? {},
  });
  account.finishOperations();
  const client = cloud.clusters.get(CLUSTER)!.cluster.clientFor('system:masters');
  return {
    cloud,
    vpcId,
    ec2,
    eks,
    elb,
    apply: (...objects) => {
      for (const object of objects) client.create(resourceOf(object), object);
    },
    get: (resource, name, namespace = 'default') => client.tryGet(resource, namespace, name),
    remove: (resource, name, namespace = 'default') => client.delete(resource, namespace, name),
  };
}

function resourceOf({ apiVersion, kind }: KubernetesObject): string {
  const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0]}` : '';
  const plural = kind === 'IngressClassParams' ? '' : kind.endsWith('s') ? 'es' : 's';
  return `${kind.toLowerCase()}${plural}${group}`;
}
