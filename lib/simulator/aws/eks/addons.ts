/**
 * Add-ons: CREATING, then ACTIVE; those that run as Deployments need nodes, and are DEGRADED when none comes in time.
 * https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html
 *
 * Left out: an add-on's Pods; configuration schemas; conflicts with self-managed installations.
 */
import { LATENCY } from '../latencies';
import type { Scope, WireObject } from '../service';
import { type Addon, type ClusterRecord, eksOf, inUse, invalidParameter, nowSeconds, resourceNotFound } from './state';

/** The default version for Kubernetes 1.35, and whether the add-on's Pods need a node to be healthy. */
export const ADDONS: Readonly<Record<string, { readonly version: string; readonly needsNodes: boolean }>> = {
  'vpc-cni': { version: 'v1.20.4-eksbuild.2', needsNodes: false },
  'kube-proxy': { version: 'v1.35.0-eksbuild.2', needsNodes: false },
  coredns: { version: 'v1.12.4-eksbuild.1', needsNodes: true },
  'eks-pod-identity-agent': { version: 'v1.3.10-eksbuild.1', needsNodes: false },
  'eks-node-monitoring-agent': { version: 'v1.4.1-eksbuild.1', needsNodes: false },
  'aws-ebs-csi-driver': { version: 'v1.53.0-eksbuild.1', needsNodes: true },
  'aws-efs-csi-driver': { version: 'v2.1.15-eksbuild.1', needsNodes: true },
  'metrics-server': { version: 'v0.8.0-eksbuild.5', needsNodes: true },
  'snapshot-controller': { version: 'v8.3.0-eksbuild.2', needsNodes: true },
  'amazon-cloudwatch-observability': { version: 'v4.7.0-eksbuild.1', needsNodes: true },
};

const POLL_MS = 10_000;
const NODES_LIMIT_MS = 20 * 60_000;

export function createAddon(scope: Scope, input: WireObject): Addon {
  const record = eksOf(scope).findActive(String(input.clusterName));
  const name = String(input.addonName);
  const details = { clusterName: record.cluster.name, addonName: name };
  const known = ADDONS[name];
  if (!known)
    throw invalidParameter(
      `Addon ${name} specified is not supported in ${record.cluster.version} kubernetes version`,
      details,
    );
  if (record.addons.has(name)) throw inUse('Addon already exists.', details);
  const addon: Addon = {
    addonName: name,
    clusterName: record.cluster.name,
    status: 'CREATING',
    addonVersion: String(input.addonVersion ?? known.version),
    health: { issues: [] },
    addonArn: eksOf(scope).arn(`addon/${record.cluster.name}/${name}/${eksOf(scope).uuid()}`),
    createdAt: nowSeconds(scope),
    modifiedAt: nowSeconds(scope),
    serviceAccountRoleArn: input.serviceAccountRoleArn,
    configurationValues: input.configurationValues,
    tags: input.tags ?? {},
  };
  record.addons.set(name, addon);
  waitUntilHealthy(scope, record, addon, known.needsNodes);
  return addon;
}

function waitUntilHealthy(scope: Scope, record: ClusterRecord, addon: Addon, needsNodes: boolean): void {
  const { clock } = scope.account.simulation;
  const started = clock.now();
  const end = scope.account.begin(`the add-on ${addon.addonName}`);
  const poll = () => {
    if (addon.status !== 'CREATING') return end();
    if (!needsNodes || [...record.nodegroups.values()].some(({ status }) => status === 'ACTIVE')) {
      addon.status = 'ACTIVE';
      return end();
    }
    if (clock.now() - started < NODES_LIMIT_MS) return void clock.after(POLL_MS, poll);
    addon.status = 'DEGRADED';
    addon.health.issues = [
      {
        code: 'InsufficientNumberOfReplicas',
        message: "The add-on is unhealthy because it doesn't have the desired number of replicas.",
        resourceIds: [],
      },
    ];
    return end();
  };
  clock.after(LATENCY.addon.create, poll);
}

export function findAddon(scope: Scope, clusterName: string, addonName: string): Addon {
  const addon = eksOf(scope).find(clusterName).addons.get(addonName);
  if (!addon)
    throw resourceNotFound(`No addon: ${addonName} found in cluster: ${clusterName}`, { clusterName, addonName });
  return addon;
}

export function deleteAddon(scope: Scope, clusterName: string, addonName: string): Addon {
  const addon = findAddon(scope, clusterName, addonName);
  if (addon.status === 'DELETING') return addon;
  addon.status = 'DELETING';
  const end = scope.account.begin(`the add-on ${addonName}`);
  scope.account.simulation.clock.after(LATENCY.addon.delete, () => {
    eksOf(scope).clusters.get(clusterName)?.addons.delete(addonName);
    end();
  });
  return addon;
}
