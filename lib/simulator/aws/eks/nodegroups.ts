/**
 * Managed node groups: an Auto Scaling group of instances that join the cluster.
 * https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
 *
 * CREATING until as many nodes are Ready as are desired, at least two and a half minutes; CREATE_FAILED after 25 minutes.
 * Left out: draining before termination (the node goes with its instance), spot interruptions, warm pools.
 */
import {
  type AutoScalingGroup,
  autoScalingGroupsOf,
  createGroup,
  deleteGroup,
  instancesOf,
  reconcile,
} from '../autoscaling/groups';
import { findInstanceType } from '../ec2/instance-types';
import { INSTANCE_STATES, type Instance, type NewInstance, terminateInstance } from '../ec2/instances';
import { findLaunchTemplateVersion } from '../ec2/launch-templates';
import { ec2Of, ec2Tags } from '../ec2/state';
import { iamOf } from '../iam/state';
import { LATENCY } from '../latencies';
import type { Scope, WireObject } from '../service';
import { tagsFromMap } from '../tags';
import { putAccessEntry } from './access-entries';
import { MAX_KUBELET_SKEW, minorOf } from './insights';
import { tryClusterProvider } from './provider';
import {
  type ClusterRecord,
  eksOf,
  inUse,
  invalidParameter,
  type Nodegroup,
  nowSeconds,
  resourceNotFound,
  startUpdate,
  type Update,
} from './state';

const POLL_MS = 10_000;
const JOIN_LIMIT_MS = 25 * 60_000;

export function createNodegroup(scope: Scope, input: WireObject): Nodegroup {
  const record = eksOf(scope).findActive(String(input.clusterName));
  checkNodegroup(scope, record, input);
  const group = newNodegroup(scope, record, input);
  record.nodegroups.set(group.nodegroupName, group);
  const { authenticationMode } = record.cluster.accessConfig;
  if (authenticationMode !== 'CONFIG_MAP' && !record.accessEntries.has(group.nodeRole)) {
    putAccessEntry(scope, record, { principalArn: group.nodeRole, type: 'EC2_LINUX' });
  }
  const [scaling] = group.resources.autoScalingGroups;
  createGroup(scope, {
    name: scaling!.name,
    minSize: group.scalingConfig.minSize,
    maxSize: group.scalingConfig.maxSize,
    desiredCapacity: group.scalingConfig.desiredSize,
    subnetIds: group.subnets,
    launch: launchOf(scope, record, group),
    tags: ownedTags(group),
  });
  waitForNodes(scope, group);
  return group;
}

function checkNodegroup(scope: Scope, record: ClusterRecord, input: WireObject): void {
  const name = String(input.nodegroupName);
  const details = { clusterName: record.cluster.name, nodegroupName: name };
  if (record.nodegroups.has(name)) {
    throw inUse(`NodeGroup already exists with name ${name} and cluster name ${record.cluster.name}`, details);
  }
  scope.account.faults.checkQuota('L-6D54EA21', record.nodegroups.size);
  const subnets: string[] = input.subnets ?? [];
  if (subnets.length === 0) throw invalidParameter('Subnets cannot be empty', details);
  for (const id of subnets) {
    if (!ec2Of(scope).subnets.has(id)) throw invalidParameter(`The subnet ID '${id}' does not exist`, details);
  }
  if (!iamOf(scope).roles.has(String(input.nodeRole).split('/').pop()!)) {
    throw invalidParameter(`The provided role doesn't exist: ${input.nodeRole}`, details);
  }
  const { minSize = 1, maxSize = 2, desiredSize = minSize } = input.scalingConfig ?? {};
  if (Number(minSize) > Number(maxSize))
    throw invalidParameter(
      'Minimum capacity ' + `${minSize} can't be greater than maximum capacity ${maxSize}`,
      details,
    );
  if (Number(desiredSize) > Number(maxSize))
    throw invalidParameter(`desired capacity ${desiredSize} can't be greater than max size ${maxSize}`, details);
  if (Number(desiredSize) < Number(minSize))
    throw invalidParameter(`desired capacity ${desiredSize} can't be less than min size ${minSize}`, details);
  for (const type of input.instanceTypes ?? []) findInstanceType(type);
  checkVersion(record, String(input.version ?? record.cluster.version), details);
  checkArchitecture(input, details);
}

