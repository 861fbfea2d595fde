import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSecurityGroupCommand,
  DescribeAvailabilityZonesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { AwsAccount } from '../../../lib/simulator/aws/account';
import { AwsError } from '../../../lib/simulator/aws/aws-error';
import { serveAws } from '../../../lib/simulator/aws/http/endpoint';
import { Simulation } from '../../../lib/simulator/simulation';

function prepared() {
  const account = new AwsAccount({ simulation: new Simulation() });
  const ec2 = (operation: string, input: object = {}) => account.call('ec2', operation, { ...input });
  const vpcId: string = ec2('CreateVpc', { CidrBlock: '10.0.0.0/16' }).vpc.vpcId;
  const subnetId: string = ec2('CreateSubnet', { VpcId: vpcId, CidrBlock: '10.0.0.0/24' }).subnet.subnetId;
  return { account, ec2, vpcId, subnetId };
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AwsError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

describe('what is in use cannot be deleted', () => {
  test('a VPC with a subnet, a subnet with an interface', () => {
    const { ec2, vpcId, subnetId } = prepared();
    const { networkInterface } = ec2('CreateNetworkInterface', { SubnetId: subnetId });
    expect(refusal(() => ec2('DeleteVpc', { VpcId: vpcId }))).toBe(
      `DependencyViolation: The vpc '${vpcId}' has dependencies and cannot be deleted.`,
    );
    expect(refusal(() => ec2('DeleteSubnet', { SubnetId: subnetId }))).toBe(
      `DependencyViolation: The subnet '${subnetId}' has dependencies and cannot be deleted.`,
    );
    ec2('DeleteNetworkInterface', { NetworkInterfaceId: networkInterface.networkInterfaceId });
    ec2('DeleteSubnet', { SubnetId: subnetId });
    ec2('DeleteVpc', { VpcId: vpcId });
    expect(ec2('DescribeVpcs').vpcSet).toEqual([]);
  });

  test('a security group that a rule of another group names', () => {
    const { ec2, vpcId } = prepared();
    const group = (GroupName: string) => ec2('CreateSecurityGroup', { GroupName, VpcId: vpcId }).groupId;
    const [a, b] = [group('a'), group('b')];
    const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, Groups: [{ GroupId: a }] }];
    ec2('AuthorizeSecurityGroupIngress', { GroupId: b, IpPermissions });
    expect(refusal(() => ec2('DeleteSecurityGroup', { GroupId: a }))).toBe(
      `DependencyViolation: resource ${a} has a dependent object`,
    );
    ec2('RevokeSecurityGroupIngress', { GroupId: b, IpPermissions });
    expect(refusal(() => ec2('DeleteSecurityGroup', { GroupId: a }))).toBe('accepted');
  });

  test('an internet gateway, while public addresses are mapped', () => {
    const { account, ec2, vpcId, subnetId } = prepared();
    const { internetGatewayId } = ec2('CreateInternetGateway').internetGateway;
    ec2('AttachInternetGateway', { InternetGatewayId: internetGatewayId, VpcId: vpcId });
    const { allocationId } = ec2('AllocateAddress');
    const { natGatewayId } = ec2('CreateNatGateway', { SubnetId: subnetId, AllocationId: allocationId }).natGateway;
    const state = () => ec2('DescribeNatGateways', { NatGatewayId: [natGatewayId] }).natGatewaySet[0].state;
    expect(state()).toBe('pending');
    account.simulation.advance('2m');
    expect(state()).toBe('available');
    const detach = () => ec2('DetachInternetGateway', { InternetGatewayId: internetGatewayId, VpcId: vpcId });
    expect(refusal(detach)).toBe(
      `DependencyViolation: Network ${vpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
    );
    ec2('DeleteNatGateway', { NatGatewayId: natGatewayId });
    account.finishOperations();
    expect(state()).toBe('deleted');
    expect(refusal(detach)).toBe('accepted');
    expect(refusal(() => ec2('ReleaseAddress', { AllocationId: allocationId }))).toBe('accepted');
  });
});

test('the EC2 client of the SDK reads networks and security groups, and filters', async () => {
  const account = new AwsAccount({ simulation: new Simulation() });
  const endpoint = await serveAws(account);
  try {
    const client = new EC2Client({ endpoint: endpoint.url, region: 'eu-west-1', credentials: account.credentials });
    const zones = await client.send(new DescribeAvailabilityZonesCommand({}));
    expect(zones.AvailabilityZones?.map(({ ZoneName }) => ZoneName)).toEqual([
      'eu-west-1a',
      'eu-west-1b',
      'eu-west-1c',
    ]);
    const { Vpc } = await client.send(
      new CreateVpcCommand({
        CidrBlock: '10.1.0.0/16',
        TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'Name', Value: 'dev' }] }],
      }),
    );
    const VpcId = Vpc!.VpcId!;
    await client.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.1.1.0/24', AvailabilityZone: 'eu-west-1b' }));
    const { Subnets } = await client.send(
      new DescribeSubnetsCommand({
        Filters: [
          { Name: 'vpc-id', Values: [VpcId] },
          { Name: 'tag-key', Values: ['*'] },
        ],
      }),
    );
    expect(Subnets).toEqual([]);
    const byTag = await client.send(new DescribeVpcsCommand({ Filters: [{ Name: 'tag:Name', Values: ['d?v'] }] }));
    expect(byTag.Vpcs).toMatchObject([{ VpcId, CidrBlock: '10.1.0.0/16', State: 'available', IsDefault: false }]);

    const { GroupId } = await client.send(
      new CreateSecurityGroupCommand({ VpcId, GroupName: 'web', Description: 'for tests' }),
    );
    await client.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId,
        IpPermissions: [
          { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'all' }] },
          { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId }] },
        ],
      }),
    );
    const groups = await client.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId!] }));
    expect(groups.SecurityGroups?.[0]).toMatchObject({
      GroupName: 'web',
      Description: 'for tests',
      IpPermissions: [
        { FromPort: 80, IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'all' }] },
        { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId, UserId: account.accountId }] },
      ],
      IpPermissionsEgress: [{ IpProtocol: '-1' }],
    });
    const rules = await client.send(
      new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [GroupId!] }] }),
    );
    expect(rules.SecurityGroupRules?.map(({ IsEgress, IpProtocol }) => [IsEgress, IpProtocol])).toEqual([
      [true, '-1'],
      [false, 'tcp'],
      [false, '-1'],
    ]);
    await client.send(new DeleteSecurityGroupCommand({ GroupId }));
    await expect(client.send(new DeleteSecurityGroupCommand({ GroupId }))).rejects.toMatchObject({
      name: 'InvalidGroup.NotFound',
    });
  } finally {
    await endpoint.close();
  }
});
