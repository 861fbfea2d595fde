/**
 * EKS's API. https://docs.aws.amazon.com/eks/latest/APIReference/Welcome.html
 *
 * Left out: capabilities, certificate authorities, hybrid nodes, EKS Anywhere.
 */
import { restJsonProtocol } from '../http/rest-json-protocol';
import type { Call, Operations, Service, WireObject } from '../service';
import { ACCESS_POLICIES, associatePolicy, findAccessEntry, putAccessEntry } from './access-entries';
import { addonOperations } from './addon-operations';
import {
  createCluster,
  deleteCluster,
  KUBERNETES_VERSIONS,
  updateClusterConfig,
  updateClusterVersion,
} from './clusters';
import {
  createFargateProfile,
  createPodIdentity,
  deleteFargateProfile,
  findFargateProfile,
  findPodIdentity,
} from './identities';
import {
  associateIdentityProvider,
  disassociateIdentityProvider,
  findIdentityProvider,
  wireIdentityProvider,
} from './identity-providers';
import { findInsight, insightsOf } from './insights';
import {
  createNodegroup,
  deleteNodegroup,
  findNodegroup,
  updateNodegroupConfig,
  updateNodegroupVersion,
} from './nodegroups';
import { EKS_ROUTES } from './routes';
import { type AccessEntry, type AssociatedPolicy, type EksCluster, eksOf, resourceNotFound } from './state';

export const eks: Service = {
  name: 'Eks',
  signingName: 'eks',
  protocol: restJsonProtocol(EKS_ROUTES),
  operations: {
    ...clusterOperations(),
    ...nodegroupOperations(),
    ...addonOperations,
    ...accessOperations(),
    ...identityOperations(),
    ...tagOperations(),
  },
};

function wireCluster({ bootstrapSelfManagedAddons: _, ...cluster }: EksCluster): WireObject {
  return cluster;
}

function clusterOperations(): Operations {
  return {
    CreateCluster: (input, call) => ({ cluster: wireCluster(createCluster(call, input).cluster) }),
    DescribeCluster: ({ name }, call) => ({ cluster: wireCluster(eksOf(call).find(name).cluster) }),
    ListClusters: (_input, call) => ({ clusters: [...eksOf(call).clusters.keys()].sort() }),
    DeleteCluster: ({ name }, call) => ({ cluster: wireCluster(deleteCluster(call, name).cluster) }),
    UpdateClusterVersion: ({ name, version }, call) => ({ update: updateClusterVersion(call, name, String(version)) }),
    UpdateClusterConfig: (input, call) => ({ update: updateClusterConfig(call, input.name, input) }),
    ListUpdates: ({ name }, call) => ({ updateIds: [...eksOf(call).find(name).updates.keys()] }),
    DescribeUpdate: ({ name, updateId }, call) => {
      const update = eksOf(call).find(name).updates.get(updateId);
      if (!update) throw resourceNotFound(`No update found for ID: ${updateId}`, { clusterName: name });
      const { subject: _, ...members } = update;
      return { update: members };
    },
    DescribeClusterVersions: () => ({
      clusterVersions: [...KUBERNETES_VERSIONS].reverse().map((clusterVersion, i) => ({
        clusterVersion,
        clusterType: 'eks',
        defaultPlatformVersion: 'eks.1',
        defaultVersion: i === 0,
        status: i < 4 ? 'standard-support' : 'extended-support',
        versionStatus: i < 4 ? 'STANDARD_SUPPORT' : 'EXTENDED_SUPPORT',
      })),
    }),
    ListInsights: ({ clusterName, filter }, call) => ({
      insights: insightsOf(call, clusterName)
        .filter(({ insightStatus }) => filter?.statuses?.includes(insightStatus.status) ?? true)
        .map(({ recommendation: _, additionalInfo: __, resources: ___, ...summary }) => summary),
    }),
    DescribeInsight: ({ clusterName, id }, call) => ({ insight: findInsight(call, clusterName, id) }),
    ListIdentityProviderConfigs: ({ clusterName }, call) => {
      const names = [...eksOf(call).find(clusterName).identityProviders.keys()];
      return { identityProviderConfigs: names.map((name) => ({ type: 'oidc', name })) };
    },
    AssociateIdentityProviderConfig: (input, call) => {
      const { identityProviderConfigName: name } = associateIdentityProvider(call, input);
      return { update: identityUpdate(call, 'AssociateIdentityProviderConfig', name), tags: input.tags };
    },
    DescribeIdentityProviderConfig: ({ clusterName, identityProviderConfig: { name } }, call) => ({
      identityProviderConfig: { oidc: wireIdentityProvider(findIdentityProvider(call, clusterName, name)) },
    }),
    DisassociateIdentityProviderConfig: ({ clusterName, identityProviderConfig: { name } }, call) => {
      disassociateIdentityProvider(call, clusterName, name);
      return { update: identityUpdate(call, 'DisassociateIdentityProviderConfig', name) };
    },
  };
}

function identityUpdate(call: Call, type: string, name: string): WireObject {
  const params = [{ type: 'IdentityProviderConfig', value: name }];
  return { id: eksOf(call).uuid(), status: 'InProgress', type, params, createdAt: call.account.now / 1000, errors: [] };
}

