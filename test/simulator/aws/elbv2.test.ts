import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsAccount } from '../../../lib/simulator/aws/account';
import { route } from '../../../lib/simulator/aws/elbv2/routing';
import { elbOf } from '../../../lib/simulator/aws/elbv2/state';
import { serveAws } from '../../../lib/simulator/aws/http/endpoint';
import { Simulation } from '../../../lib/simulator/simulation';

/** A VPC with an internet gateway and a public subnet in two zones. */
function prepared() {
  const account = new AwsAccount({ simulation: new Simulation() });
  const ec2 = (operation: string, input: object = {}) => account.call('ec2', operation, { ...input });
  const vpcId: string = ec2('CreateVpc', { CidrBlock: '10.0.0.0/16' }).vpc.vpcId;
  const { internetGatewayId } = ec2('CreateInternetGateway').internetGateway;
  ec2('AttachInternetGateway', { InternetGatewayId: internetGatewayId, VpcId: vpcId });
  const subnets: string[] = ['a', 'b'].map((zone, i) => {
    const input = { VpcId: vpcId, CidrBlock: `10.0.${i}.0/24`, AvailabilityZone: `eu-west-1${zone}` };
    return ec2('CreateSubnet', input).subnet.subnetId;
  });
  return { account, ec2, vpcId, subnets };
}

test('the ELBv2 client of the SDK makes a load balancer with rules, and sees its targets become healthy', async () => {
  const { account, ec2, vpcId, subnets } = prepared();
  elbOf(account.scope()).probe = (_group, target) => target.Id !== '10.0.0.9';
  const endpoint = await serveAws(account, { hurry: false });
  try {
    const client = new ElasticLoadBalancingV2Client({
      endpoint: endpoint.url,
      region: 'eu-west-1',
      credentials: account.credentials,
      maxAttempts: 1,
    });
    const { LoadBalancers } = await client.send(
      new CreateLoadBalancerCommand({ Name: 'web', Subnets: subnets, Tags: [{ Key: 'team', Value: 'x' }] }),
    );
    const balancer = LoadBalancers![0]!;
    const LoadBalancerArn = balancer.LoadBalancerArn!;
    expect(balancer).toMatchObject({
      State: { Code: 'provisioning' },
      DNSName: expect.stringMatching(/^web-\d+\.eu-west-1\.elb\.amazonaws\.com$/),
      AvailabilityZones: [{ ZoneName: 'eu-west-1a' }, { ZoneName: 'eu-west-1b' }],
    });
    const group = async (Name: string, ids: string[]) => {
      const { TargetGroups } = await client.send(
        new CreateTargetGroupCommand({
          Name,
          Protocol: 'HTTP',
          Port: 80,
          VpcId: vpcId,
          TargetType: 'ip',
          HealthCheckIntervalSeconds: 10,
          HealthyThresholdCount: 2,
        }),
      );
      const TargetGroupArn = TargetGroups![0]!.TargetGroupArn!;
      await client.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: ids.map((Id) => ({ Id, Port: 8080 })) }));
      return TargetGroupArn;
    };
    const [main, other] = [await group('main', ['10.0.0.7', '10.0.0.9']), await group('other', ['10.0.1.7'])];
    const { Listeners } = await client.send(
      new CreateListenerCommand({
        LoadBalancerArn,
        Port: 80,
        Protocol: 'HTTP',
        DefaultActions: [{ Type: 'forward', TargetGroupArn: main }],
      }),
    );
    const ListenerArn = Listeners![0]!.ListenerArn!;
    await client.send(
      new CreateRuleCommand({
        ListenerArn,
        Priority: 5,
        Conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: ['*.other.example'] } }],
        Actions: [{ Type: 'forward', TargetGroupArn: other }],
      }),
    );
    account.simulation.advance('4m');
    const described = await client.send(new DescribeLoadBalancersCommand({ Names: ['web'] }));
    expect(described.LoadBalancers?.[0]?.State?.Code).toBe('active');
    const health = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: main }));
    expect(health.TargetHealthDescriptions?.map((one) => [one.Target?.Id, one.TargetHealth?.State])).toEqual([
      ['10.0.0.7', 'healthy'],
      ['10.0.0.9', 'unhealthy'],
    ]);
    const target = (host: string) => {
      const decision = route(account.scope(), balancer.DNSName!, 80, { host, path: '/' });
      return decision.kind === 'target' ? decision.target.Id : decision.why;
    };
    expect([target('x.example'), target('x.example'), target('a.other.example:80')]).toEqual([
      '10.0.0.7',
      '10.0.0.7',
      '10.0.1.7',
    ]);
    const rules = await client.send(new DescribeRulesCommand({ ListenerArn }));
    expect(rules.Rules?.map(({ Priority, IsDefault }) => [Priority, IsDefault])).toEqual([
      ['5', false],
      ['default', true],
    ]);
    const groups = await client.send(new DescribeTargetGroupsCommand({ LoadBalancerArn }));
    expect(groups.TargetGroups).toMatchObject([
      { TargetGroupName: 'main', LoadBalancerArns: [LoadBalancerArn], HealthCheckIntervalSeconds: 10 },
      { TargetGroupName: 'other' },
    ]);
    const tags = await client.send(new DescribeTagsCommand({ ResourceArns: [LoadBalancerArn] }));
    expect(tags.TagDescriptions?.[0]?.Tags).toEqual([{ Key: 'team', Value: 'x' }]);
    expect((await client.send(new DescribeListenersCommand({ LoadBalancerArn }))).Listeners).toHaveLength(1);
    await expect(client.send(new DeleteTargetGroupCommand({ TargetGroupArn: main }))).rejects.toMatchObject({
      name: expect.stringMatching(/^ResourceInUse/),
    });

    expect(() => ec2('DeleteSubnet', { SubnetId: subnets[0] })).toThrow(/has dependencies and cannot be deleted/);
    await client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
    await expect(
      client.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [LoadBalancerArn] })),
    ).rejects.toMatchObject({
      name: expect.stringMatching(/^LoadBalancerNotFound/),
    });
    expect(() => ec2('DeleteSubnet', { SubnetId: subnets[0] })).toThrow();
    account.simulation.advance('1m');
    expect(() => ec2('DeleteSubnet', { SubnetId: subnets[0] })).not.toThrow();
  } finally {
    await endpoint.close();
  }
});
