/**
 * Upgrade insights: what stands between a cluster and the next minor version of Kubernetes.
 * https://docs.aws.amazon.com/eks/latest/userguide/cluster-insights.html
 *
 * Left out: deprecated APIs in use (the audit log that they are found in does not exist), configuration insights.
 */
import { createHash } from 'node:crypto';
import type { Scope, WireObject } from '../service';
import { type ClusterRecord, eksOf, nowSeconds, resourceNotFound } from './state';

interface Finding {
  readonly name: string;
  readonly description: string;
  readonly recommendation: string;
  readonly reason: string;
  readonly status: 'PASSING' | 'WARNING' | 'ERROR';
  readonly resources: readonly string[];
}

/** A kubelet may be so many minor versions behind its API server. */
export const MAX_KUBELET_SKEW = 3;

export const minorOf = (version: string): number => Number(version.replace(/^v/, '').split('.')[1]);

export function insightsOf(scope: Scope, clusterName: string): WireObject[] {
  const record = eksOf(scope).find(clusterName);
  return [kubeletSkew(record), kubeProxySkew(record), health(record)].map((finding) => wire(scope, record, finding));
}

export function findInsight(scope: Scope, clusterName: string, id: string): WireObject {
  const insight = insightsOf(scope, clusterName).find((item) => item.id === id);
  if (!insight) throw resourceNotFound(`No insight found for id: ${id}`, { clusterName });
  return insight;
}

/** Machines that would be too old for the version after the next upgrade. */
function kubeletSkew({ cluster, nodegroups }: ClusterRecord): Finding {
  const next = minorOf(cluster.version) + 1;
  const late = [...nodegroups.values()].filter(({ version }) => next - minorOf(version) > MAX_KUBELET_SKEW);
  return {
    name: 'Kubelet version skew',
    description:
      'Checks for kubelet versions of worker nodes in the cluster to see if upgrade would cause noncompliance with supported Kubernetes kubelet version skew policy.',
    recommendation: 'Upgrade your worker nodes to match the Kubernetes version of your cluster control plane.',
    reason:
      late.length > 0
        ? 'Node kubelet versions are too far behind the control plane.'
        : 'Node kubelet versions match the cluster control plane version.',
    status: late.length > 0 ? 'ERROR' : 'PASSING',
    resources: late.map(({ nodegroupArn }) => nodegroupArn),
  };
}

function kubeProxySkew({ cluster, addons }: ClusterRecord): Finding {
  const addon = addons.get('kube-proxy');
  const isLate = addon !== undefined && minorOf(cluster.version) + 1 - minorOf(addon.addonVersion) > MAX_KUBELET_SKEW;
  return {
    name: 'kube-proxy version skew',
    description:
      'Checks version of kube-proxy in cluster to see if upgrade would cause noncompliance with supported Kubernetes kube-proxy version skew policy.',
    recommendation: 'Upgrade kube-proxy to match the Kubernetes version of your cluster control plane.',
    reason: isLate
      ? 'kube-proxy is too far behind the control plane.'
      : 'kube-proxy versions match the cluster control plane version.',
    status: isLate ? 'ERROR' : 'PASSING',
    resources: isLate ? [addon.addonArn] : [],
  };
}

function health({ cluster, addons }: ClusterRecord): Finding {
  const ill = [...addons.values()].filter(({ status }) => status === 'DEGRADED' || status.endsWith('FAILED'));
  const isIll = cluster.health.issues.length + ill.length > 0;
  return {
    name: 'Cluster health issues',
    description:
      'Checks for any cluster health issues that prevent successful upgrade to the next Kubernetes version on EKS.',
    recommendation: 'Resolve the issues of the cluster and its add-ons.',
    reason: isIll ? 'Cluster health issues detected.' : 'No cluster health issues detected.',
    status: isIll ? 'WARNING' : 'PASSING',
    resources: ill.map(({ addonArn }) => addonArn),
  };
}

function wire(scope: Scope, { cluster }: ClusterRecord, finding: Finding): WireObject {
  const { name, description, recommendation, reason, status, resources } = finding;
  const hash = createHash('sha256').update(`${cluster.arn}/${name}`).digest('hex');
  const id = [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join(
    '-',
  );
  return {
    id,
    name,
    category: 'UPGRADE_READINESS',
    kubernetesVersion: `1.${minorOf(cluster.version) + 1}`,
    lastRefreshTime: nowSeconds(scope),
    lastTransitionTime: cluster.createdAt,
    description,
    insightStatus: { status, reason },
    recommendation,
    additionalInfo: {},
    resources: resources.map((arn) => ({ arn, insightStatus: { status, reason } })),
  };
}
