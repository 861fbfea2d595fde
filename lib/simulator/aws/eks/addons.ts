/**
 * Add-ons: CREATING, then ACTIVE when their Pods run; those that run as Deployments need nodes, and are DEGRADED when none
 * comes in time. https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html
 *
 * The Pods are the business of whoever runs the cluster (`provider.ts`). Health is looked at when somebody asks.
 */
import { parse } from 'yaml';
import { LATENCY } from '../latencies';
import type { Scope, WireObject } from '../service';
import { ADDONS, defaultVersion } from './addon-catalog';
import { createPodIdentity } from './identities';
import { type AddonInstallation, tryClusterProvider } from './provider';
import {
  type Addon,
  type ClusterRecord,
  eksOf,
  inUse,
  invalidParameter,
  nowSeconds,
  resourceNotFound,
  startUpdate,
  type Update,
} from './state';

const POLL_MS = 10_000;
const HEALTHY_LIMIT_MS = 20 * 60_000;

export function createAddon(scope: Scope, input: WireObject): Addon {
  const record = eksOf(scope).findActive(String(input.clusterName));
  const name = String(input.addonName);
  const { name: clusterName, version } = record.cluster;
  const details = { clusterName, addonName: name };
  if (!ADDONS[name]) {
    throw invalidParameter(`Addon ${name} specified is not supported in ${version} kubernetes version`, details);
  }
  if (record.addons.has(name)) throw inUse('Addon already exists.', details);
  checkSettings(input, details);
  const addonArn = eksOf(scope).arn(`addon/${clusterName}/${name}/${eksOf(scope).uuid()}`);
  const addon: Addon = {
    addonName: name,
    clusterName,
    status: 'CREATING',
    addonVersion: String(input.addonVersion ?? defaultVersion(name, version)),
    health: { issues: [] },
    addonArn,
    createdAt: nowSeconds(scope),
    modifiedAt: nowSeconds(scope),
    serviceAccountRoleArn: input.serviceAccountRoleArn,
    configurationValues: input.configurationValues,
    resolveConflicts: input.resolveConflicts ?? 'NONE',
    podIdentityAssociations: [],
    tags: input.tags ?? {},
  };
  record.addons.set(name, addon);
  associate(scope, record, addon, input.podIdentityAssociations ?? []);
  waitUntilHealthy(scope, addon);
  return addon;
}

function checkSettings({ addonName, addonVersion, configurationValues }: WireObject, details: WireObject): void {
  if (addonVersion !== undefined && !/^v\d+\.\d+\.\d+-eksbuild\.\d+$/.test(addonVersion)) {
    throw invalidParameter('Addon version specified is not supported', details);
  }
  const allowed = ADDONS[addonName]!.settings;
  const unknown = Object.keys(parseSettings(configurationValues, details)).find((key) => !allowed.includes(key));
  if (unknown === undefined) return;
  throw invalidParameter(
    `ConfigurationValue provided in request is not supported: Json schema validation failed with error: [$.${unknown}: is not defined in the schema and the schema does not allow additional properties]`,
    details,
  );
}

