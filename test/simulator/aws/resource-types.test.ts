import {
  App,
  aws_certificatemanager as acm,
  aws_ec2 as ec2,
  aws_efs as efs,
  aws_route53 as route53,
  Stack,
} from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsAccount } from '../../../lib/simulator/aws/account';
import { bootstrapRegion } from '../../../lib/simulator/aws/bootstrap';
import { runInstance } from '../../../lib/simulator/aws/ec2/instances';
import { interruptSpotInstance } from '../../../lib/simulator/aws/ec2/spot';
import { Simulation } from '../../../lib/simulator/simulation';

function cloud() {
  const account = new AwsAccount({ simulation: new Simulation({ seed: 1 }) });
  bootstrapRegion(account);
  const deploy = (StackName: string, template: object, operation = 'CreateStack') => {
    const input = { StackName, TemplateBody: JSON.stringify(template), Capabilities: ['CAPABILITY_NAMED_IAM'] };
    account.call('cloudformation', operation, input);
    account.finishOperations();
    return statusOf(StackName);
  };
  const remove = (StackName: string) => {
    account.call('cloudformation', 'DeleteStack', { StackName });
    account.finishOperations();
  };
  const statusOf = (StackName: string) =>
    account.call('cloudformation', 'DescribeStacks', { StackName }).Stacks[0].StackStatus;
  const outputs = (StackName: string): Record<string, string> =>
    Object.fromEntries(
      account
        .call('cloudformation', 'DescribeStacks', { StackName })
        .Stacks[0].Outputs.map((output: any) => [output.OutputKey, output.OutputValue]),
    );
  const failures = (StackName: string): string[] =>
    account
      .call('cloudformation', 'DescribeStackEvents', { StackName })
      .StackEvents.filter((event: any) => /_FAILED$/.test(event.ResourceStatus))
      .map((event: any) => event.ResourceStatusReason);
  return { account, deploy, remove, statusOf, outputs, failures };
}

function template(build: (stack: Stack) => void): object {
  const app = new App({ analyticsReporting: false, builtinCloudFormationValidation: false });
  const stack = new Stack(app, 'stack', { env: { region: 'eu-west-1' } });
  build(stack);
  return Template.fromStack(stack).toJSON();
}

const NETWORK = template((stack) => {
  new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0, restrictDefaultSecurityGroup: false });
});

describe('the interruption queue of Karpenter', () => {
  const queueStack = (service: string) => ({
    Resources: {
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dev', MessageRetentionPeriod: 300 } },
      Policy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: {
          Queues: [{ Ref: 'Queue' }],
          PolicyDocument: {
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: [service] },
                Action: 'sqs:SendMessage',
                Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] },
              },
            ],
          },
        },
      },
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          EventPattern: {
            source: ['aws.ec2'],
            'detail-type': ['EC2 Spot Instance Interruption Warning', { prefix: 'EC2 Instance State' }],
            detail: { 'instance-id': [{ exists: true }] },
          },
          Targets: [{ Id: 'Queue', Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] } }],
        },
      },
    },
    Outputs: { Url: { Value: { Ref: 'Queue' } }, Rule: { Value: { 'Fn::GetAtt': ['Rule', 'Arn'] } } },
  });

  function messagesOfInterruption(service: string): any[] {
    const { account, deploy, outputs } = cloud();
    expect(deploy('net', NETWORK)).toBe('CREATE_COMPLETE');
    expect(deploy('karpenter', queueStack(service))).toBe('CREATE_COMPLETE');
    const [{ subnetId }] = account.call('ec2', 'DescribeSubnets').subnetSet;
    const scope = account.scope();
    const instance = runInstance(scope, {
      subnetId,
      instanceType: 'm5.large',
      imageId: 'ami-1',
      instanceLifecycle: 'spot',
    });
    account.simulation.advance('1m');
    interruptSpotInstance(scope, instance.instanceId);
    account.simulation.advance('2m');
    const QueueUrl = outputs('karpenter').Url;
    const receive = () => account.call('sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 }).Messages;
    const received = receive();
    // Hidden from others until the visibility timeout ends, then there again: nobody deleted them.
    expect(receive()).toEqual([]);
    account.simulation.advance('31s');
    expect(receive()).toHaveLength(received.length);
    return received.map((message: any) => JSON.parse(message.Body));
  }

  test('hears of interruptions and of changes of state, two minutes before the instance goes', () => {
    const events = messagesOfInterruption('events.amazonaws.com');
    expect(events.map((event) => event.detail.state ?? event.detail['instance-action'])).toEqual([
      'pending',
      'running',
      'terminate',
      'shutting-down',
    ]);
    expect(events[2]).toMatchObject({ source: 'aws.ec2', 'detail-type': 'EC2 Spot Instance Interruption Warning' });
  });

  test('hears nothing when its policy lets somebody else in', () => {
    expect(messagesOfInterruption('sns.amazonaws.com')).toEqual([]);
  });
});

