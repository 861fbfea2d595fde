/**
 * A TargetGroupBinding fills a target group that somebody else has made (a stack) with the Pods or nodes of a Service.
 * https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/targetgroupbinding/targetgroupbinding/
 *
 * Left out: `spec.networking` (nothing filters packets here), `nodeSelector`, target groups of several clusters.
 */
import { isTerminating, type KubernetesObject } from '../../kubernetes/object';
import { AwsError } from '../aws/aws-error';
import {
  type ControllerContext,
  type ControllerDefinition,
  nameOf,
  type Requeue,
  splitName,
} from '../cluster/controllers/controller';
import { type AwsApi, type AwsGuard, awsApi, type ClusterSurroundings } from './aws-api';
import { LoadBalancerDeployer } from './load-balancer-deployer';
import { targetsOf } from './targets';

const BINDINGS = 'targetgroupbindings.elbv2.k8s.aws';
const FINALIZER = 'elbv2.k8s.aws/resources';
const RETRY_MS = 15_000;

export function targetGroupBindings(surroundings: ClusterSurroundings, guard?: AwsGuard): ControllerDefinition {
  return {
    name: 'aws-load-balancer-controller/target-group-binding',
    serviceAccount: 'aws-load-balancer-controller',
    component: 'targetGroupBinding',
    create: (context) => {
      const deployer = new LoadBalancerDeployer(surroundings, guard);
      const aws = awsApi(surroundings, guard);
      const users = function* (namespace: string, service: string) {
        for (const binding of context.store.list(BINDINGS, namespace)) {
          if (binding.spec.serviceRef.name === service) yield nameOf(binding);
        }
      };
      return {
        watches: [
          { collection: BINDINGS },
          {
            collection: 'endpointslices.discovery.k8s.io',
            names: ({ object: { metadata } }) =>
              users(metadata.namespace!, metadata.labels?.['kubernetes.io/service-name'] ?? ''),
          },
          {
            collection: 'services',
            names: ({ object: { metadata } }) => users(metadata.namespace!, metadata.name!),
          },
        ],
        reconcile: (name) => reconcile(context, deployer, aws, name),
      };
    },
  };
}

function reconcile(
  context: ControllerContext,
  deployer: LoadBalancerDeployer,
  aws: AwsApi,
  name: string,
): Requeue | undefined {
  const key = splitName(name);
  const binding = context.store.get(BINDINGS, key.namespace, key.name);
  if (!binding) return undefined;
  try {
    if (isTerminating(binding)) return release(context, deployer, binding);
    const { serviceRef, targetGroupARN, targetType } = binding.spec;
    const [group] = aws.elb('DescribeTargetGroups', { TargetGroupArns: [targetGroupARN] }).TargetGroups;
    setFinalizers(context, binding, true);
    const service = { namespace: key.namespace!, name: String(serviceRef.name), port: serviceRef.port };
    const targets = targetsOf(context.store, { service, targetType: targetType ?? group.TargetType });
    deployer.setTargets(targetGroupARN, targets);
    observe(context, binding);
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const message = `Failed reconcile due to ${error.code}: ${error.message}`;
    context.events.event(binding, 'Warning', 'FailedReconcile', message);
    return { afterMs: RETRY_MS, background: true };
  }
}

function release(context: ControllerContext, deployer: LoadBalancerDeployer, binding: KubernetesObject): undefined {
  if (!(binding.metadata.finalizers ?? []).includes(FINALIZER)) return undefined;
  try {
    deployer.setTargets(binding.spec.targetGroupARN, []);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'TargetGroupNotFound') throw error;
  }
  setFinalizers(context, binding, false);
  return undefined;
}

function setFinalizers({ client }: ControllerContext, { metadata }: KubernetesObject, isHeld: boolean): void {
  const others = (metadata.finalizers ?? []).filter((one) => one !== FINALIZER);
  if (isHeld === (metadata.finalizers ?? []).includes(FINALIZER)) return;
  const finalizers = isHeld ? [...others, FINALIZER] : others.length > 0 ? others : null;
  client.patch(BINDINGS, metadata.namespace, metadata.name!, 'merge', { metadata: { finalizers } });
}

function observe({ client, store }: ControllerContext, { metadata }: KubernetesObject): void {
  const live = store.get(BINDINGS, metadata.namespace, metadata.name!);
  if (!live || live.status?.observedGeneration === live.metadata.generation) return;
  client.updateStatus(BINDINGS, { ...live, status: { observedGeneration: live.metadata.generation } });
}
