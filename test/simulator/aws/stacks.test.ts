import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsAccount } from '../../../lib/simulator/aws/account';
import { bootstrapRegion } from '../../../lib/simulator/aws/bootstrap';
import { Simulation } from '../../../lib/simulator/simulation';
import { ClusterStack, NetworkStack, NodeGroupStack } from '../../../lib/stacks';

/** The stacks of an environment, as templates. */
function templates(): [name: string, body: string][] {
  const env = { region: 'eu-west-1' };
  const app = new App({ analyticsReporting: false, builtinCloudFormationValidation: false });
  const network = new NetworkStack(app, 'net', { env, natGateways: 'single' });
  const cluster = new ClusterStack(app, 'cluster', { env, vpc: network.vpc, clusterName: 'dev' });
  const nodes = new NodeGroupStack(app, 'nodes', { env, cluster: cluster.cluster, desiredSize: 3, maxSize: 6 });
  nodes.addStackDependency(cluster);
  return [network, cluster, nodes].map((stack) => [stack.stackName, JSON.stringify(Template.fromStack(stack))]);
}

const minutes = (ms: number) => Math.round(ms / 60_000);

describe('the stacks of an environment', () => {
  const all = templates();

  function deployed(seed = 1) {
    const account = new AwsAccount({ simulation: new Simulation({ seed }) });
    bootstrapRegion(account);
    const cfn = (operation: string, input: object) => account.call('cloudformation', operation, { ...input });
    const durations: number[] = [];
    for (const [StackName, TemplateBody] of all) {
      const started = account.now;
      cfn('CreateStack', { StackName, TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] });
      account.finishOperations();
      durations.push(minutes(account.now - started));
    }
    return { account, cfn, durations };
  }

  const failures = (cfn: (operation: string, input: object) => any, StackName: string) =>
    cfn('DescribeStackEvents', { StackName }).StackEvents.filter((event: any) => /FAILED/.test(event.ResourceStatus));

  test('come up in the times that AWS takes, and go without a trace', () => {
    const { account, cfn, durations } = deployed();
    for (const [StackName] of all) {
      expect(failures(cfn, StackName)).toEqual([]);
      expect(cfn('DescribeStacks', { StackName }).Stacks[0].StackStatus).toBe('CREATE_COMPLETE');
    }
    expect(durations).toEqual([2, 10, 3]);
    const { cluster } = account.call('eks', 'DescribeCluster', { name: 'dev' });
    expect(cluster).toMatchObject({ status: 'ACTIVE', version: '1.35', accessConfig: { authenticationMode: 'API' } });
    const running = account.call('ec2', 'DescribeInstances', {
      Filter: [{ Name: 'tag:eks:cluster-name', Value: ['dev'] }],
    }).reservationSet;
    expect(new Set(running.map((r: any) => r.instancesSet[0].placement.availabilityZone)).size).toBe(3);

    for (const [StackName] of [...all].reverse()) {
      cfn('DeleteStack', { StackName });
      account.finishOperations();
    }
    expect(cfn('DescribeStacks', {}).Stacks.map((stack: any) => stack.StackName)).toEqual(['CDKToolkit']);
    expect(account.call('ec2', 'DescribeVpcs').vpcSet).toEqual([]);
    expect(account.call('ec2', 'DescribeNetworkInterfaces').networkInterfaceSet).toEqual([]);
    expect(account.call('eks', 'ListClusters').clusters).toEqual([]);
  });

  test('cannot be deleted while somebody still uses the network; a retry succeeds when it is gone', () => {
    const { account, cfn } = deployed();
    const [subnet] = account.call('ec2', 'DescribeSubnets').subnetSet;
    const { networkInterface } = account.call('ec2', 'CreateNetworkInterface', { SubnetId: subnet.subnetId });
    for (const StackName of ['nodes', 'cluster', 'net']) {
      cfn('DeleteStack', { StackName });
      account.finishOperations();
    }
    expect(cfn('DescribeStacks', { StackName: 'net' }).Stacks[0].StackStatus).toBe('DELETE_FAILED');
    expect(failures(cfn, 'net').map((event: any) => event.ResourceStatusReason)).toContainEqual(
      expect.stringContaining(`The subnet '${subnet.subnetId}' has dependencies and cannot be deleted.`),
    );
    account.call('ec2', 'DeleteNetworkInterface', { NetworkInterfaceId: networkInterface.networkInterfaceId });
    cfn('DeleteStack', { StackName: 'net' });
    account.finishOperations();
    expect(account.call('ec2', 'DescribeVpcs').vpcSet).toEqual([]);
  });

  test('cannot be deleted while a load balancer from inside Kubernetes is left: each part says so in its own words', () => {
    const { account, cfn } = deployed();
    const Filter = [{ Name: 'tag-key', Value: ['kubernetes.io/role/elb'] }];
    const subnets = account.call('ec2', 'DescribeSubnets', { Filter }).subnetSet;
    const [balancer] = account.call('elasticloadbalancing', 'CreateLoadBalancer', {
      Name: 'left-behind',
      Type: 'network',
      Subnets: subnets.map(({ subnetId }: any) => subnetId),
    }).LoadBalancers;
    for (const StackName of ['nodes', 'cluster', 'net']) {
      cfn('DeleteStack', { StackName });
      account.finishOperations();
    }
    const reasons = failures(cfn, 'net')
      .map((event: any) => event.ResourceStatusReason)
      .join('\n');
    expect(reasons).toContain(`Network ${balancer.VpcId} has some mapped public address(es).`);
    expect(reasons).toContain(`The subnet '${subnets[0].subnetId}' has dependencies and cannot be deleted.`);
    account.call('elasticloadbalancing', 'DeleteLoadBalancer', { LoadBalancerArn: balancer.LoadBalancerArn });
    cfn('DeleteStack', { StackName: 'net' });
    account.finishOperations();
    expect(account.call('ec2', 'DescribeVpcs').vpcSet).toEqual([]);
  });

  test('with a load balancer of their own deploy, route and go', () => {
    const { account, cfn } = deployed();
    const Filter = [{ Name: 'tag-key', Value: ['kubernetes.io/role/elb'] }];
    const subnets = account.call('ec2', 'DescribeSubnets', { Filter }).subnetSet;
    const typeOf = (name: string) => `AWS::ElasticLoadBalancingV2::${name}`;
    const forward = [{ Type: 'forward', TargetGroupArn: { Ref: 'Group' } }];
    const Conditions = [{ Field: 'host-header', HostHeaderConfig: { Values: ['example.com'] } }];
    const TemplateBody = JSON.stringify({
      Resources: {
        Balancer: {
          Type: typeOf('LoadBalancer'),
          Properties: { Subnets: subnets.map(({ subnetId }: any) => subnetId) },
        },
        Group: { Type: typeOf('TargetGroup'), Properties: { VpcId: subnets[0].vpcId, Port: 80, Protocol: 'HTTP' } },
        Listener: {
          Type: typeOf('Listener'),
          Properties: { LoadBalancerArn: { Ref: 'Balancer' }, Port: 80, Protocol: 'HTTP', DefaultActions: forward },
        },
        Rule: {
          Type: typeOf('ListenerRule'),
          Properties: { ListenerArn: { Ref: 'Listener' }, Priority: 1, Conditions, Actions: forward },
        },
      },
      Outputs: { Name: { Value: { 'Fn::GetAtt': ['Balancer', 'DNSName'] } } },
    });
    cfn('CreateStack', { StackName: 'web', TemplateBody });
    account.finishOperations();
    expect(failures(cfn, 'web')).toEqual([]);
    const [{ DNSName, State }] = account.call('elasticloadbalancing', 'DescribeLoadBalancers').LoadBalancers;
    expect(State.Code).toBe('active');
    expect(cfn('DescribeStacks', { StackName: 'web' }).Stacks[0].Outputs[0].OutputValue).toBe(DNSName);
    cfn('DeleteStack', { StackName: 'web' });
    account.finishOperations();
    expect(account.call('elasticloadbalancing', 'DescribeTargetGroups').TargetGroups).toEqual([]);
  });

  test('have the same history for the same seed', () => {
    const history = (seed: number) => {
      const { cfn } = deployed(seed);
      return JSON.stringify(all.map(([StackName]) => cfn('DescribeStackEvents', { StackName })));
    };
    expect(history(3)).toBe(history(3));
  });
});