/** Configuration values are JSON or YAML. */
function parseSettings(text: string | undefined, details: WireObject): Readonly<Record<string, any>> {
  if (!text) return {};
  try {
    const value = parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw invalidParameter('ConfigurationValue provided in request is not in a valid YAML or JSON format.', details);
}

/** The Pod Identity associations that an add-on brings; they go when it goes. */
function associate(scope: Scope, record: ClusterRecord, addon: Addon, wanted: readonly WireObject[]): void {
  for (const arn of addon.podIdentityAssociations) record.podIdentities.delete(arn.split('/').pop()!);
  const namespace = addon.addonName === 'amazon-cloudwatch-observability' ? 'amazon-cloudwatch' : 'kube-system';
  addon.podIdentityAssociations = wanted.map(({ serviceAccount, roleArn }) => {
    const { clusterName, addonArn: ownerArn } = addon;
    return createPodIdentity(scope, { clusterName, namespace, serviceAccount, roleArn, ownerArn }).associationArn;
  });
}

function installation({ region }: Scope, addon: Addon): AddonInstallation {
  return {
    name: addon.addonName,
    region,
    clusterName: addon.clusterName,
    version: addon.addonVersion,
    configuration: parseSettings(addon.configurationValues, {}),
    serviceAccountRoleArn: addon.serviceAccountRoleArn,
    resolveConflicts: addon.resolveConflicts,
  };
}

function waitUntilHealthy(scope: Scope, addon: Addon): void {
  const { clock } = scope.account.simulation;
  const started = clock.now();
  const end = scope.account.begin(`the add-on ${addon.addonName}`);
  const conflict = tryClusterProvider(scope)?.installAddon?.(installation(scope, addon));
  const poll = () => {
    if (addon.status !== 'CREATING') return end();
    if (conflict !== undefined) {
      addon.status = 'CREATE_FAILED';
      addon.health.issues = [{ code: 'ConfigurationConflict', message: conflict, resourceIds: [] }];
      return end();
    }
    if (isHealthy(scope, addon)) {
      addon.status = 'ACTIVE';
      return end();
    }
    if (clock.now() - started < HEALTHY_LIMIT_MS) return void clock.after(POLL_MS, poll);
    degrade(scope, addon);
    return end();
  };
  clock.after(LATENCY.addon.create, poll);
}

function healthOf(scope: Scope, addon: Addon) {
  return tryClusterProvider(scope)?.addonHealth?.(installation(scope, addon)) ?? { healthy: true as const };
}

function isHealthy(scope: Scope, addon: Addon): boolean {
  return healthOf(scope, addon).healthy;
}

function degrade(scope: Scope, addon: Addon): void {
  const health = healthOf(scope, addon);
  addon.status = 'DEGRADED';
  addon.health.issues = [
    {
      code: 'InsufficientNumberOfReplicas',
      message: "The add-on is unhealthy because it doesn't have the desired number of replicas.",
      resourceIds: health.healthy ? [] : health.pods,
    },
  ];
}

export function findAddon(scope: Scope, clusterName: string, addonName: string): Addon {
  const addon = eksOf(scope).find(clusterName).addons.get(addonName);
  if (!addon) {
    throw resourceNotFound(`No addon: ${addonName} found in cluster: ${clusterName}`, { clusterName, addonName });
  }
  // What has got better or worse since it was last looked at.
  if (addon.status === 'DEGRADED' && isHealthy(scope, addon)) {
    addon.status = 'ACTIVE';
    addon.health.issues = [];
  }
  return addon;
}

export function updateAddon(scope: Scope, input: WireObject): Update {
  const { clusterName, addonName } = input;
  const addon = findAddon(scope, clusterName, addonName);
  const record = eksOf(scope).find(clusterName);
  const details = { clusterName, addonName };
  if (addon.status === 'UPDATING' || addon.status === 'CREATING') {
    throw inUse(`Addon ${addonName} cannot be updated as it is currently in ${addon.status} State`, details);
  }
  checkSettings(input, details);
  if (input.addonVersion) addon.addonVersion = input.addonVersion;
  if (input.configurationValues !== undefined) addon.configurationValues = input.configurationValues;
  if (input.serviceAccountRoleArn) addon.serviceAccountRoleArn = input.serviceAccountRoleArn;
  if (input.podIdentityAssociations) associate(scope, record, addon, input.podIdentityAssociations);
  addon.resolveConflicts = input.resolveConflicts ?? 'NONE';
  addon.status = 'UPDATING';
  addon.modifiedAt = nowSeconds(scope);
  const params = [{ type: 'AddonVersion', value: addon.addonVersion }];
  const conflict = tryClusterProvider(scope)?.installAddon?.(installation(scope, addon));
  const update = startUpdate(
    scope,
    record,
    { type: 'AddonUpdate', params, subject: addonName },
    LATENCY.addon.update,
    () => {
      addon.status = conflict === undefined ? 'ACTIVE' : 'UPDATE_FAILED';
      if (conflict !== undefined) {
        addon.health.issues = [{ code: 'ConfigurationConflict', message: conflict, resourceIds: [] }];
      } else if (!isHealthy(scope, addon)) waitAgain(scope, addon);
    },
  );
  return update;
}

/** The new Pods are not there yet. */
function waitAgain(scope: Scope, addon: Addon): void {
  const { clock } = scope.account.simulation;
  const started = clock.now();
  const end = scope.account.begin(`the add-on ${addon.addonName}`);
  addon.status = 'UPDATING';
  const poll = () => {
    if (addon.status !== 'UPDATING') return end();
    if (isHealthy(scope, addon)) addon.status = 'ACTIVE';
    else if (clock.now() - started < HEALTHY_LIMIT_MS) return void clock.after(POLL_MS, poll);
    else degrade(scope, addon);
    return end();
  };
  clock.after(POLL_MS, poll);
}

/** @param preserve leave the add-on's software in the cluster, without EKS managing it */
export function deleteAddon(scope: Scope, clusterName: string, addonName: string, preserve = false): Addon {
  const addon = findAddon(scope, clusterName, addonName);
  if (addon.status === 'DELETING') return addon;
  addon.status = 'DELETING';
  const record = eksOf(scope).find(clusterName);
  associate(scope, record, addon, []);
  if (!preserve) tryClusterProvider(scope)?.removeAddon?.(installation(scope, addon));
  const end = scope.account.begin(`the add-on ${addonName}`);
  scope.account.simulation.clock.after(LATENCY.addon.delete, () => {
    eksOf(scope).clusters.get(clusterName)?.addons.delete(addonName);
    end();
  });
  return addon;
}
