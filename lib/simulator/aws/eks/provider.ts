/**
 * What stands behind an EKS cluster: somebody who runs a (simulated) Kubernetes cluster for it. The composition root
 * provides one; without it a cluster is a record with an endpoint that nobody answers.
 */
import type { Scope } from '../service';
import type { NodeInstance } from './node-instances';

export interface ClusterRequest extends Scope {
  readonly name: string;
  readonly arn: string;
  /** `1.35` */
  readonly version: string;
  /** `10.100.0.0/16` */
  readonly serviceCidr: string;
  readonly vpcId: string;
  /** Put the add-ons that every cluster has had from the start into it, without EKS managing them. */
  readonly bootstrapSelfManagedAddons: boolean;
}

export interface RunningCluster {
  /** `https://...`, where the API server answers. */
  readonly endpoint: string;
  /** The CA certificate: PEM, in base64. */
  readonly certificateAuthority: string;
}

/** An add-on as it is to be in a cluster. */
export interface AddonInstallation {
  readonly name: string;
  readonly region: string;
  readonly clusterName: string;
  readonly version: string;
  readonly configuration: Readonly<Record<string, any>>;
  readonly serviceAccountRoleArn?: string;
  /** What happens to fields that somebody else has set. @default NONE: nothing is installed */
  readonly resolveConflicts?: 'NONE' | 'OVERWRITE' | 'PRESERVE';
}

export type AddonHealth =
  | { readonly healthy: true }
  /** Names of the Pods that are not ready. */
  | { readonly healthy: false; readonly pods: readonly string[] };

export interface ClusterProvider {
  /** Called once, while the cluster is CREATING and its control plane comes up. */
  start(request: ClusterRequest): RunningCluster;
  /** Called when the cluster is gone. */
  stop(request: { readonly name: string; readonly region: string }): void;
  /** Brings an add-on, or changes it. Returns EKS's sentence when something stands in the way. @default nothing to bring */
  installAddon?(addon: AddonInstallation): string | undefined;
  removeAddon?(addon: AddonInstallation): void;
  /** @default healthy */
  addonHealth?(addon: AddonInstallation): AddonHealth;
  /** A Fargate profile is being deleted, and with it the Pods that run by it. */
  fargateProfileGone?(request: { readonly clusterName: string; readonly profileName: string }): void;
  /** An instance of a node group runs: it becomes a Node. */
  nodeRunning?(node: NodeInstance): void;
  /** An instance of a node group is being terminated: its Node goes. */
  nodeTerminating?(request: { readonly name: string; readonly region: string; readonly instanceId: string }): void;
  /** Whether the instance has joined the cluster as a Node that is Ready. @default it is, as soon as it runs */
  isNodeReady?(request: { readonly name: string; readonly region: string; readonly instanceId: string }): boolean;
}

interface Slot {
  provider?: ClusterProvider;
}

const slotOf = (scope: Pick<Scope, 'account'>): Slot => scope.account.stateOf('eks/provider', (): Slot => ({}));

export function setClusterProvider(scope: Pick<Scope, 'account'>, provider: ClusterProvider): void {
  slotOf(scope).provider = provider;
}

export function tryClusterProvider(scope: Pick<Scope, 'account'>): ClusterProvider | undefined {
  return slotOf(scope).provider;
}
