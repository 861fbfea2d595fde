/**
 * What every component of the control plane is handed: the simulation it runs in and the doors it may use.
 */
import type { Simulation } from '../simulation';
import type { ServiceAccountTokens } from './api-server/auth/service-account-tokens';
import type { Disturbances } from './api-server/disturbances';
import type { ServedGroup } from './api-server/resources';
import type { ApplicationMetrics } from './application-metrics';
import type { SigningAuthority } from './certificates/signing-authority';
import type { Client } from './client';
import type { PodMetrics } from './pod-metrics';
import type { Store } from './store';
import type { VolumeLocation, VolumeProvisioner } from './volume-provisioner';

export interface ClusterContext {
  readonly clusterName: string;
  readonly simulation: Simulation;
  /** For reading: what an informer's cache would hold, always fresh. Write through a client only. */
  readonly store: Store;
  /** What the API server serves at the moment, custom resources included. */
  readonly resources: { groups(): readonly ServedGroup[] };
  /** Who makes volumes, by the name in `storageClass.provisioner`. The bridge puts its own in the place of the simulated. */
  readonly volumeProvisioners: Map<string, VolumeProvisioner>;
  /** Why a volume cannot be attached to a node at the moment, when a fault has struck. */
  attachFailure?(location: VolumeLocation): Error | undefined;
  /** What pods use; absent where there are no kubelets. */
  readonly podMetrics?: PodMetrics | undefined;
  /** What goes wrong between the API server and its clients. */
  readonly disturbances: Disturbances;
  /** What applications tell of themselves; absent where there are no kubelets. */
  readonly applicationMetrics?: ApplicationMetrics | undefined;
  /** The certificate (PEM) by which pods know the API server; absent where it has no HTTPS door. */
  readonly caCertificate?: string;
  /** Signs tokens for Secrets; without it they stay empty. */
  readonly serviceAccountTokens?: Pick<ServiceAccountTokens, 'issueForSecret'>;
  /** Signs certificates that were requested and approved; without it they wait. */
  readonly signingAuthority?: SigningAuthority;
  /**
   * A client that acts as the given user, e.g. `system:serviceaccount:kube-system:deployment-controller`.
   * @param userAgent what managedFields call it, e.g. `kube-controller-manager`. @default the user
   */
  clientFor(user: string, userAgent?: string): Client;
}
