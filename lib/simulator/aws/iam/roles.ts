/**
 * Roles, policies, instance profiles and identity providers: how they come and go, and what keeps them from going.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html
 */
import { AwsError } from '../aws-error';
import type { Scope, WireObject } from '../service';
import type { Tag } from '../tags';
import { type InstanceProfile, iamOf, type ManagedPolicy, noSuchEntity, type OidcProvider, type Role } from './state';

export function createRole(scope: Scope, input: WireObject): Role {
  const iam = iamOf(scope);
  const RoleName = String(input.RoleName);
  checkName('roleName', RoleName, 64);
  if (iam.roles.has(RoleName)) throw alreadyExists(`Role with name ${RoleName} already exists.`);
  const Path = String(input.Path ?? '/');
  const role: Role = {
    RoleName,
    RoleId: iam.id('AROA'),
    Arn: iam.arn('role', Path, RoleName),
    Path,
    CreateDate: scope.account.timestamp,
    AssumeRolePolicyDocument: input.AssumeRolePolicyDocument,
    Description: input.Description,
    MaxSessionDuration: Number(input.MaxSessionDuration ?? 3600),
    PermissionsBoundary: input.PermissionsBoundary,
    Tags: input.Tags ?? [],
    attached: new Set(),
    inline: new Map(),
  };
  iam.roles.set(RoleName, role);
  return role;
}

export function deleteRole(scope: Scope, name: string): void {
  const iam = iamOf(scope);
  const role = iam.findRole(name);
  const refuse = (what: string) => new AwsError('DeleteConflict', `Cannot delete entity, must ${what} first.`, 409);
  if ([...iam.instanceProfiles.values()].some(({ roles }) => roles.includes(name))) {
    throw refuse('remove roles from instance profile');
  }
  if (role.attached.size > 0) throw refuse('detach all policies');
  if (role.inline.size > 0) throw refuse('delete policies');
  iam.roles.delete(name);
}

/** A role that only one service can take: `spot.amazonaws.com` -> `AWSServiceRoleForEC2Spot`. */
export function createServiceLinkedRole(scope: Scope, input: WireObject): Role {
  const service = String(input.AWSServiceName);
  const known: Record<string, string> = {
    'spot.amazonaws.com': 'EC2Spot',
    'eks.amazonaws.com': 'AmazonEKS',
    'eks-nodegroup.amazonaws.com': 'AmazonEKSNodegroup',
    'eks-fargate.amazonaws.com': 'AmazonEKSForFargate',
    'elasticloadbalancing.amazonaws.com': 'ElasticLoadBalancing',
    'autoscaling.amazonaws.com': 'AutoScaling',
  };
  const suffix = input.CustomSuffix ? `_${input.CustomSuffix}` : '';
  const RoleName = `AWSServiceRoleFor${known[service] ?? service.split('.')[0]}${suffix}`;
  if (iamOf(scope).roles.has(RoleName)) {
    const message = `Service role name ${RoleName} has been taken in this account, please try a different suffix.`;
    throw new AwsError('InvalidInput', message);
  }
  const Statement = [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }];
  return createRole(scope, {
    RoleName,
    Path: `/aws-service-role/${service}/`,
    Description: input.Description,
    AssumeRolePolicyDocument: { Version: '2012-10-17', Statement },
  });
}

/** AWS's own policies exist whatever they are called; ours must be there. */
export function attachRolePolicy(scope: Scope, roleName: string, policyArn: string): void {
  const iam = iamOf(scope);
  const isAwsManaged = /^arn:aws[a-z-]*:iam::aws:policy\//.test(policyArn);
  if (!isAwsManaged && !iam.policies.has(policyArn)) {
    throw noSuchEntity(`Policy ${policyArn} does not exist or is not attachable.`);
  }
  iam.findRole(roleName).attached.add(policyArn);
}

export function createManagedPolicy(scope: Scope, input: WireObject): ManagedPolicy {
  const iam = iamOf(scope);
  const PolicyName = String(input.PolicyName);
  const Path = String(input.Path ?? '/');
  const Arn = iam.arn('policy', Path, PolicyName);
  if (iam.policies.has(Arn))
    throw alreadyExists(`A policy called ${PolicyName} already exists. Duplicate names are not allowed.`);
  const policy: ManagedPolicy = {
    PolicyName,
    PolicyId: iam.id('ANPA'),
    Arn,
    Path,
    CreateDate: scope.account.timestamp,
    Description: input.Description,
    document: input.PolicyDocument,
    version: 1,
  };
  iam.policies.set(Arn, policy);
  return policy;
}

export function deleteManagedPolicy(scope: Scope, arn: string): void {
  const iam = iamOf(scope);
  if (!iam.policies.has(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
  if ([...iam.roles.values()].some(({ attached }) => attached.has(arn))) {
    throw new AwsError('DeleteConflict', 'Cannot delete a policy attached to entities.', 409);
  }
  iam.policies.delete(arn);
}

export function createInstanceProfile(scope: Scope, input: WireObject): InstanceProfile {
  const iam = iamOf(scope);
  const InstanceProfileName = String(input.InstanceProfileName);
  if (iam.instanceProfiles.has(InstanceProfileName)) {
    throw alreadyExists(`Instance Profile ${InstanceProfileName} already exists.`);
  }
  const Path = String(input.Path ?? '/');
  const profile: InstanceProfile = {
    InstanceProfileName,
    InstanceProfileId: iam.id('AIPA'),
    Arn: iam.arn('instance-profile', Path, InstanceProfileName),
    Path,
    CreateDate: scope.account.timestamp,
    roles: [],
  };
  iam.instanceProfiles.set(InstanceProfileName, profile);
  return profile;
}

export function deleteInstanceProfile(scope: Scope, name: string): void {
  const iam = iamOf(scope);
  if (iam.findInstanceProfile(name).roles.length > 0) {
    throw new AwsError('DeleteConflict', 'Cannot delete entity, must remove roles from instance profile first.', 409);
  }
  iam.instanceProfiles.delete(name);
}

export function createOidcProvider(scope: Scope, input: WireObject): OidcProvider {
  const iam = iamOf(scope);
  const Url = String(input.Url).replace(/^https:\/\//, '');
  const Arn = iam.arn('oidc-provider', '/', Url);
  if (iam.oidcProviders.has(Arn)) throw alreadyExists(`Provider with url ${input.Url} already exists.`);
  const provider: OidcProvider = {
    Arn,
    Url,
    CreateDate: scope.account.timestamp,
    clientIds: input.ClientIDList ?? input.ClientIdList ?? [],
    thumbprints: input.ThumbprintList ?? [],
    Tags: (input.Tags ?? []) as Tag[],
  };
  iam.oidcProviders.set(Arn, provider);
  return provider;
}

export function deleteOidcProvider(scope: Scope, arn: string): void {
  if (!iamOf(scope).oidcProviders.delete(arn)) throw noSuchEntity(`OpenIDConnect Provider not found for arn ${arn}`);
}

function alreadyExists(message: string): AwsError {
  return new AwsError('EntityAlreadyExists', message, 409);
}

function checkName(parameter: string, name: string, maxLength: number): void {
  if (name.length > maxLength) {
    const message = `1 validation error detected: Value '${name}' at '${parameter}' failed to satisfy constraint: Member must have length less than or equal to ${maxLength}`;
    throw new AwsError('ValidationError', message);
  }
  if (!/^[\w+=,.@-]+$/.test(name)) {
    throw new AwsError(
      'ValidationError',
      `The specified value for ${parameter} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
    );
  }
}