/** Machines are never newer than the control plane, and not too old for it. */
function checkVersion({ cluster }: ClusterRecord, version: string, details: WireObject): void {
  const skew = minorOf(cluster.version) - minorOf(version);
  if (skew >= 0 && skew <= MAX_KUBELET_SKEW) return;
  throw invalidParameter(
    `Nodegroup Kubernetes version ${version} is not supported with cluster version ${cluster.version}`,
    details,
  );
}

/** @throws InvalidParameterException when the image is for other processors, or for GPUs that the machines do not have */
function checkArchitecture({ amiType, instanceTypes }: WireObject, details: WireObject): void {
  if (!amiType || amiType === 'CUSTOM' || !instanceTypes) return;
  const isArm = /ARM/.test(amiType);
  const needsGpu = /NVIDIA|GPU/.test(amiType);
  const wrong = (instanceTypes as string[]).filter((name) => {
    const { architecture, gpus } = findInstanceType(name);
    return (architecture === 'arm64') !== isArm || (needsGpu && gpus === 0);
  });
  if (wrong.length === 0) return;
  throw invalidParameter(
    `[${wrong.join(', ')}] is not a valid instance type for requested amiType ${amiType}`,
    details,
  );
}

function newNodegroup(scope: Scope, record: ClusterRecord, input: WireObject): Nodegroup {
  const eks = eksOf(scope);
  const name = String(input.nodegroupName);
  const { name: clusterName, version } = record.cluster;
  const id = eks.uuid();
  const { minSize = 1, maxSize = 2, desiredSize } = input.scalingConfig ?? {};
  const template = input.launchTemplate && templateOf(scope, input.launchTemplate);
  const instanceTypes: string[] = input.instanceTypes ?? [template?.data.InstanceType ?? 't3.medium'];
  const isArm = findInstanceType(instanceTypes[0]!).architecture === 'arm64';
  return {
    nodegroupName: name,
    nodegroupArn: eks.arn(`nodegroup/${clusterName}/${name}/${id}`),
    clusterName,
    createdAt: nowSeconds(scope),
    modifiedAt: nowSeconds(scope),
    version: String(input.version ?? version),
    releaseVersion: String(input.releaseVersion ?? `${input.version ?? version}.0-20260101`),
    status: 'CREATING',
    capacityType: String(input.capacityType ?? 'ON_DEMAND'),
    scalingConfig: {
      minSize: Number(minSize),
      maxSize: Number(maxSize),
      desiredSize: Number(desiredSize ?? minSize),
    },
    instanceTypes,
    subnets: [...input.subnets],
    amiType: String(input.amiType ?? (isArm ? 'AL2023_ARM_64_STANDARD' : 'AL2023_x86_64_STANDARD')),
    nodeRole: String(input.nodeRole),
    labels: input.labels ?? {},
    taints: input.taints ?? [],
    resources: { autoScalingGroups: [{ name: `eks-${name}-${id}` }] },
    diskSize: template ? undefined : Number(input.diskSize ?? 20),
    health: { issues: [] },
    updateConfig: input.updateConfig ?? { maxUnavailable: 1 },
    nodeRepairConfig: input.nodeRepairConfig,
    launchTemplate: template && {
      id: template.template.launchTemplateId,
      name: template.template.launchTemplateName,
      version: String(template.version),
    },
    tags: input.tags ?? {},
  };
}

function templateOf(scope: Scope, input: WireObject) {
  const version = input.version === undefined ? undefined : String(input.version);
  return findLaunchTemplateVersion(scope, { id: input.id, name: input.name, version });
}

function ownedTags({ clusterName, nodegroupName, scalingConfig: _ }: Nodegroup): Record<string, string> {
  return {
    'eks:cluster-name': clusterName,
    'eks:nodegroup-name': nodegroupName,
    'k8s.io/cluster-autoscaler/enabled': 'true',
    [`k8s.io/cluster-autoscaler/${clusterName}`]: 'owned',
    [`kubernetes.io/cluster/${clusterName}`]: 'owned',
  };
}

