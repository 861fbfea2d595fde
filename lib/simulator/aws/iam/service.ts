/**
 * IAM's API. https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
 *
 * Left out: users, groups, access keys, SAML, policy simulation.
 */
import { queryProtocol } from '../http/query-protocol';
import type { Operations, Service, WireObject } from '../service';
import {
  attachRolePolicy,
  createInstanceProfile,
  createManagedPolicy,
  createOidcProvider,
  createRole,
  createServiceLinkedRole,
  deleteInstanceProfile,
  deleteManagedPolicy,
  deleteOidcProvider,
  deleteRole,
} from './roles';
import { type IamState, type InstanceProfile, iamOf, type ManagedPolicy, noSuchEntity, type Role } from './state';

export const iam: Service = {
  name: 'Iam',
  signingName: 'iam',
  version: '2010-05-08',
  protocol: queryProtocol,
  operations: {
    GetUser: (_input, call) => ({
      User: {
        UserName: 'drydock',
        UserId: 'AIDADRYDOCKXXXXXXXXXX',
        Arn: call.account.userArn,
        Path: '/',
        CreateDate: call.account.timestamp,
      },
    }),
    ...roleOperations(),
    ...policyOperations(),
    ...profileOperations(),
    ...providerOperations(),
  },
};

function roleOperations(): Operations {
  return {
    CreateRole: (input, call) => ({ Role: wireRole(createRole(call, input)) }),
    CreateServiceLinkedRole: (input, call) => ({ Role: wireRole(createServiceLinkedRole(call, input)) }),
    GetRole: (input, call) => ({ Role: wireRole(iamOf(call).findRole(input.RoleName)) }),
    ListRoles: (_input, call) => ({ Roles: [...iamOf(call).roles.values()].map(wireRole), IsTruncated: false }),
    DeleteRole: (input, call) => {
      deleteRole(call, input.RoleName);
      return {};
    },
    UpdateAssumeRolePolicy: (input, call) => {
      iamOf(call).findRole(input.RoleName).AssumeRolePolicyDocument = input.PolicyDocument;
      return {};
    },
    ListRoleTags: (input, call) => ({ Tags: iamOf(call).findRole(input.RoleName).Tags, IsTruncated: false }),
    AttachRolePolicy: (input, call) => {
      attachRolePolicy(call, input.RoleName, input.PolicyArn);
      return {};
    },
    DetachRolePolicy: (input, call) => {
      if (!iamOf(call).findRole(input.RoleName).attached.delete(input.PolicyArn)) {
        throw noSuchEntity(`Policy ${input.PolicyArn} was not found.`);
      }
      return {};
    },
    ListAttachedRolePolicies: (input, call) => ({
      AttachedPolicies: [...iamOf(call).findRole(input.RoleName).attached].map((PolicyArn) => ({
        PolicyName: PolicyArn.split('/').pop(),
        PolicyArn,
      })),
      IsTruncated: false,
    }),
    PutRolePolicy: (input, call) => {
      iamOf(call).findRole(input.RoleName).inline.set(input.PolicyName, input.PolicyDocument);
      return {};
    },
    GetRolePolicy: (input, call) => {
      const document = iamOf(call).findRole(input.RoleName).inline.get(input.PolicyName);
      if (document === undefined) throw noSuchEntity(`The role policy with name ${input.PolicyName} cannot be found.`);
      return { RoleName: input.RoleName, PolicyName: input.PolicyName, PolicyDocument: documentText(document) };
    },
    ListRolePolicies: (input, call) => ({
      PolicyNames: [...iamOf(call).findRole(input.RoleName).inline.keys()],
      IsTruncated: false,
    }),
    DeleteRolePolicy: (input, call) => {
      iamOf(call).findRole(input.RoleName).inline.delete(input.PolicyName);
      return {};
    },
    ListInstanceProfilesForRole: (input, call) => ({
      InstanceProfiles: [...iamOf(call).instanceProfiles.values()]
        .filter(({ roles }) => roles.includes(input.RoleName))
        .map((profile) => wireProfile(iamOf(call), profile)),
      IsTruncated: false,
    }),
  };
}