describe('a file system', () => {
  const withFiles = template((stack) => {
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1, restrictDefaultSecurityGroup: false });
    const files = new efs.FileSystem(stack, 'Files', { vpc, encrypted: true });
    files.addAccessPoint('Point', { path: '/app', posixUser: { uid: '1000', gid: '1000' } });
  });

  test('has a mount target in each zone; each is a network interface', () => {
    const { account, deploy, remove } = cloud();
    expect(deploy('files', withFiles)).toBe('CREATE_COMPLETE');
    const [{ FileSystemId }] = account.call('elasticfilesystem', 'DescribeFileSystems').FileSystems;
    const { MountTargets } = account.call('elasticfilesystem', 'DescribeMountTargets', { FileSystemId });
    expect(MountTargets.map((target: any) => [target.AvailabilityZoneName, target.LifeCycleState])).toEqual([
      ['eu-west-1a', 'available'],
      ['eu-west-1b', 'available'],
    ]);
    expect(() => account.call('elasticfilesystem', 'DeleteFileSystem', { FileSystemId })).toThrow(/has mount targets/);
    expect(() =>
      account.call('elasticfilesystem', 'CreateMountTarget', { FileSystemId, SubnetId: MountTargets[0].SubnetId }),
    ).toThrow('mount target already exists in this AZ');
    expect(() => account.call('ec2', 'DeleteSubnet', { SubnetId: MountTargets[0].SubnetId })).toThrow(
      /has dependencies/,
    );
    remove('files');
    expect(account.call('ec2', 'DescribeNetworkInterfaces').networkInterfaceSet).toEqual([]);
    expect(account.call('ec2', 'DescribeVpcs').vpcSet).toEqual([]);
  });
});

describe('a certificate', () => {
  const withCertificate = template((stack) => {
    const zone = new route53.PublicHostedZone(stack, 'Zone', { zoneName: 'example.com' });
    new acm.Certificate(stack, 'Certificate', {
      domainName: 'example.com',
      subjectAlternativeNames: ['*.example.com'],
      validation: acm.CertificateValidation.fromDns(zone),
    });
  });

  test('is issued when its record is there; the record stays and keeps the zone', () => {
    const { account, deploy, remove, statusOf, failures } = cloud();
    expect(deploy('dns', withCertificate)).toBe('CREATE_COMPLETE');
    const [{ CertificateArn }] = account.call('acm', 'ListCertificates').CertificateSummaryList;
    const { Certificate } = account.call('acm', 'DescribeCertificate', { CertificateArn });
    expect(Certificate).toMatchObject({ Status: 'ISSUED', InUseBy: [] });
    remove('dns');
    expect(statusOf('dns')).toBe('DELETE_FAILED');
    expect(failures('dns')).toContainEqual(expect.stringContaining('contains non-required resource record sets'));
    expect(account.call('acm', 'ListCertificates').CertificateSummaryList).toEqual([]);
  });

  test('without a zone waits for whoever writes the record', () => {
    const { account, statusOf } = cloud();
    const Certificate = {
      Type: 'AWS::CertificateManager::Certificate',
      Properties: { DomainName: 'example.com', ValidationMethod: 'DNS' },
    };
    const TemplateBody = JSON.stringify({ Resources: { Certificate } });
    account.call('cloudformation', 'CreateStack', { StackName: 'cert', TemplateBody });
    account.simulation.advance('2h');
    expect(statusOf('cert')).toBe('CREATE_IN_PROGRESS');
    const [{ CertificateArn }] = account.call('acm', 'ListCertificates').CertificateSummaryList;
    const [option] = account.call('acm', 'DescribeCertificate', { CertificateArn }).Certificate.DomainValidationOptions;
    const { Name, Type, Value } = option.ResourceRecord;
    const RecordSet = { Name, Type, TTL: 60, ResourceRecords: [{ Value }] };
    const Zone = { Type: 'AWS::Route53::HostedZone', Properties: { Name: 'example.com' } };
    const Record = {
      Type: 'AWS::Route53::RecordSet',
      Properties: { ...RecordSet, ResourceRecords: [Value], HostedZoneId: { Ref: 'Zone' } },
    };
    account.call('cloudformation', 'CreateStack', {
      StackName: 'zone',
      TemplateBody: JSON.stringify({ Resources: { Zone, Record } }),
    });
    account.finishOperations();
    expect(statusOf('cert')).toBe('CREATE_COMPLETE');
  });
});

