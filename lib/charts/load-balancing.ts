/**
 * What the AWS Load Balancer Controller works from: the class that Ingresses name, and bindings that fill target groups
 * which a stack made. The other half is `LoadBalancing` of `eks-drydock/stacks`.
 * https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/targetgroupbinding/targetgroupbinding/
 *
 * The controller itself comes with its Helm chart (`aws/eks-charts`), which makes certificates when it is rendered; run it
 * as the service account `kube-system/aws-load-balancer-controller`. Auto Mode and the local cloud bring it along.
 */
import type { Construct } from 'constructs';
import { ApiObject, Chart, type ChartProps, IngressClass } from '../manifests';

export interface TargetBinding {
  /** ARN of the target group, e.g. `stackOutput('dev-platform', 'ShopTargetGroupArn')`. */
  readonly targetGroup: string;
  readonly namespace: string;
  readonly service: string;
  /** A port of the Service, by number or name. */
  readonly port: number | string;
}

export interface LoadBalancingProps extends ChartProps {
  /** By name of the binding. @default none */
  readonly bindings?: Readonly<Record<string, TargetBinding>>;
  /** Whether Ingresses that name no class are the controller's, too. @default true */
  readonly defaultClass?: boolean;
}

export class LoadBalancing extends Chart {
  constructor(scope: Construct, id: string, props: LoadBalancingProps = {}) {
    super(scope, id, props);
    const annotations = { 'ingressclass.kubernetes.io/is-default-class': String(props.defaultClass ?? true) };
    new IngressClass(this, 'alb', { metadata: { annotations }, spec: { controller: 'ingress.k8s.aws/alb' } });
    for (const [name, { targetGroup, namespace, service, port }] of Object.entries(props.bindings ?? {})) {
      new ApiObject(this, name, {
        apiVersion: 'elbv2.k8s.aws/v1beta1',
        kind: 'TargetGroupBinding',
        metadata: { namespace },
        spec: { serviceRef: { name: service, port }, targetGroupARN: targetGroup, targetType: 'ip' },
      });
    }
  }
}
