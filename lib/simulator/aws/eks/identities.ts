/**
 * Pod Identity associations and Fargate profiles.
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
 * https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html
 *
 * Left out: credentials inside Pods.
 */
import { LATENCY } from '../latencies';
import type { Scope, WireObject } from '../service';
import { tryClusterProvider } from './provider';
import { eksOf, type FargateProfile, inUse, nowSeconds, type PodIdentityAssociation, resourceNotFound } from './state';

export function createPodIdentity(scope: Scope, input: WireObject): PodIdentityAssociation {
  const record = eksOf(scope).findActive(String(input.clusterName));
  const clusterName = record.cluster.name;
  const { namespace, serviceAccount } = input;
  const taken = [...record.podIdentities.values()].find(
    (item) => item.namespace === namespace && item.serviceAccount === serviceAccount,
  );
  if (taken) throw inUse(`Association already exists: ${taken.associationId}`, { clusterName });
  const associationId = `a-${eksOf(scope).hex(17)}`;
  const association: PodIdentityAssociation = {
    associationId,
    associationArn: eksOf(scope).arn(`podidentityassociation/${clusterName}/${associationId}`),
    clusterName,
    namespace: String(namespace),
    serviceAccount: String(serviceAccount),
    roleArn: String(input.roleArn),
    ownerArn: input.ownerArn,
    createdAt: nowSeconds(scope),
    modifiedAt: nowSeconds(scope),
    tags: input.tags ?? {},
  };
  record.podIdentities.set(associationId, association);
  return association;
}

export function findPodIdentity(scope: Scope, clusterName: string, id: string): PodIdentityAssociation {
  const association = eksOf(scope).find(clusterName).podIdentities.get(id);
  if (!association) throw resourceNotFound(`No association found with associationId: ${id}`, { clusterName });
  return association;
}

export function createFargateProfile(scope: Scope, input: WireObject): FargateProfile {
  const record = eksOf(scope).findActive(String(input.clusterName));
  const name = String(input.fargateProfileName);
  const clusterName = record.cluster.name;
  if (record.fargateProfiles.has(name))
    throw inUse(`A Fargate Profile already exists with this name.`, { clusterName });
  if ([...record.fargateProfiles.values()].some(({ status }) => status === 'CREATING' || status === 'DELETING')) {
    throw inUse(
      `Cannot create Fargate Profile ${name} because cluster ${clusterName} currently has another Fargate profile in status CREATING or DELETING`,
      { clusterName },
    );
  }
  const profile: FargateProfile = {
    fargateProfileName: name,
    fargateProfileArn: eksOf(scope).arn(`fargateprofile/${clusterName}/${name}/${eksOf(scope).uuid()}`),
    clusterName,
    createdAt: nowSeconds(scope),
    podExecutionRoleArn: String(input.podExecutionRoleArn),
    subnets: input.subnets ?? [],
    selectors: input.selectors ?? [],
    status: 'CREATING',
    tags: input.tags ?? {},
  };
  record.fargateProfiles.set(name, profile);
  later(scope, LATENCY.fargateProfile.create, `the Fargate profile ${name}`, () => {
    if (profile.status === 'CREATING') profile.status = 'ACTIVE';
  });
  return profile;
}

export function findFargateProfile(scope: Scope, clusterName: string, name: string): FargateProfile {
  const profile = eksOf(scope).find(clusterName).fargateProfiles.get(name);
  if (!profile) throw resourceNotFound(`No Fargate Profile found with name: ${name}.`, { clusterName });
  return profile;
}

export function deleteFargateProfile(scope: Scope, clusterName: string, name: string): FargateProfile {
  const profile = findFargateProfile(scope, clusterName, name);
  if (profile.status === 'DELETING') return profile;
  const others = [...eksOf(scope).find(clusterName).fargateProfiles.values()];
  if (others.some(({ status }) => status === 'CREATING' || status === 'DELETING')) {
    throw inUse(
      `Cannot delete Fargate Profile ${name} because cluster ${clusterName} currently has Fargate profile in status CREATING or DELETING`,
      { clusterName },
    );
  }
  profile.status = 'DELETING';
  tryClusterProvider(scope)?.fargateProfileGone?.({ clusterName, profileName: name });
  later(scope, LATENCY.fargateProfile.delete, `the Fargate profile ${name}`, () => {
    eksOf(scope).clusters.get(clusterName)?.fargateProfiles.delete(name);
  });
  return profile;
}

function later(scope: Scope, delay: number, what: string, action: () => void): void {
  const end = scope.account.begin(what);
  scope.account.simulation.clock.after(delay, () => {
    action();
    end();
  });
}
