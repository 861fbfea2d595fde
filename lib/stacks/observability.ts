/**
 * Metrics and logs of what runs in the cluster: metrics-server for `kubectl top` and HorizontalPodAutoscalers, CloudWatch
 * Container Insights for dashboards and container logs. https://docs.aws.amazon.com/eks/latest/userguide/eks-observe.html
 */
import { RemovalPolicy } from 'aws-cdk-lib';
import type { ICluster } from 'aws-cdk-lib/aws-eks-v2';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { cloudwatchAgent } from '../platform-service-accounts';
import { Addon } from './addon';

export interface ObservabilityProps {
  readonly cluster: ICluster;
  /** What gives the agents nodes to run on: the node groups. @default nothing: nodes are there already */
  readonly after?: readonly Construct[];
  /** CloudWatch Container Insights: metrics and logs of all containers, which cost money by volume. @default true */
  readonly containerInsights?: boolean;
  /** How long containers' logs are kept. @default one month */
  readonly logRetention?: logs.RetentionDays;
}

/** The groups that the agents write to; they would make them without a limit, and leave them behind. */
const LOG_GROUPS = ['application', 'dataplane', 'host', 'performance'] as const;

export class Observability extends Construct {
  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const { cluster, after = [] } = props;
    new Addon(this, 'MetricsServer', { cluster, addonName: 'metrics-server' }).after(...after);
    if (props.containerInsights === false) return;
    const groups = LOG_GROUPS.map(
      (name) =>
        new logs.LogGroup(this, `${name[0]!.toUpperCase()}${name.slice(1)}Logs`, {
          logGroupName: `/aws/containerinsights/${cluster.clusterName}/${name}`,
          retention: props.logRetention ?? logs.RetentionDays.ONE_MONTH,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
    );
    new Addon(this, 'ContainerInsights', {
      cluster,
      addonName: 'amazon-cloudwatch-observability',
      identity: { serviceAccount: cloudwatchAgent.name, managedPolicies: ['CloudWatchAgentServerPolicy'] },
    }).after(...after, ...groups);
  }
}