function launchOf(scope: Scope, { cluster }: ClusterRecord, group: Nodegroup): Omit<NewInstance, 'subnetId'> {
  const data = group.launchTemplate ? templateOf(scope, group.launchTemplate).data : {};
  const device: WireObject | undefined = data.BlockDeviceMappings?.[0]?.Ebs;
  const ownGroups: string[] | undefined = data.SecurityGroupIds ?? data.NetworkInterfaces?.[0]?.Groups;
  const templateTags: { Key: string; Value: string }[] =
    data.TagSpecifications?.find((item: WireObject) => item.ResourceType === 'instance')?.Tags ?? [];
  return {
    instanceType: group.instanceTypes[0]!,
    imageId: String(data.ImageId ?? `ami-0${scope.account.random(`${group.amiType}/${group.version}`).hex(16)}`),
    groupIds: ownGroups ?? [cluster.resourcesVpcConfig.clusterSecurityGroupId],
    instanceProfileArn: `arn:aws:iam::${scope.account.accountId}:instance-profile/eks-${group.nodegroupName}`,
    metadataOptions: data.MetadataOptions && {
      httpTokens: data.MetadataOptions.HttpTokens,
      httpPutResponseHopLimit: data.MetadataOptions.HttpPutResponseHopLimit,
      httpEndpoint: 'enabled',
      state: 'applied',
    },
    rootVolume: {
      sizeGiB: Number(device?.VolumeSize ?? group.diskSize ?? 20),
      volumeType: device?.VolumeType,
      encrypted: String(device?.Encrypted) === 'true',
    },
    instanceLifecycle: group.capacityType === 'SPOT' ? 'spot' : undefined,
    tagSet: [...ec2Tags(templateTags), ...ec2Tags(tagsFromMap({ ...ownedTags(group), ...group.tags }))],
  };
}

/** The node group's Auto Scaling group, while it exists. */
export function tryScalingGroup(scope: Scope, group: Nodegroup): AutoScalingGroup | undefined {
  return autoScalingGroupsOf(scope).get(group.resources.autoScalingGroups[0]!.name);
}

export function nodegroupInstances(scope: Scope, group: Nodegroup): Instance[] {
  const scaling = tryScalingGroup(scope, group);
  return scaling ? instancesOf(scope, scaling) : [];
}

function waitForNodes(scope: Scope, group: Nodegroup): void {
  const { clock } = scope.account.simulation;
  const started = clock.now();
  const end = scope.account.begin(`the node group ${group.nodegroupName}`);
  const poll = () => {
    if (group.status !== 'CREATING') return end();
    if (readyNodes(scope, group) >= group.scalingConfig.desiredSize) {
      group.status = 'ACTIVE';
      return end();
    }
    if (clock.now() - started < JOIN_LIMIT_MS) return void clock.after(POLL_MS, poll);
    group.status = 'CREATE_FAILED';
    const { launchFailure } = tryScalingGroup(scope, group) ?? {};
    group.health.issues = [
      launchFailure ?? {
        code: 'NodeCreationFailure',
        message: 'Instances failed to join the kubernetes cluster',
        resourceIds: nodegroupInstances(scope, group).map(({ instanceId }) => instanceId),
      },
    ];
    return end();
  };
  clock.after(LATENCY.nodegroup.create, poll);
}

function readyNodes(scope: Scope, group: Nodegroup): number {
  const provider = tryClusterProvider(scope);
  return nodegroupInstances(scope, group).filter(
    ({ instanceId, instanceState }) =>
      instanceState === INSTANCE_STATES.running &&
      (provider?.isNodeReady?.({ name: group.clusterName, region: scope.region, instanceId }) ?? true),
  ).length;
}

export function findNodegroup(scope: Scope, clusterName: string, nodegroupName: string): Nodegroup {
  const group = eksOf(scope).find(clusterName).nodegroups.get(nodegroupName);
  if (!group) throw resourceNotFound(`No node group found for name: ${nodegroupName}.`, { clusterName, nodegroupName });
  return group;
}

export function deleteNodegroup(scope: Scope, clusterName: string, nodegroupName: string): Nodegroup {
  const group = findNodegroup(scope, clusterName, nodegroupName);
  if (group.status === 'DELETING') return group;
  if (group.status === 'UPDATING') {
    throw inUse(`Nodegroup ${nodegroupName} currently has an update in progress`, { clusterName, nodegroupName });
  }
  group.status = 'DELETING';
  const end = scope.account.begin(`the node group ${nodegroupName}`);
  const scaling = tryScalingGroup(scope, group);
  if (scaling) deleteGroup(scope, scaling);
  scope.account.simulation.clock.after(LATENCY.nodegroup.delete, () => {
    eksOf(scope).find(clusterName).nodegroups.delete(nodegroupName);
    end();
  });
  return group;
}