function policyOperations(): Operations {
  const find = (state: IamState, arn: string) => {
    const policy = state.policies.get(arn);
    if (!policy) throw noSuchEntity(`Policy ${arn} was not found.`);
    return policy;
  };
  return {
    CreatePolicy: (input, call) => ({ Policy: wirePolicy(createManagedPolicy(call, input)) }),
    GetPolicy: (input, call) => ({ Policy: wirePolicy(find(iamOf(call), input.PolicyArn)) }),
    GetPolicyVersion: (input, call) => {
      const { document, version, CreateDate } = find(iamOf(call), input.PolicyArn);
      const VersionId = `v${version}`;
      return { PolicyVersion: { Document: documentText(document), VersionId, IsDefaultVersion: true, CreateDate } };
    },
    ListPolicies: (_input, call) => ({
      Policies: [...iamOf(call).policies.values()].map(wirePolicy),
      IsTruncated: false,
    }),
    DeletePolicy: (input, call) => {
      deleteManagedPolicy(call, input.PolicyArn);
      return {};
    },
  };
}

function profileOperations(): Operations {
  return {
    CreateInstanceProfile: (input, call) => ({
      InstanceProfile: wireProfile(iamOf(call), createInstanceProfile(call, input)),
    }),
    GetInstanceProfile: (input, call) => ({
      InstanceProfile: wireProfile(iamOf(call), iamOf(call).findInstanceProfile(input.InstanceProfileName)),
    }),
    ListInstanceProfiles: (_input, call) => ({
      InstanceProfiles: [...iamOf(call).instanceProfiles.values()].map((profile) => wireProfile(iamOf(call), profile)),
      IsTruncated: false,
    }),
    AddRoleToInstanceProfile: (input, call) => {
      iamOf(call).findRole(input.RoleName);
      iamOf(call).findInstanceProfile(input.InstanceProfileName).roles = [input.RoleName];
      return {};
    },
    RemoveRoleFromInstanceProfile: (input, call) => {
      const profile = iamOf(call).findInstanceProfile(input.InstanceProfileName);
      profile.roles = profile.roles.filter((role) => role !== input.RoleName);
      return {};
    },
    DeleteInstanceProfile: (input, call) => {
      deleteInstanceProfile(call, input.InstanceProfileName);
      return {};
    },
  };
}

function providerOperations(): Operations {
  return {
    CreateOpenIDConnectProvider: (input, call) => ({ OpenIDConnectProviderArn: createOidcProvider(call, input).Arn }),
    ListOpenIDConnectProviders: (_input, call) => ({
      OpenIDConnectProviderList: [...iamOf(call).oidcProviders.keys()].map((Arn) => ({ Arn })),
    }),
    GetOpenIDConnectProvider: (input, call) => {
      const provider = iamOf(call).oidcProviders.get(input.OpenIDConnectProviderArn);
      if (!provider) throw noSuchEntity(`OpenIDConnect Provider not found for arn ${input.OpenIDConnectProviderArn}`);
      const { Url, clientIds, thumbprints, CreateDate, Tags } = provider;
      return { Url, ClientIDList: clientIds, ThumbprintList: thumbprints, CreateDate, Tags };
    },
    DeleteOpenIDConnectProvider: (input, call) => {
      deleteOidcProvider(call, input.OpenIDConnectProviderArn);
      return {};
    },
  };
}

/** IAM answers policy documents percent-encoded. */
function documentText(document: unknown): string {
  return encodeURIComponent(typeof document === 'string' ? document : JSON.stringify(document));
}

function wireRole(role: Role): WireObject {
  const { attached: _, inline: __, PermissionsBoundary, ...members } = role;
  return {
    ...members,
    AssumeRolePolicyDocument: documentText(role.AssumeRolePolicyDocument),
    PermissionsBoundary: PermissionsBoundary && {
      PermissionsBoundaryType: 'Policy',
      PermissionsBoundaryArn: PermissionsBoundary,
    },
  };
}

function wirePolicy(policy: ManagedPolicy): WireObject {
  const { document: _, version, ...members } = policy;
  return { ...members, DefaultVersionId: `v${version}`, IsAttachable: true };
}

function wireProfile(state: IamState, profile: InstanceProfile): WireObject {
  const { roles, ...members } = profile;
  return { ...members, Roles: roles.flatMap((name) => state.roles.get(name) ?? []).map(wireRole) };
}