function nodegroupOperations(): Operations {
  return {
    CreateNodegroup: (input, call) => ({ nodegroup: createNodegroup(call, input) }),
    DescribeNodegroup: (input, call) => ({ nodegroup: findNodegroup(call, input.clusterName, input.nodegroupName) }),
    ListNodegroups: ({ clusterName }, call) => ({
      nodegroups: [...eksOf(call).find(clusterName).nodegroups.keys()].sort(),
    }),
    DeleteNodegroup: (input, call) => ({ nodegroup: deleteNodegroup(call, input.clusterName, input.nodegroupName) }),
    UpdateNodegroupConfig: (input, call) => ({
      update: updateNodegroupConfig(call, input.clusterName, input.nodegroupName, input),
    }),
    UpdateNodegroupVersion: (input, call) => ({
      update: updateNodegroupVersion(call, input.clusterName, input.nodegroupName, input),
    }),
  };
}

function accessOperations(): Operations {
  const find = ({ clusterName, principalArn }: WireObject, call: Call) =>
    findAccessEntry(eksOf(call).find(clusterName), principalArn);
  return {
    CreateAccessEntry: (input, call) => ({
      accessEntry: wireEntry(putAccessEntry(call, eksOf(call).findActive(input.clusterName), input)),
    }),
    DescribeAccessEntry: (input, call) => ({ accessEntry: wireEntry(find(input, call)) }),
    ListAccessEntries: ({ clusterName }, call) => ({
      accessEntries: [...eksOf(call).find(clusterName).accessEntries.keys()].sort(),
    }),
    UpdateAccessEntry: (input, call) => {
      const entry = find(input, call);
      if (input.kubernetesGroups) entry.kubernetesGroups = input.kubernetesGroups;
      if (input.username) entry.username = input.username;
      return { accessEntry: wireEntry(entry) };
    },
    DeleteAccessEntry: (input, call) => {
      find(input, call);
      eksOf(call).find(input.clusterName).accessEntries.delete(input.principalArn);
      return {};
    },
    AssociateAccessPolicy: (input, call) => ({
      clusterName: input.clusterName,
      principalArn: input.principalArn,
      associatedAccessPolicy: wirePolicy(associatePolicy(call, find(input, call), input)),
    }),
    DisassociateAccessPolicy: (input, call) => {
      const entry = find(input, call);
      entry.policies = entry.policies.filter(({ policyArn }) => policyArn !== input.policyArn);
      return {};
    },
    ListAssociatedAccessPolicies: (input, call) => ({
      clusterName: input.clusterName,
      principalArn: input.principalArn,
      associatedAccessPolicies: find(input, call).policies.map(wirePolicy),
    }),
    ListAccessPolicies: () => ({
      accessPolicies: ACCESS_POLICIES.map((name) => ({ name, arn: `arn:aws:eks::aws:cluster-access-policy/${name}` })),
    }),
  };
}

function wireEntry({ policies: _, ...entry }: AccessEntry): WireObject {
  return entry;
}

function wirePolicy({ accessScope, ...policy }: AssociatedPolicy): WireObject {
  return { ...policy, accessScope: { namespaces: [], ...accessScope } };
}

function identityOperations(): Operations {
  return {
    CreatePodIdentityAssociation: (input, call) => ({ association: createPodIdentity(call, input) }),
    DescribePodIdentityAssociation: (input, call) => ({
      association: findPodIdentity(call, input.clusterName, input.associationId),
    }),
    ListPodIdentityAssociations: ({ clusterName }, call) => ({
      associations: [...eksOf(call).find(clusterName).podIdentities.values()].map(
        ({ namespace, serviceAccount, associationArn, associationId }) => ({
          clusterName,
          namespace,
          serviceAccount,
          associationArn,
          associationId,
        }),
      ),
    }),
    DeletePodIdentityAssociation: (input, call) => {
      const association = findPodIdentity(call, input.clusterName, input.associationId);
      eksOf(call).find(input.clusterName).podIdentities.delete(input.associationId);
      return { association };
    },
    CreateFargateProfile: (input, call) => ({ fargateProfile: createFargateProfile(call, input) }),
    DescribeFargateProfile: (input, call) => ({
      fargateProfile: findFargateProfile(call, input.clusterName, input.fargateProfileName),
    }),
    ListFargateProfiles: ({ clusterName }, call) => ({
      fargateProfileNames: [...eksOf(call).find(clusterName).fargateProfiles.keys()].sort(),
    }),
    DeleteFargateProfile: (input, call) => ({
      fargateProfile: deleteFargateProfile(call, input.clusterName, input.fargateProfileName),
    }),
  };
}

function tagOperations(): Operations {
  const find = (call: Call, arn: string): { tags: Readonly<Record<string, string>> } => {
    for (const { cluster, nodegroups, addons } of eksOf(call).clusters.values()) {
      if (cluster.arn === arn) return cluster;
      for (const group of nodegroups.values()) if (group.nodegroupArn === arn) return group;
      for (const addon of addons.values()) if (addon.addonArn === arn) return addon;
    }
    throw resourceNotFound(`Resource ${arn} was not found`);
  };
  return {
    TagResource: (input, call) => {
      const resource = find(call, input.resourceArn);
      resource.tags = { ...resource.tags, ...input.tags };
      return {};
    },
    UntagResource: (input, call) => {
      const resource = find(call, input.resourceArn);
      const gone = new Set([input.tagKeys ?? []].flat());
      resource.tags = Object.fromEntries(Object.entries(resource.tags).filter(([key]) => !gone.has(key)));
      return {};
    },
    ListTagsForResource: (input, call) => ({ tags: find(call, input.resourceArn).tags }),
  };
}
