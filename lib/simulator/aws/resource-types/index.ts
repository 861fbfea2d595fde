/**
 * Every resource type that CloudFormation can make here. One file and one line each; a type that is not in this list is
 * refused by name before anything starts.
 */
import { notSimulated } from '../aws-error';
import type { RegisteredResourceType, ResourceType } from '../cloudformation/resource-type';
import type { Scope } from '../service';
import { certificate } from './acm-certificate';
import { cdkMetadata } from './cdk-metadata';
import { nestedStack } from './cloudformation-stack';
import { waitConditionHandle } from './cloudformation-wait-condition-handle';
import { alarm } from './cloudwatch-alarm';
import { dashboard } from './cloudwatch-dashboard';
import { egressOnlyInternetGateway } from './ec2-egress-only-internet-gateway';
import { eip } from './ec2-eip';
import { flowLog } from './ec2-flow-log';
import { internetGateway } from './ec2-internet-gateway';
import { launchTemplate } from './ec2-launch-template';
import { natGateway } from './ec2-nat-gateway';
import { route } from './ec2-route';
import { routeTable } from './ec2-route-table';
import { securityGroup } from './ec2-security-group';
import { securityGroupEgress, securityGroupIngress } from './ec2-security-group-rule';
import { subnet } from './ec2-subnet';
import { subnetCidrBlock } from './ec2-subnet-cidr-block';
import { subnetRouteTableAssociation } from './ec2-subnet-route-table-association';
import { vpc } from './ec2-vpc';
import { vpcCidrBlock } from './ec2-vpc-cidr-block';
import { vpcEndpoint } from './ec2-vpc-endpoint';
import { vpcGatewayAttachment } from './ec2-vpc-gateway-attachment';
import { repository } from './ecr-repository';
import { accessPoint } from './efs-access-point';
import { fileSystem } from './efs-file-system';
import { mountTarget } from './efs-mount-target';
import { accessEntry } from './eks-access-entry';
import { addon } from './eks-addon';
import { cluster } from './eks-cluster';
import { fargateProfile } from './eks-fargate-profile';
import { identityProviderConfig } from './eks-identity-provider-config';
import { nodegroup } from './eks-nodegroup';
import { podIdentityAssociation } from './eks-pod-identity-association';
import { listener } from './elbv2-listener';
import { listenerRule } from './elbv2-listener-rule';
import { loadBalancer } from './elbv2-load-balancer';
import { targetGroup } from './elbv2-target-group';
import { eventsRule } from './events-rule';
import { instanceProfile } from './iam-instance-profile';
import { managedPolicy } from './iam-managed-policy';
import { oidcProvider } from './iam-oidc-provider';
import { policy } from './iam-policy';
import { role } from './iam-role';
import { serviceLinkedRole } from './iam-service-linked-role';
import { kmsAlias } from './kms-alias';
import { kmsKey } from './kms-key';
import { logGroup } from './logs-log-group';
import { IDENTIFIERS, PROPERTIES } from './properties.generated';
import { hostedZone } from './route53-hosted-zone';
import { recordSet } from './route53-record-set';
import { bucket } from './s3-bucket';
import { bucketPolicy } from './s3-bucket-policy';
import { subscription } from './sns-subscription';
import { topic } from './sns-topic';
import { topicPolicy } from './sns-topic-policy';
import { queue } from './sqs-queue';
import { queuePolicy } from './sqs-queue-policy';
import { ssmParameter } from './ssm-parameter';
import { unknownType } from './unknown-type';

export const RESOURCE_TYPES: readonly ResourceType[] = [
  certificate,
  cdkMetadata,
  nestedStack,
  waitConditionHandle,
  alarm,
  dashboard,
  egressOnlyInternetGateway,
  eip,
  flowLog,
  internetGateway,
  launchTemplate,
  natGateway,
  route,
  routeTable,
  securityGroup,
  securityGroupIngress,
  securityGroupEgress,
  subnet,
  subnetCidrBlock,
  subnetRouteTableAssociation,
  vpc,
  vpcCidrBlock,
  vpcEndpoint,
  vpcGatewayAttachment,
  repository,
  accessPoint,
  fileSystem,
  mountTarget,
  accessEntry,
  addon,
  cluster,
  fargateProfile,
  identityProviderConfig,
  nodegroup,
  podIdentityAssociation,
  listener,
  listenerRule,
  loadBalancer,
  targetGroup,
  eventsRule,
  instanceProfile,
  managedPolicy,
  oidcProvider,
  policy,
  role,
  serviceLinkedRole,
  kmsAlias,
  kmsKey,
  logGroup,
  hostedZone,
  recordSet,
  bucket,
  bucketPolicy,
  subscription,
  topic,
  topicPolicy,
  queue,
  queuePolicy,
  ssmParameter,
];

const BY_NAME = new Map(RESOURCE_TYPES.map((type) => [type.typeName, register(type)]));

/** `GroupId!~` is required, and a change of it needs a new resource. */
function register(type: ResourceType): RegisteredResourceType {
  const marked = (PROPERTIES[type.typeName] ?? '').split(' ').filter((text) => text !== '');
  const names = (mark: string) => marked.filter((text) => text.includes(mark)).map((text) => text.replace(/[!~]/g, ''));
  return {
    ...type,
    required: [...new Set([...names('!'), ...(type.required ?? [])])],
    replaceOn: [...names('~'), ...(type.replaceOn ?? [])],
    properties: PROPERTIES[type.typeName] === undefined ? undefined : new Set(names('')),
  };
}

/** The properties that name a resource of the type, as an import has to give them. */
export function identifiersOf(typeName: string): readonly string[] {
  return (IDENTIFIERS[typeName] ?? '').split(' ').filter((name) => name !== '');
}

/** A type that is simulated, or that the account lets pass. */
export function tryResourceType(typeName: string, { account }: Scope): RegisteredResourceType | undefined {
  return BY_NAME.get(typeName) ?? (account.allowsType(typeName) ? register(unknownType(typeName)) : undefined);
}

export function findResourceType(typeName: string, scope: Scope): RegisteredResourceType {
  const type = tryResourceType(typeName, scope);
  if (!type) throw notSimulated(`The resource type ${typeName}`);
  return type;
}
