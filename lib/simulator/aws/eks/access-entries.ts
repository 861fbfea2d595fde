/**
 * Access entries: which IAM principal is which Kubernetes user, in which groups, with which of EKS's own policies.
 * https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
 *
 * What the policies allow is in `bridge/access-policies.ts`: the cluster's authorizer asks there.
 */
import type { Scope, WireObject } from '../service';
import {
  type AccessEntry,
  type AssociatedPolicy,
  type ClusterRecord,
  eksOf,
  inUse,
  invalidParameter,
  nowSeconds,
  resourceNotFound,
} from './state';

export interface KubernetesIdentity {
  readonly username: string;
  readonly groups: readonly string[];
}

export function putAccessEntry(scope: Scope, record: ClusterRecord, input: WireObject): AccessEntry {
  const principalArn = String(input.principalArn);
  const { cluster, accessEntries } = record;
  if (accessEntries.has(principalArn)) {
    throw inUse('The specified access entry resource is already in use on this cluster.', {
      clusterName: cluster.name,
    });
  }
  if (!/^arn:aws[a-z-]*:iam::\d{12}:(user|role)\//.test(principalArn)) {
    throw invalidParameter('The specified principalArn is invalid: invalid principal.', { clusterName: cluster.name });
  }
  const type = String(input.type ?? 'STANDARD');
  const [, accountId, kind, name] = /::(\d{12}):(user|role)\/(?:.*\/)?([^/]+)$/.exec(principalArn)!;
  const entry: AccessEntry = {
    clusterName: cluster.name,
    principalArn,
    accessEntryArn: eksOf(scope).arn(
      `access-entry/${cluster.name}/${kind}/${accountId}/${name}/${eksOf(scope).uuid()}`,
    ),
    createdAt: nowSeconds(scope),
    modifiedAt: nowSeconds(scope),
    kubernetesGroups: type === 'STANDARD' ? (input.kubernetesGroups ?? []) : ['system:nodes'],
    username: String(input.username ?? defaultUsername(principalArn, type)),
    type,
    tags: input.tags ?? {},
    policies: [],
  };
  accessEntries.set(principalArn, entry);
  for (const policy of input.accessPolicies ?? []) associatePolicy(scope, entry, policy);
  return entry;
}

function defaultUsername(principalArn: string, type: string): string {
  if (type !== 'STANDARD') return 'system:node:{{EC2PrivateDNSName}}';
  const role = /^arn:aws[a-z-]*:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(principalArn);
  return role ? `arn:aws:sts::${role[1]}:assumed-role/${role[2]}/{{SessionName}}` : principalArn;
}

export function findAccessEntry(record: ClusterRecord, principalArn: string): AccessEntry {
  const entry = record.accessEntries.get(principalArn);
  if (!entry) {
    throw resourceNotFound(
      `The specified principalArn could not be found. You can view your available access entries with 'list-access-entries'.`,
      { clusterName: record.cluster.name },
    );
  }
  return entry;
}

export const ACCESS_POLICIES: readonly string[] = [
  'AmazonEKSAdminPolicy',
  'AmazonEKSAdminViewPolicy',
  'AmazonEKSClusterAdminPolicy',
  'AmazonEKSEditPolicy',
  'AmazonEKSSecretReaderPolicy',
  'AmazonEKSViewPolicy',
];

export function associatePolicy(scope: Scope, entry: AccessEntry, input: WireObject): AssociatedPolicy {
  const policyArn = String(input.policyArn);
  if (!/^arn:aws[a-z-]*:eks::aws:cluster-access-policy\/\w+$/.test(policyArn)) {
    throw invalidParameter('The policyArn parameter format is not valid');
  }
  const name = policyArn.slice(policyArn.lastIndexOf('/') + 1);
  if (!ACCESS_POLICIES.includes(name)) {
    throw invalidParameter(`The access policy ${name} is not simulated; these are: ${ACCESS_POLICIES.join(', ')}`);
  }
  const now = nowSeconds(scope);
  const policy = {
    policyArn,
    accessScope: input.accessScope ?? { type: 'cluster' },
    associatedAt: now,
    modifiedAt: now,
  };
  entry.policies = [...entry.policies.filter((item) => item.policyArn !== policyArn), policy];
  return policy;
}

const ASSUMED_ROLE = /^arn:aws[a-z-]*:sts::(\d+):assumed-role\/([^/]+)\/(.+)$/;

/** The entry of a user, or of the role that a session has assumed. */
export function tryFindAccessEntry(record: ClusterRecord, principalArn: string): AccessEntry | undefined {
  const session = ASSUMED_ROLE.exec(principalArn);
  const isSameRole = (arn: string) =>
    session && arn.startsWith(`arn:aws:iam::${session[1]}:role/`) && arn.endsWith(`/${session[2]}`);
  return [...record.accessEntries.values()].find(
    (item) => item.principalArn === principalArn || isSameRole(item.principalArn),
  );
}

/** Who an IAM principal is in the cluster. Undefined when no entry names it. */
export function tryKubernetesIdentity(record: ClusterRecord, principalArn: string): KubernetesIdentity | undefined {
  const entry = tryFindAccessEntry(record, principalArn);
  if (!entry) return undefined;
  const session = ASSUMED_ROLE.exec(principalArn);
  return {
    username: entry.username
      .replace('{{SessionName}}', session?.[3] ?? '')
      .replace('{{AccountID}}', session?.[1] ?? ''),
    groups: entry.kubernetesGroups,
  };
}
