/**
 * The life of a cluster: CREATING for about nine minutes, ACTIVE, DELETING, gone. With it come a security group, network
 * interfaces in the subnets, and log groups that stay behind.
 * https://docs.aws.amazon.com/eks/latest/userguide/clusters.html
 */
import { AwsError, notSimulated } from '../aws-error';
import { terminateInstance } from '../ec2/instances';
import { createNetworkInterface, removeNetworkInterface } from '../ec2/network-interfaces';
import { authorizeRule, createSecurityGroup, deleteSecurityGroup, revokeRule } from '../ec2/security-groups';
import { ec2Of, ec2Tags, tagValue } from '../ec2/state';
import { iamOf } from '../iam/state';
import { LATENCY } from '../latencies';
import { createLogGroup, logGroupsOf } from '../logs/service';
import type { Call, Scope, WireObject } from '../service';
import { tagsFromMap } from '../tags';
import { putAccessEntry } from './access-entries';
import { MAX_KUBELET_SKEW, minorOf } from './insights';
import { announceNodes } from './node-instances';
import { tryClusterProvider } from './provider';
import {
  type ClusterRecord,
  type EksCluster,
  eksOf,
  inUse,
  invalidParameter,
  invalidRequest,
  nowSeconds,
  startUpdate,
  type Update,
} from './state';

/** Oldest to newest. */
export const KUBERNETES_VERSIONS = ['1.30', '1.31', '1.32', '1.33', '1.34', '1.35'] as const;
const LATEST = KUBERNETES_VERSIONS[KUBERNETES_VERSIONS.length - 1]!;
/** On everything that Auto Mode makes in EC2: whose it is. */
export const AUTO_MODE_CLUSTER_TAG = 'eks:eks-cluster-name';
const ADMIN_POLICY = 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy';

export function createCluster(call: Call, input: WireObject): ClusterRecord {
  const eks = eksOf(call);
  const name = String(input.name);
  checkCluster(call, input);
  const cluster = newCluster(call, input);
  const record: ClusterRecord = {
    cluster,
    nodegroups: new Map(),
    addons: new Map(),
    accessEntries: new Map(),
    podIdentities: new Map(),
    fargateProfiles: new Map(),
    identityProviders: new Map(),
    updates: new Map(),
    interfaceIds: createInterfaces(call, cluster),
  };
  eks.clusters.set(name, record);
  createLogGroups(call, cluster);
  if (cluster.accessConfig.bootstrapClusterCreatorAdminPermissions) {
    const entry = putAccessEntry(call, record, { principalArn: rolePrincipal(call, call.principal) });
    const now = nowSeconds(call);
    entry.policies.push({
      policyArn: ADMIN_POLICY,
      accessScope: { type: 'cluster' },
      associatedAt: now,
      modifiedAt: now,
    });
  }
  announceNodes(call);
  activateLater(call, record);
  return record;
}

/** The control plane is up shortly before the cluster says ACTIVE. */
function activateLater(scope: Scope, { cluster }: ClusterRecord): void {
  const { account, region } = scope;
  const { name, arn, version } = cluster;
  const end = account.begin(`the EKS cluster ${name}`);
  account.simulation.clock.after(LATENCY.cluster.create, () => {
    const running = tryClusterProvider(scope)?.start({
      account,
      region,
      name,
      arn,
      version,
      serviceCidr: String(cluster.kubernetesNetworkConfig.serviceIpv4Cidr),
      vpcId: cluster.resourcesVpcConfig.vpcId,
      bootstrapSelfManagedAddons: cluster.bootstrapSelfManagedAddons,
    });
    const id = eksOf(scope).hex(32).toUpperCase();
    cluster.endpoint = running?.endpoint ?? `https://${id}.gr7.${region}.eks.amazonaws.com`;
    cluster.certificateAuthority = { data: running?.certificateAuthority ?? '' };
    cluster.status = 'ACTIVE';
    end();
  });
}

