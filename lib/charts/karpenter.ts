/**
 * What Karpenter launches nodes from: a class that says how an instance is made, and a pool that says which ones, how many,
 * and when they go again. The other half is `Karpenter` of `eks-drydock/stacks`. https://karpenter.sh/docs/concepts/nodepools/
 *
 * Karpenter itself and its definitions come with its Helm chart; run it as the service account `kube-system/karpenter`.
 */
import type { Construct } from 'constructs';
import { ApiObject, Chart, type ChartProps, type Quantity } from '../manifests';

export interface KarpenterProps extends ChartProps {
  /** The cluster, whose name its subnets and security groups carry in `karpenter.sh/discovery`. */
  readonly clusterName: string;
  /** The name of the nodes' role, e.g. `stackOutput('dev-platform', 'KarpenterNodeRoleName')`. */
  readonly nodeRole: string;
  /** Instance families by their first letters. @default c, m and r */
  readonly instanceCategories?: readonly string[];
  /** @default spot, and on-demand where there is none */
  readonly capacityTypes?: readonly ('spot' | 'on-demand')[];
  /** @default amd64 */
  readonly architectures?: readonly ('amd64' | 'arm64')[];
  /** What all nodes together may have; the guard against an endless bill. */
  readonly limits: { readonly cpu: Quantity; readonly memory?: Quantity };
}

export class Karpenter extends Chart {
  constructor(scope: Construct, id: string, props: KarpenterProps) {
    super(scope, id, props);
    const discovery = [{ tags: { 'karpenter.sh/discovery': props.clusterName } }];
    new ApiObject(this, 'default-class', {
      apiVersion: 'karpenter.k8s.aws/v1',
      kind: 'EC2NodeClass',
      metadata: { name: 'default' },
      spec: {
        role: props.nodeRole,
        amiSelectorTerms: [{ alias: 'al2023@latest' }],
        subnetSelectorTerms: discovery,
        securityGroupSelectorTerms: discovery,
        // As the launch templates of our node groups: no Pod picks up the credentials of its node.
        metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
        blockDeviceMappings: [
          { deviceName: '/dev/xvda', ebs: { volumeSize: '50Gi', volumeType: 'gp3', encrypted: true } },
        ],
      },
    });
    const oneOf = (key: string, values: readonly string[]) => ({ key, operator: 'In', values: [...values] });
    new ApiObject(this, 'default-pool', {
      apiVersion: 'karpenter.sh/v1',
      kind: 'NodePool',
      metadata: { name: 'default' },
      spec: {
        template: {
          spec: {
            nodeClassRef: { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name: 'default' },
            requirements: [
              oneOf('karpenter.k8s.aws/instance-category', props.instanceCategories ?? ['c', 'm', 'r']),
              oneOf('karpenter.sh/capacity-type', props.capacityTypes ?? ['spot', 'on-demand']),
              oneOf('kubernetes.io/arch', props.architectures ?? ['amd64']),
            ],
            // Nodes are replaced by newer images within a month, one at a time.
            expireAfter: '720h',
          },
        },
        limits: { ...props.limits },
        disruption: {
          consolidationPolicy: 'WhenEmptyOrUnderutilized',
          consolidateAfter: '1m',
          budgets: [{ nodes: '10%' }],
        },
      },
    });
  }
}
