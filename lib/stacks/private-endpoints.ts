/**
 * What a VPC without a way to the internet needs, so that nodes join, images are pulled and controllers reach AWS.
 * https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html
 */
import { Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { privateSubnets } from './subnets';

const { InterfaceVpcEndpointAwsService: service } = ec2;

/** By the id of the endpoint's construct. */
const INTERFACE_ENDPOINTS: Readonly<Record<string, ec2.IInterfaceVpcEndpointService>> = {
  Ec2: service.EC2,
  EcrApi: service.ECR,
  EcrDocker: service.ECR_DOCKER,
  Eks: service.EKS,
  EksAuth: service.EKS_AUTH,
  Sts: service.STS,
  Logs: service.CLOUDWATCH_LOGS,
  ElasticLoadBalancing: service.ELASTIC_LOAD_BALANCING,
  AutoScaling: service.AUTOSCALING,
  Ssm: service.SSM,
};

export function addPrivateEndpoints(scope: Construct, vpc: ec2.Vpc): void {
  // The layers of images come from S3.
  vpc.addGatewayEndpoint('S3', { service: ec2.GatewayVpcEndpointAwsService.S3, subnets: [privateSubnets(vpc)] });
  const securityGroup = new ec2.SecurityGroup(scope, 'EndpointSecurityGroup', {
    vpc,
    description: 'The VPC endpoints, reachable from inside the VPC',
    allowAllOutbound: false,
  });
  securityGroup.addIngressRule(ec2.Peer.ipv4(vpc.vpcCidrBlock), ec2.Port.HTTPS, 'HTTPS from inside the VPC');
  Validations.of(securityGroup).acknowledge({
    id: 'AwsSolutions-EC23',
    reason: "The range is the VPC's own, which the rule cannot see through a reference",
  });
  for (const [id, endpointService] of Object.entries(INTERFACE_ENDPOINTS)) {
    vpc.addInterfaceEndpoint(id, {
      service: endpointService,
      subnets: privateSubnets(vpc),
      securityGroups: [securityGroup],
      open: false,
    });
  }
}