export function updateNodegroupConfig(
  scope: Scope,
  clusterName: string,
  nodegroupName: string,
  input: WireObject,
): Update {
  const group = findUpdatable(scope, clusterName, nodegroupName);
  const record = eksOf(scope).find(clusterName);
  if (input.scalingConfig) group.scalingConfig = { ...group.scalingConfig, ...numbers(input.scalingConfig) };
  if (input.labels) group.labels = changedLabels(group.labels, input.labels);
  if (input.taints) group.taints = changedTaints(group.taints, input.taints);
  if (input.updateConfig) group.updateConfig = input.updateConfig;
  const scaling = tryScalingGroup(scope, group);
  if (scaling) {
    scaling.minSize = group.scalingConfig.minSize;
    scaling.maxSize = group.scalingConfig.maxSize;
    scaling.desiredCapacity = group.scalingConfig.desiredSize;
    reconcile(scope, scaling);
  }
  return finishUpdate(scope, record, group, { type: 'ConfigUpdate', params: [] });
}

/** Replaces every instance: first a new one, then the old one goes. */
export function updateNodegroupVersion(
  scope: Scope,
  clusterName: string,
  nodegroupName: string,
  input: WireObject,
): Update {
  const group = findUpdatable(scope, clusterName, nodegroupName);
  const record = eksOf(scope).find(clusterName);
  const version = String(input.version ?? record.cluster.version);
  checkVersion(record, version, { clusterName, nodegroupName });
  group.version = version;
  group.releaseVersion = String(input.releaseVersion ?? `${version}.0-20260101`);
  if (input.launchTemplate) {
    const { template, version: number } = templateOf(scope, input.launchTemplate);
    group.launchTemplate = {
      id: template.launchTemplateId,
      name: template.launchTemplateName,
      version: String(number),
    };
  }
  const scaling = tryScalingGroup(scope, group);
  if (scaling) {
    scaling.launch = launchOf(scope, record, group);
    replaceInstances(scope, scaling, [...scaling.instanceIds]);
  }
  return finishUpdate(scope, record, group, { type: 'VersionUpdate', params: [{ type: 'Version', value: version }] });
}

function replaceInstances(scope: Scope, scaling: AutoScalingGroup, [next, ...rest]: readonly string[]): void {
  if (next === undefined || scaling.deleting) return;
  scope.account.simulation.clock.after(LATENCY.instance.start * 2, () => {
    if (ec2Of(scope).instances.has(next)) terminateInstance(scope, next);
    replaceInstances(scope, scaling, rest);
  });
}

function finishUpdate(
  scope: Scope,
  record: ClusterRecord,
  group: Nodegroup,
  update: { type: string; params: Update['params'] },
): Update {
  group.status = 'UPDATING';
  const count = update.type === 'VersionUpdate' ? Math.max(1, group.scalingConfig.desiredSize) : 1;
  const subject = group.nodegroupName;
  return startUpdate(scope, record, { ...update, subject }, LATENCY.nodegroup.update * count, () => {
    group.status = 'ACTIVE';
    group.modifiedAt = nowSeconds(scope);
  });
}

function findUpdatable(scope: Scope, clusterName: string, nodegroupName: string): Nodegroup {
  const group = findNodegroup(scope, clusterName, nodegroupName);
  if (group.status !== 'ACTIVE' && group.status !== 'DEGRADED') {
    const details = { clusterName, nodegroupName };
    throw inUse(`Nodegroup cannot be updated as it is currently not in Active State`, details);
  }
  return group;
}

function numbers(input: WireObject): Record<string, number> {
  return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, Number(value)]));
}

function changedLabels(labels: Readonly<Record<string, string>>, change: WireObject): Record<string, string> {
  const next: Record<string, string> = { ...labels, ...change.addOrUpdateLabels };
  for (const key of change.removeLabels ?? []) delete next[key];
  return next;
}

function changedTaints(taints: Nodegroup['taints'], change: WireObject): Nodegroup['taints'] {
  const keyOf = ({ key, effect }: WireObject) => `${key}:${effect}`;
  const gone = new Set([...(change.addOrUpdateTaints ?? []), ...(change.removeTaints ?? [])].map(keyOf));
  return [...taints.filter((taint) => !gone.has(keyOf(taint))), ...(change.addOrUpdateTaints ?? [])];
}