function checkCluster(call: Call, input: WireObject): void {
  const name = String(input.name);
  checkSimulated(input);
  if (eksOf(call).clusters.has(name)) throw inUse(`Cluster already exists with name: ${name}`, { clusterName: name });
  if (!/^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/.test(name)) throw invalidParameter(`The cluster name "${name}" is invalid`);
  call.account.faults.checkQuota('L-1194D53C', eksOf(call).clusters.size);
  const version = String(input.version ?? LATEST);
  if (!(KUBERNETES_VERSIONS as readonly string[]).includes(version)) {
    throw invalidParameter(`unsupported Kubernetes version ${version}`, { clusterName: name });
  }
  const roleName = String(input.roleArn).split('/').pop()!;
  if (!iamOf(call).roles.has(roleName)) {
    throw invalidParameter(`The role ${input.roleArn} could not be found or cannot be assumed by EKS`, {
      clusterName: name,
    });
  }
  const subnetIds: string[] = input.resourcesVpcConfig?.subnetIds ?? [];
  const zones = new Set(subnetIds.map((id) => findSubnet(call, id, name).availabilityZone));
  if (zones.size < 2) {
    throw invalidParameter('Subnets specified must be in at least two different AZs', { clusterName: name });
  }
}

/** What would leave the cluster without nodes or addresses here is refused, not passed over. */
function checkSimulated({
  computeConfig,
  storageConfig,
  kubernetesNetworkConfig,
  outpostConfig,
  remoteNetworkConfig,
}: WireObject): void {
  checkAutoMode({ computeConfig, kubernetesNetworkConfig, storageConfig });
  if (kubernetesNetworkConfig?.ipFamily === 'ipv6') throw notSimulated('An EKS cluster with IPv6');
  if (outpostConfig) throw notSimulated('An EKS cluster on an Outpost');
  if (remoteNetworkConfig) throw notSimulated('An EKS cluster with hybrid nodes');
}

/** Auto Mode is all of it or nothing of it. */
function checkAutoMode({ computeConfig, kubernetesNetworkConfig, storageConfig }: WireObject): void {
  if (!computeConfig?.enabled) return;
  if (!kubernetesNetworkConfig?.elasticLoadBalancing?.enabled || !storageConfig?.blockStorage?.enabled) {
    throw invalidParameter(
      'For EKS Auto Mode, please ensure that all required configs, including computeConfig, kubernetesNetworkConfig, and blockStorage are all either fully enabled or fully disabled.',
    );
  }
  if (computeConfig.nodePools?.length > 0 && !computeConfig.nodeRoleArn) {
    throw invalidParameter('When using the built-in node pools, nodeRoleArn must be specified.');
  }
}

function findSubnet(scope: Scope, id: string, clusterName: string) {
  const subnet = ec2Of(scope).subnets.get(id);
  if (!subnet) throw invalidParameter(`The subnet ID '${id}' does not exist`, { clusterName });
  return subnet;
}

function newCluster(call: Call, input: WireObject): EksCluster {
  const eks = eksOf(call);
  const name = String(input.name);
  const vpc = input.resourcesVpcConfig;
  const network = input.kubernetesNetworkConfig ?? {};
  const vpcId = findSubnet(call, vpc.subnetIds[0], name).vpcId;
  const version = String(input.version ?? LATEST);
  const issuer = `https://oidc.eks.${call.region}.amazonaws.com/id/${eks.hex(32).toUpperCase()}`;
  return {
    name,
    arn: eks.arn(`cluster/${name}`),
    createdAt: nowSeconds(call),
    version,
    roleArn: String(input.roleArn),
    resourcesVpcConfig: {
      subnetIds: [...vpc.subnetIds],
      securityGroupIds: [...(vpc.securityGroupIds ?? [])],
      clusterSecurityGroupId: createClusterSecurityGroup(call, name, vpcId),
      vpcId,
      endpointPublicAccess: vpc.endpointPublicAccess ?? true,
      endpointPrivateAccess: vpc.endpointPrivateAccess ?? false,
      publicAccessCidrs: vpc.publicAccessCidrs ?? ['0.0.0.0/0'],
    },
    kubernetesNetworkConfig: {
      serviceIpv4Cidr: network.serviceIpv4Cidr ?? '10.100.0.0/16',
      ipFamily: network.ipFamily ?? 'ipv4',
      elasticLoadBalancing: network.elasticLoadBalancing ?? { enabled: false },
    },
    logging: loggingOf(input.logging),
    identity: { oidc: { issuer } },
    status: 'CREATING',
    certificateAuthority: {},
    clientRequestToken: input.clientRequestToken,
    platformVersion: 'eks.1',
    tags: input.tags ?? {},
    encryptionConfig: input.encryptionConfig,
    health: { issues: [] },
    accessConfig: {
      authenticationMode: input.accessConfig?.authenticationMode ?? 'CONFIG_MAP',
      bootstrapClusterCreatorAdminPermissions: input.accessConfig?.bootstrapClusterCreatorAdminPermissions ?? true,
    },
    upgradePolicy: { supportType: input.upgradePolicy?.supportType ?? 'EXTENDED' },
    zonalShiftConfig: { enabled: input.zonalShiftConfig?.enabled ?? false },
    computeConfig: input.computeConfig,
    storageConfig: input.storageConfig,
    deletionProtection: input.deletionProtection ?? false,
    bootstrapSelfManagedAddons: input.bootstrapSelfManagedAddons ?? true,
  };
}