test('a dual-stack network has a /56, a /64 in each subnet, and a way out for private ones', () => {
  const { account, deploy, remove } = cloud();
  const dualStack = template((stack) => {
    new ec2.Vpc(stack, 'Vpc', {
      ipProtocol: ec2.IpProtocol.DUAL_STACK,
      maxAzs: 2,
      natGateways: 1,
      restrictDefaultSecurityGroup: false,
    });
  });
  expect(deploy('net', dualStack)).toBe('CREATE_COMPLETE');
  const [vpc] = account.call('ec2', 'DescribeVpcs').vpcSet;
  expect(vpc.ipv6CidrBlockAssociationSet[0]).toMatchObject({ ipv6CidrBlock: '2001:db8:0:100::/56' });
  const subnets = account.call('ec2', 'DescribeSubnets').subnetSet;
  const blocks = subnets.map((subnet: any) => subnet.ipv6CidrBlockAssociationSet[0].ipv6CidrBlock).sort();
  expect(blocks).toEqual([0, 1, 2, 3].map((n) => `2001:db8:0:10${n}::/64`));
  const [gateway] = account.call('ec2', 'DescribeEgressOnlyInternetGateways').egressOnlyInternetGatewaySet;
  const routes = account
    .call('ec2', 'DescribeRouteTables')
    .routeTableSet.flatMap((table: any) => table.routeSet)
    .filter((route: any) => route.egressOnlyInternetGatewayId === gateway.egressOnlyInternetGatewayId);
  expect(routes.map((route: any) => route.destinationIpv6CidrBlock)).toEqual(['::/0', '::/0']);
  remove('net');
  expect(account.call('ec2', 'DescribeVpcs').vpcSet).toEqual([]);
});

test('an alarm tells a topic, a dashboard shows it', () => {
  const { account, deploy, outputs, remove } = cloud();
  const resources = {
    Topic: { Type: 'AWS::SNS::Topic', Properties: {} },
    Queue: { Type: 'AWS::SQS::Queue' },
    Subscription: {
      Type: 'AWS::SNS::Subscription',
      Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'sqs', Endpoint: { 'Fn::GetAtt': ['Queue', 'Arn'] } },
    },
    Alarm: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        ComparisonOperator: 'GreaterThanThreshold',
        EvaluationPeriods: 1,
        Threshold: 1,
        MetricName: 'cluster_failed_node_count',
        Namespace: 'ContainerInsights',
        AlarmActions: [{ Ref: 'Topic' }],
      },
    },
    Dashboard: { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardBody: '{"widgets":[]}' } },
  };
  expect(deploy('watch', { Resources: resources, Outputs: { Topic: { Value: { Ref: 'Topic' } } } })).toBe(
    'CREATE_COMPLETE',
  );
  const { Topic } = outputs('watch');
  const [alarm] = account.call('monitoring', 'DescribeAlarms').MetricAlarms;
  expect(alarm).toMatchObject({ StateValue: 'INSUFFICIENT_DATA', AlarmActions: [Topic] });
  account.call('sns', 'Publish', { TopicArn: Topic, Message: 'hello' });
  const [QueueUrl] = account.call('sqs', 'ListQueues').QueueUrls;
  const [message] = account.call('sqs', 'ReceiveMessage', { QueueUrl }).Messages;
  expect(JSON.parse(message.Body)).toMatchObject({ TopicArn: Topic, Message: 'hello' });
  remove('watch');
  expect(account.call('sns', 'ListTopics').Topics).toEqual([]);
  expect(account.call('monitoring', 'ListDashboards').DashboardEntries).toEqual([]);
});
