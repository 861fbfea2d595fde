/**
 * What `cdk bootstrap` leaves in an account: a bucket for assets, five roles, a repository and the version parameter, in
 * the stack CDKToolkit. https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
 *
 * A local cloud is born with it (docs/decisions/005-born-bootstrapped.md). The logical ids are those of the CDK's own
 * template, so that a real `cdk bootstrap` updates this stack in place.
 */
import type { AwsAccount } from './account';

const QUALIFIER = 'hnb659fds';
/** The version of the CDK's template that this stands for. */
const VERSION = '33';
const ROLES: Readonly<Record<string, string>> = {
  FilePublishingRole: 'file-publishing-role',
  ImagePublishingRole: 'image-publishing-role',
  LookupRole: 'lookup-role',
  DeploymentActionRole: 'deploy-role',
  CloudFormationExecutionRole: 'cfn-exec-role',
};

/** Bootstraps a region of the account. Takes virtual seconds; returns when it is done. */
export function bootstrapRegion(account: AwsAccount, region = account.region): void {
  const options = { region };
  account.call(
    'cloudformation',
    'CreateStack',
    {
      StackName: 'CDKToolkit',
      TemplateBody: JSON.stringify(template()),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
    },
    options,
  );
  account.finishOperations();
  const [stack] = account.call('cloudformation', 'DescribeStacks', { StackName: 'CDKToolkit' }, options).Stacks;
  if (stack.StackStatus !== 'CREATE_COMPLETE') throw new Error(`bootstrapping failed: ${stack.StackStatusReason}`);
}

function template(): object {
  const sub = (text: string) => ({ 'Fn::Sub': text });
  const named = (name: string) => sub(`cdk-\${Qualifier}-${name}-\${AWS::AccountId}-\${AWS::Region}`);
  const roles = Object.entries(ROLES).map(([id, name]) => [id, roleOf(named(name), id)]);
  return {
    Description: 'This stack includes resources needed to deploy AWS CDK apps into this environment',
    Parameters: {
      Qualifier: { Type: 'String', Default: QUALIFIER },
      BootstrapVariant: { Type: 'String', Default: 'AWS CDK: Default Resources' },
    },
    Resources: {
      StagingBucket: {
        Type: 'AWS::S3::Bucket',
        Properties: { BucketName: named('assets'), VersioningConfiguration: { Status: 'Enabled' } },
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
      },
      ContainerAssetsRepository: {
        Type: 'AWS::ECR::Repository',
        Properties: { ImageTagMutability: 'IMMUTABLE', RepositoryName: named('container-assets') },
      },
      ...Object.fromEntries(roles),
      CdkBootstrapVersion: {
        Type: 'AWS::SSM::Parameter',
        Properties: { Type: 'String', Name: sub('/cdk-bootstrap/${Qualifier}/version'), Value: VERSION },
      },
    },
    Outputs: {
      BucketName: { Value: { Ref: 'StagingBucket' } },
      BucketDomainName: { Value: { 'Fn::GetAtt': ['StagingBucket', 'RegionalDomainName'] } },
      ImageRepositoryName: { Value: { Ref: 'ContainerAssetsRepository' } },
      BootstrapVersion: { Value: VERSION },
    },
  };
}

function roleOf(RoleName: object, id: string): object {
  const isForCloudFormation = id === 'CloudFormationExecutionRole';
  const Principal = isForCloudFormation
    ? { Service: 'cloudformation.amazonaws.com' }
    : { AWS: { Ref: 'AWS::AccountId' } };
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName,
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal }],
      },
      ...(isForCloudFormation ? { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] } : {}),
    },
  };
}
