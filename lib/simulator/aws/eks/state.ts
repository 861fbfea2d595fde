/**
 * EKS clusters and what belongs to each. Records carry the wire's names; times are seconds since 1970.
 * https://docs.aws.amazon.com/eks/latest/APIReference/API_Types.html
 */
import { AwsError } from '../aws-error';
import { regionalState, type Scope, type WireObject } from '../service';
import type { TagMap } from '../tags';

export interface EksCluster {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  version: string;
  endpoint?: string;
  readonly roleArn: string;
  resourcesVpcConfig: VpcConfig;
  readonly kubernetesNetworkConfig: WireObject;
  logging: { clusterLogging: { types: string[]; enabled: boolean }[] };
  readonly identity: { readonly oidc: { readonly issuer: string } };
  status: 'CREATING' | 'ACTIVE' | 'DELETING' | 'FAILED' | 'UPDATING';
  certificateAuthority: { data?: string };
  readonly clientRequestToken?: string;
  readonly platformVersion: string;
  tags: TagMap;
  readonly encryptionConfig?: readonly WireObject[];
  health: { issues: WireObject[] };
  accessConfig: { authenticationMode: string; bootstrapClusterCreatorAdminPermissions: boolean };
  upgradePolicy: { supportType: string };
  zonalShiftConfig: { enabled: boolean };
  computeConfig?: WireObject;
  storageConfig?: WireObject;
  deletionProtection: boolean;
  readonly bootstrapSelfManagedAddons: boolean;
}

export interface VpcConfig {
  subnetIds: string[];
  securityGroupIds: string[];
  readonly clusterSecurityGroupId: string;
  readonly vpcId: string;
  endpointPublicAccess: boolean;
  endpointPrivateAccess: boolean;
  publicAccessCidrs: string[];
}

export interface Nodegroup {
  readonly nodegroupName: string;
  readonly nodegroupArn: string;
  readonly clusterName: string;
  readonly createdAt: number;
  modifiedAt: number;
  version: string;
  releaseVersion: string;
  status: 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING' | 'CREATE_FAILED' | 'DELETE_FAILED' | 'DEGRADED';
  readonly capacityType: string;
  scalingConfig: { minSize: number; maxSize: number; desiredSize: number };
  readonly instanceTypes: string[];
  readonly subnets: string[];
  readonly amiType: string;
  readonly nodeRole: string;
  labels: Readonly<Record<string, string>>;
  taints: { key: string; value?: string; effect: string }[];
  resources: { autoScalingGroups: { name: string }[] };
  readonly diskSize?: number;
  health: { issues: WireObject[] };
  updateConfig: WireObject;
  nodeRepairConfig?: WireObject;
  launchTemplate?: WireObject;
  tags: TagMap;
}

export interface Addon {
  /** `NONE`, `OVERWRITE` or `PRESERVE`. */
  resolveConflicts: 'NONE' | 'OVERWRITE' | 'PRESERVE';
  /** ARNs of the Pod Identity associations that the add-on owns. */
  podIdentityAssociations: string[];
  readonly addonName: string;
  readonly clusterName: string;
  status: string;
  addonVersion: string;
  health: { issues: WireObject[] };
  readonly addonArn: string;
  readonly createdAt: number;
  modifiedAt: number;
  serviceAccountRoleArn?: string;
  configurationValues?: string;
  tags: TagMap;
}

export interface AccessEntry {
  readonly clusterName: string;
  readonly principalArn: string;
  readonly accessEntryArn: string;
  readonly createdAt: number;
  modifiedAt: number;
  kubernetesGroups: string[];
  username: string;
  readonly type: string;
  tags: TagMap;
  policies: AssociatedPolicy[];
}

export interface AssociatedPolicy {
  readonly policyArn: string;
  readonly accessScope: { readonly type: string; readonly namespaces?: readonly string[] };
  readonly associatedAt: number;
  readonly modifiedAt: number;
}

export interface PodIdentityAssociation {
  readonly associationId: string;
  readonly associationArn: string;
  readonly clusterName: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  roleArn: string;
  /** The add-on that made it; it goes with it. */
  readonly ownerArn?: string;
  readonly createdAt: number;
  modifiedAt: number;
  tags: TagMap;
}

