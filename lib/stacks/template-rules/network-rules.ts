/** https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html#network-requirements-subnets */
import { resourcesWhere, type TemplateRule } from './template-rule';

/** As the CDK's Vpc marks its subnets. */
const SUBNET_TYPE = 'aws-cdk:subnet-type';
const ROLE_OF_TYPE: Readonly<Record<string, string>> = {
  Public: 'kubernetes.io/role/elb',
  Private: 'kubernetes.io/role/internal-elb',
};

export const subnetsAreNotTagged: TemplateRule = {
  id: 'subnets-are-not-tagged',
  description: 'Load-balancer controllers will not find the subnet: it lacks its kubernetes.io/role tag',
  fix: 'Tag public subnets with kubernetes.io/role/elb and private ones with kubernetes.io/role/internal-elb.',
  violations: (template) =>
    resourcesWhere(template, 'AWS::EC2::Subnet', ({ Tags: tags = [] }: { Tags?: { Key: string; Value: string }[] }) => {
      const type = tags.find(({ Key }) => Key === SUBNET_TYPE)?.Value ?? '';
      const role = ROLE_OF_TYPE[type];
      return role !== undefined && !tags.some(({ Key }) => Key === role);
    }),
};

export const defaultGroupIsUsed: TemplateRule = {
  id: 'default-security-group-is-used',
  description: "The VPC's default security group, in which everything may talk to everything, is used",
  fix: 'Give the resource a security group of its own.',
  violations: (template) =>
    Object.entries(template.Resources ?? {})
      .filter(([, resource]) => /"Fn::GetAtt":\["[^"]+","DefaultSecurityGroup"\]/.test(JSON.stringify(resource)))
      .map(([id]) => id),
};
