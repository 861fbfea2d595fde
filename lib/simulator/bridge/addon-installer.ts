/**
 * Installs add-ons into a cluster, as EKS does: by server-side apply as the field manager `eks`, so that what somebody else
 * has set is a conflict, which is either overwritten, or kept, or the end.
 * https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-field-management.html
 */
import type { KubernetesObject } from '../../kubernetes/object';
import { StatusError } from '../../kubernetes/status-error';
import { defaultVersion } from '../aws/eks/addon-catalog';
import type { AddonHealth, AddonInstallation, ClusterRequest } from '../aws/eks/provider';
import type { Client } from '../cluster/client';
import { ADDON_OBJECTS } from './addons/index';

const MANAGER = 'eks';

const RESOURCES: Readonly<Record<string, string>> = {
  Namespace: 'namespaces',
  ServiceAccount: 'serviceaccounts',
  ConfigMap: 'configmaps',
  Service: 'services',
  Deployment: 'deployments.apps',
  DaemonSet: 'daemonsets.apps',
  PodDisruptionBudget: 'poddisruptionbudgets.policy',
  CSIDriver: 'csidrivers.storage.k8s.io',
};

export class AddonInstaller {
  constructor(private readonly client: Client) {}

  /** @returns what stands in the way, in the words of EKS; undefined when the add-on is installed */
  install(addon: AddonInstallation): string | undefined {
    const force = addon.resolveConflicts === 'OVERWRITE';
    const objects = objectsOf(addon);
    // All or nothing: conflicts are looked for before anything is changed.
    const conflicts = force ? [] : objects.flatMap((object) => this.conflictsOf(object));
    if (conflicts.length > 0 && addon.resolveConflicts !== 'PRESERVE') {
      return `Conflicts found when trying to apply. Will not continue due to resolve conflicts mode. Conflicts:\n${conflicts.join('\n')}`;
    }
    for (const object of objects) {
      if (force || this.conflictsOf(object).length === 0) this.apply(object, { force });
    }
    return undefined;
  }

  /** What every cluster has had before there were add-ons; whoever installs the add-on takes it over. */
  installSelfManaged({ name: clusterName, region, version }: ClusterRequest): void {
    for (const name of ['vpc-cni', 'kube-proxy', 'coredns']) {
      const addon = { name, clusterName, region, version: defaultVersion(name, version), configuration: {} };
      this.install({ ...addon, resolveConflicts: 'OVERWRITE' });
    }
  }

  remove(addon: AddonInstallation): void {
    for (const object of objectsOf(addon).reverse()) {
      const { namespace, name } = object.metadata;
      if (this.client.tryGet(resourceOf(object), namespace, name!)) {
        this.client.delete(resourceOf(object), namespace, name!, { propagationPolicy: 'Background' });
      }
    }
  }

  /** Whether every workload has the Pods that it should have; a DaemonSet without machines has. */
  healthOf(addon: AddonInstallation): AddonHealth {
    const workloads = objectsOf(addon).filter(({ kind }) => kind === 'Deployment' || kind === 'DaemonSet');
    const unhealthy = workloads.find((object) => !this.isHealthy(object));
    if (!unhealthy) return { healthy: true };
    const pods = this.client.list('pods', { namespace: unhealthy.metadata.namespace }).filter((pod) => !isReady(pod));
    return { healthy: false, pods: pods.map(({ metadata }) => metadata.name!) };
  }

  private isHealthy(object: KubernetesObject): boolean {
    const live = this.client.tryGet(resourceOf(object), object.metadata.namespace, object.metadata.name!);
    if (!live) return false;
    const { status = {}, spec, metadata } = live;
    if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) return false;
    if (live.kind === 'DaemonSet') return (status.numberReady ?? 0) >= (status.desiredNumberScheduled ?? 0);
    return (status.availableReplicas ?? 0) >= spec.replicas && (status.updatedReplicas ?? 0) >= spec.replicas;
  }

  private apply(object: KubernetesObject, options: { force?: boolean; dryRun?: boolean }): void {
    const { namespace, name } = object.metadata;
    this.client.patch(resourceOf(object), namespace, name!, 'apply', object, { fieldManager: MANAGER, ...options });
  }

  private conflictsOf(object: KubernetesObject): string[] {
    try {
      this.apply(object, { dryRun: true });
      return [];
    } catch (error) {
      if (!(error instanceof StatusError) || error.reason !== 'Conflict') throw error;
      const { kind, metadata, apiVersion } = object;
      const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0]}` : '';
      const causes = error.details?.causes ?? [];
      return causes.map(({ field }) => `${kind}${group} ${metadata.name} - ${field}`);
    }
  }
}

function objectsOf({ name, ...settings }: AddonInstallation): KubernetesObject[] {
  return ADDON_OBJECTS[name]?.(settings) ?? [];
}

function resourceOf({ kind }: KubernetesObject): string {
  return RESOURCES[kind]!;
}

function isReady({ status }: KubernetesObject): boolean {
  return (status?.conditions ?? []).some(
    (condition: { type: string; status: string }) => condition.type === 'Ready' && condition.status === 'True',
  );
}
