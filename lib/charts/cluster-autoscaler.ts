/**
 * The cluster autoscaler: makes node groups larger when Pods find no node, and smaller when nodes stand idle for ten minutes.
 * The other half is `ClusterAutoscaler` of `eks-drydock/stacks`. https://docs.aws.amazon.com/eks/latest/best-practices/cas.html
 *
 * It finds the groups by the tags that EKS puts on the Auto Scaling groups of managed node groups.
 */
import type { Construct } from 'constructs';
import {
  Chart,
  type ChartProps,
  ClusterRole,
  ClusterRoleBinding,
  Deployment,
  PodDisruptionBudget,
  Role,
  RoleBinding,
  ServiceAccount,
} from '../manifests';
import { clusterAutoscaler } from '../platform-service-accounts';

export interface ClusterAutoscalerProps extends ChartProps {
  readonly clusterName: string;
  readonly region: string;
  /** A release for the minor version of the cluster. @default 1.35.0 */
  readonly version?: string;
  /** How the group to grow is chosen. @default least-waste */
  readonly expander?: 'least-waste' | 'random' | 'priority' | 'price';
}

const READ = ['get', 'list', 'watch'] as const;

export class ClusterAutoscaler extends Chart {
  constructor(scope: Construct, id: string, props: ClusterAutoscalerProps) {
    const { namespace, name } = clusterAutoscaler;
    super(scope, id, { namespace, labels: { 'app.kubernetes.io/name': name }, ...props });
    const subjects = [{ kind: 'ServiceAccount', namespace, name }] as const;
    const labels = { 'app.kubernetes.io/name': name };

    new ServiceAccount(this, name);
    new ClusterRole(this, 'reads-what-is-scheduled', {
      metadata: { name },
      rules: [
        {
          apiGroups: [''],
          resources: [
            'namespaces',
            'nodes',
            'persistentvolumeclaims',
            'persistentvolumes',
            'pods',
            'replicationcontrollers',
            'services',
          ],
          verbs: [...READ],
        },
        { apiGroups: ['apps'], resources: ['daemonsets', 'replicasets', 'statefulsets'], verbs: [...READ] },
        { apiGroups: ['batch'], resources: ['cronjobs', 'jobs'], verbs: [...READ] },
        { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: [...READ] },
        {
          apiGroups: ['storage.k8s.io'],
          resources: ['csidrivers', 'csinodes', 'csistoragecapacities', 'storageclasses', 'volumeattachments'],
          verbs: [...READ],
        },
        {
          apiGroups: ['resource.k8s.io'],
          resources: ['deviceclasses', 'resourceclaims', 'resourceslices'],
          verbs: [...READ],
        },
        // Taints of nodes that are about to go, evictions of their Pods, and a word about both.
        { apiGroups: [''], resources: ['nodes'], verbs: ['delete', 'update', 'patch'] },
        { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
        { apiGroups: [''], resources: ['pods/status'], verbs: ['update'] },
        { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
      ],
    });
    new ClusterRoleBinding(this, 'reads-what-is-scheduled-binding', {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [...subjects],
    });
    new Role(this, 'keeps-its-own-state', {
      metadata: { name },
      rules: [
        { apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'list', 'watch'] },
        {
          apiGroups: [''],
          resources: ['configmaps'],
          resourceNames: ['cluster-autoscaler-status', 'cluster-autoscaler-priority-expander'],
          verbs: ['get', 'update', 'delete', 'watch'],
        },
        { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create', 'get', 'update'] },
      ],
    });
    new RoleBinding(this, 'keeps-its-own-state-binding', {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [...subjects],
    });
    new PodDisruptionBudget(this, 'budget', {
      metadata: { name },
      spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
    });
    new Deployment(this, 'deployment', {
      metadata: { name },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: name,
            priorityClassName: 'system-cluster-critical',
            securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                name,
                image: `registry.k8s.io/autoscaling/cluster-autoscaler:v${props.version ?? '1.35.0'}`,
                command: [
                  './cluster-autoscaler',
                  '--cloud-provider=aws',
                  `--node-group-auto-discovery=asg:tag=k8s.io/cluster-autoscaler/enabled,k8s.io/cluster-autoscaler/${props.clusterName}`,
                  `--expander=${props.expander ?? 'least-waste'}`,
                  '--balance-similar-node-groups',
                  '--skip-nodes-with-system-pods=false',
                ],
                env: [{ name: 'AWS_REGION', value: props.region }],
                resources: { requests: { cpu: '100m', memory: '600Mi' }, limits: { memory: '600Mi' } },
                livenessProbe: { httpGet: { path: '/health-check', port: 8085 } },
                ports: [{ name: 'metrics', containerPort: 8085 }],
                securityContext: {
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ['ALL'] },
                  readOnlyRootFilesystem: true,
                },
              },
            ],
          },
        },
      },
    });
  }
}