const LOG_TYPES = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'];

function loggingOf(logging: WireObject | undefined): EksCluster['logging'] {
  const setups: { types?: string[]; enabled?: boolean }[] = logging?.clusterLogging ?? [];
  const enabled = LOG_TYPES.filter((type) => setups.some((setup) => setup.enabled && setup.types?.includes(type)));
  const disabled = LOG_TYPES.filter((type) => !enabled.includes(type));
  const clusterLogging = [
    { types: enabled, enabled: true },
    { types: disabled, enabled: false },
  ];
  return { clusterLogging: clusterLogging.filter(({ types }) => types.length > 0) };
}

/** EKS makes the group itself, and leaves it when the cluster goes. */
function createLogGroups(scope: Scope, { name, logging }: EksCluster): void {
  const logGroupName = `/aws/eks/${name}/cluster`;
  if (!logging.clusterLogging.some(({ enabled }) => enabled)) return;
  if (!logGroupsOf(scope).has(logGroupName)) createLogGroup(scope, { logGroupName });
}

function createClusterSecurityGroup(scope: Scope, name: string, vpcId: string): string {
  const suffix = scope.account.random(`eks/cluster-sg/${name}/${scope.account.now}`).text(9, '0123456789');
  const GroupName = `eks-cluster-sg-${name}-${suffix}`;
  const { groupId } = createSecurityGroup(
    scope,
    {
      VpcId: vpcId,
      GroupName,
      GroupDescription:
        'EKS created security group applied to ENI that is attached to EKS Control Plane master nodes, as well as any managed workloads.',
    },
    ec2Tags(tagsFromMap({ Name: GroupName, [`kubernetes.io/cluster/${name}`]: 'owned', 'aws:eks:cluster-name': name })),
  );
  authorizeRule(scope, groupId, { isEgress: false, ipProtocol: '-1', referencedGroupId: groupId });
  return groupId;
}

/** Two to four interfaces through which the control plane reaches the nodes: one per subnet, over several zones. */
function createInterfaces(scope: Scope, cluster: EksCluster): string[] {
  const { subnetIds, securityGroupIds, clusterSecurityGroupId } = cluster.resourcesVpcConfig;
  return subnetIds.slice(0, 4).map(
    (subnetId) =>
      createNetworkInterface(scope, {
        subnetId,
        description: `Amazon EKS ${cluster.name}`,
        groupIds: [...securityGroupIds, clusterSecurityGroupId],
        requesterManaged: true,
        tagSet: ec2Tags(tagsFromMap({ 'cluster.k8s.amazonaws.com/name': cluster.name })),
      }).networkInterfaceId,
  );
}

export function deleteCluster(scope: Scope, name: string): ClusterRecord {
  const record = eksOf(scope).find(name);
  const { cluster } = record;
  if (cluster.status === 'DELETING') return record;
  if (cluster.deletionProtection) {
    throw invalidRequest(`Cluster ${name} has deletion protection enabled. Disable it before deleting the cluster.`);
  }
  if (cluster.status === 'CREATING') {
    throw inUse(`Cluster '${name}' is in CREATING status and cannot be deleted`, { clusterName: name });
  }
  if (record.nodegroups.size > 0) throw inUse('Cluster has nodegroups attached', { clusterName: name });
  if (record.fargateProfiles.size > 0) throw inUse('Cluster has Fargate profiles attached', { clusterName: name });
  cluster.status = 'DELETING';
  for (const instance of autoModeInstances(scope, name)) terminateInstance(scope, instance.instanceId);
  const end = scope.account.begin(`the EKS cluster ${name}`);
  scope.account.simulation.clock.after(LATENCY.cluster.delete, () => {
    tryClusterProvider(scope)?.stop({ name, region: scope.region });
    for (const id of record.interfaceIds) removeNetworkInterface(scope, id);
    removeClusterSecurityGroup(scope, cluster.resourcesVpcConfig.clusterSecurityGroupId);
    eksOf(scope).clusters.delete(name);
    end();
  });
  return record;
}

function autoModeInstances(scope: Scope, name: string) {
  return ec2Of(scope).instances.where((instance) => tagValue(instance, AUTO_MODE_CLUSTER_TAG) === name);
}

