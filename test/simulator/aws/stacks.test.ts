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

  test('have the same history for the same seed', () => {
    const history = (seed: number) => {
      const { cfn } = deployed(seed);
      return JSON.stringify(all.map(([StackName]) => cfn('DescribeStackEvents', { StackName })));
    };
    expect(history(3)).toBe(history(3));
  });
});