export interface FargateProfile {
  readonly fargateProfileName: string;
  readonly fargateProfileArn: string;
  readonly clusterName: string;
  readonly createdAt: number;
  readonly podExecutionRoleArn: string;
  readonly subnets: string[];
  readonly selectors: WireObject[];
  status: string;
  tags: TagMap;
}

export interface OidcConfig {
  readonly identityProviderConfigName: string;
  readonly identityProviderConfigArn: string;
  readonly clusterName: string;
  readonly issuerUrl: string;
  readonly clientId: string;
  /** `usernameClaim`, `groupsPrefix`, `requiredClaims`, ... */
  readonly claims: WireObject;
  readonly createdAt: number;
  status: 'CREATING' | 'ACTIVE' | 'DELETING';
  tags: TagMap;
}

export interface Update {
  readonly id: string;
  status: 'InProgress' | 'Successful' | 'Failed' | 'Cancelled';
  readonly type: string;
  readonly params: { type: string; value: string }[];
  readonly createdAt: number;
  readonly errors: WireObject[];
  /** The node group or add-on it changes; undefined for the cluster itself. */
  readonly subject?: string;
}

/** A cluster with everything in it. */
export interface ClusterRecord {
  readonly cluster: EksCluster;
  readonly nodegroups: Map<string, Nodegroup>;
  readonly addons: Map<string, Addon>;
  /** By principal ARN. */
  readonly accessEntries: Map<string, AccessEntry>;
  /** By association id. */
  readonly podIdentities: Map<string, PodIdentityAssociation>;
  readonly fargateProfiles: Map<string, FargateProfile>;
  readonly identityProviders: Map<string, OidcConfig>;
  readonly updates: Map<string, Update>;
  /** The control plane's network interfaces. */
  readonly interfaceIds: string[];
}

export class EksState {
  readonly clusters = new Map<string, ClusterRecord>();
  private readonly random;

  constructor(private readonly scope: Scope) {
    this.random = scope.account.random(`eks/${scope.region}`);
  }

  uuid(): string {
    return this.random.uuid();
  }

  hex(length: number): string {
    return this.random.hex(length);
  }

  arn(resource: string): string {
    return `arn:aws:eks:${this.scope.region}:${this.scope.account.accountId}:${resource}`;
  }

  find(name: string): ClusterRecord {
    const record = this.clusters.get(name);
    if (!record) throw resourceNotFound(`No cluster found for name: ${name}.`, { clusterName: name });
    return record;
  }

  /** @throws ResourceInUseException unless the cluster is ACTIVE: nothing can be added to it yet, or any more */
  findActive(name: string): ClusterRecord {
    const record = this.find(name);
    if (record.cluster.status === 'CREATING' || record.cluster.status === 'DELETING') {
      throw new AwsError('ResourceInUseException', `Cluster '${name}' is not in ACTIVE status`, 409, {
        clusterName: name,
      });
    }
    return record;
  }
}

export const eksOf = regionalState('eks', (scope) => new EksState(scope));

/** Seconds since 1970, with milliseconds. */
export function nowSeconds(scope: Scope): number {
  return scope.account.now / 1000;
}

export function resourceNotFound(message: string, details: WireObject = {}): AwsError {
  return new AwsError('ResourceNotFoundException', message, 404, details);
}

export function invalidParameter(message: string, details: WireObject = {}): AwsError {
  return new AwsError('InvalidParameterException', message, 400, details);
}

export function invalidRequest(message: string): AwsError {
  return new AwsError('InvalidRequestException', message, 400);
}

export function inUse(message: string, details: WireObject = {}): AwsError {
  return new AwsError('ResourceInUseException', message, 409, details);
}

/** Records an update that takes `latency` milliseconds, then does `apply`. */
export function startUpdate(
  scope: Scope,
  record: ClusterRecord,
  update: { type: string; params: Update['params']; subject?: string },
  latency: number,
  apply: () => void,
): Update {
  const item: Update = {
    id: eksOf(scope).uuid(),
    status: 'InProgress',
    createdAt: nowSeconds(scope),
    errors: [],
    ...update,
  };
  record.updates.set(item.id, item);
  const end = scope.account.begin(`the update ${item.id} of the EKS cluster ${record.cluster.name}`);
  scope.account.simulation.clock.after(latency, () => {
    item.status = 'Successful';
    apply();
    end();
  });
  return item;
}