/** A group that somebody else's interface or rule still uses stays behind, as it does in AWS. */
function removeClusterSecurityGroup(scope: Scope, groupId: string): void {
  const group = ec2Of(scope).securityGroups.get(groupId);
  if (!group) return;
  for (const rule of group.rules.filter(({ referencedGroupId }) => referencedGroupId === groupId)) {
    revokeRule(scope, groupId, rule);
  }
  try {
    deleteSecurityGroup(scope, groupId);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
  }
}

export function updateClusterVersion(scope: Scope, name: string, version: string): Update {
  const record = eksOf(scope).findActive(name);
  const { cluster } = record;
  const from = (KUBERNETES_VERSIONS as readonly string[]).indexOf(cluster.version);
  const to = (KUBERNETES_VERSIONS as readonly string[]).indexOf(version);
  if (to < 0) throw invalidParameter(`unsupported Kubernetes version ${version}`, { clusterName: name });
  if (to === from) throw invalidParameter(`The cluster is already at version ${version}`, { clusterName: name });
  if (to !== from + 1) {
    throw invalidParameter(`Unsupported Kubernetes minor version update from ${cluster.version} to ${version}`, {
      clusterName: name,
    });
  }
  checkNodesCanFollow(record, version);
  checkNotUpdating(record);
  cluster.status = 'UPDATING';
  const params = [
    { type: 'Version', value: version },
    { type: 'PlatformVersion', value: 'eks.1' },
  ];
  return startUpdate(scope, record, { type: 'VersionUpdate', params }, LATENCY.cluster.upgrade, () => {
    cluster.version = version;
    cluster.status = 'ACTIVE';
  });
}

/** @throws InvalidRequestException while machines would be too old for the new version */
function checkNodesCanFollow({ nodegroups, cluster }: ClusterRecord, version: string): void {
  const late = [...nodegroups.values()].filter((group) => minorOf(version) - minorOf(group.version) > MAX_KUBELET_SKEW);
  if (late.length === 0) return;
  const names = late.map(({ nodegroupName }) => nodegroupName).join(', ');
  throw invalidRequest(
    `Nodegroups ${names} must be updated to match cluster version ${cluster.version} before updating cluster version`,
  );
}

export function updateClusterConfig(scope: Scope, name: string, input: WireObject): Update {
  const record = eksOf(scope).findActive(name);
  const { cluster } = record;
  checkNotUpdating(record);
  checkSimulated(input);
  cluster.status = 'UPDATING';
  const { logging, resourcesVpcConfig: vpc, accessConfig, upgradePolicy, zonalShiftConfig, deletionProtection } = input;
  const type = logging
    ? 'LoggingUpdate'
    : vpc
      ? 'EndpointAccessUpdate'
      : accessConfig
        ? 'AccessConfigUpdate'
        : 'ConfigUpdate';
  return startUpdate(scope, record, { type, params: [] }, LATENCY.cluster.update, () => {
    if (logging) cluster.logging = loggingOf(logging);
    if (vpc) {
      const { clusterSecurityGroupId: _, vpcId: __, ...changes } = vpc;
      Object.assign(cluster.resourcesVpcConfig, changes);
    }
    if (accessConfig) Object.assign(cluster.accessConfig, accessConfig);
    if (upgradePolicy) cluster.upgradePolicy = upgradePolicy;
    if (zonalShiftConfig) cluster.zonalShiftConfig = zonalShiftConfig;
    if (deletionProtection !== undefined) cluster.deletionProtection = deletionProtection;
    if (input.computeConfig) cluster.computeConfig = input.computeConfig;
    if (input.storageConfig) cluster.storageConfig = input.storageConfig;
    createLogGroups(scope, cluster);
    cluster.status = 'ACTIVE';
  });
}

function checkNotUpdating({ cluster }: ClusterRecord): void {
  if (cluster.status !== 'UPDATING') return;
  throw inUse(`Cannot update because cluster ${cluster.name} currently has an update in progress`, {
    clusterName: cluster.name,
  });
}

/** An access entry names the role, not its session. */
export function rolePrincipal(scope: Scope, principal: string): string {
  const session = /^arn:aws[a-z-]*:sts::(\d+):assumed-role\/([^/]+)\//.exec(principal);
  if (!session) return principal;
  const role = iamOf(scope).roles.get(session[2]!);
  return role?.Arn ?? `arn:aws:iam::${session[1]}:role/${session[2]}`;
}
