/**
 * The AWS Load Balancer Controller, simulated: Services of type LoadBalancer and Ingresses of class `alb` get load balancers,
 * which follow their endpoints and go when they go.
 * https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/
 *
 * A finalizer keeps the Kubernetes object until AWS has given everything back. That is why a cluster must not be deleted
 * while such objects exist: nobody would be left to take the load balancers away.
 */

import { isTerminating, type KubernetesObject } from '../../kubernetes/object';
import { AwsError } from '../aws/aws-error';
import type { ResourceName } from '../cluster/client';
import type { ControllerContext, ControllerDefinition, Requeue } from '../cluster/controllers/controller';
import { nameOf, splitName } from '../cluster/controllers/controller';
import type { AwsGuard, ClusterSurroundings } from './aws-api';
import { ALB_CONTROLLER, modelOfIngress } from './ingress-model';
import { LoadBalancerDeployer, NoSubnets } from './load-balancer-deployer';
import { finalizerOf, type LoadBalancerModel } from './load-balancer-model';
import { modelOfService } from './service-model';
import { targetsOf } from './targets';

/** While AWS still says DependencyViolation, the controller asks again so often. */
const RETRY_MS = 15_000;

interface LoadBalancedKind {
  readonly collection: ResourceName;
  readonly tagPrefix: string;
  /** Undefined for an object that asks for no load balancer of this controller. */
  model(context: ControllerContext, object: KubernetesObject): LoadBalancerModel | undefined;
  /** Names of the objects that a change of a Service or its endpoints concerns. */
  usersOf(context: ControllerContext, namespace: string, service: string): Iterable<string>;
}

const services: LoadBalancedKind = {
  collection: 'services',
  tagPrefix: 'service.k8s.aws',
  model: (_context, service) => modelOfService(service),
  usersOf: (_context, namespace, service) => [`${namespace}/${service}`],
};

const ingresses: LoadBalancedKind = {
  collection: 'ingresses.networking.k8s.io',
  tagPrefix: 'ingress.k8s.aws',
  model: (context, ingress) => (isAlbIngress(context, ingress) ? modelOfIngress(ingress) : undefined),
  *usersOf(context, namespace, service) {
    for (const ingress of context.store.list('ingresses.networking.k8s.io', namespace)) {
      if (JSON.stringify(ingress.spec).includes(`"name":"${service}"`)) yield nameOf(ingress);
    }
  },
};

/** The controllers of load balancers for one EKS cluster. */
export function loadBalancerControllers(surroundings: ClusterSurroundings, guard?: AwsGuard): ControllerDefinition[] {
  return [services, ingresses].map((kind) => definitionOf(kind, surroundings, guard));
}

function definitionOf(
  kind: LoadBalancedKind,
  surroundings: ClusterSurroundings,
  guard: AwsGuard | undefined,
): ControllerDefinition {
  const what = kind === services ? 'service' : 'ingress';
  return {
    name: `aws-load-balancer-controller/${what}`,
    serviceAccount: 'aws-load-balancer-controller',
    component: what,
    create: (context) => {
      const deployer = new LoadBalancerDeployer(surroundings, guard);
      const users = (namespace: string, service: string) => kind.usersOf(context, namespace, service);
      return {
        watches: [
          { collection: kind.collection },
          {
            collection: 'endpointslices.discovery.k8s.io',
            names: ({ object }) =>
              users(object.metadata.namespace!, object.metadata.labels?.['kubernetes.io/service-name'] ?? ''),
          },
          ...(kind === ingresses
            ? [
                {
                  collection: 'services',
                  names: ({ object }: { object: KubernetesObject }) =>
                    users(object.metadata.namespace!, object.metadata.name!),
                },
              ]
            : []),
        ],
        reconcile: (name) => reconcile(kind, context, deployer, name),
      };
    },
  };
}

function reconcile(
  kind: LoadBalancedKind,
  context: ControllerContext,
  deployer: LoadBalancerDeployer,
  name: string,
): Requeue | undefined {
  const key = splitName(name);
  const object = context.store.get(kind.collection, key.namespace, key.name);
  if (!object) return undefined;
  const model = isTerminating(object) ? undefined : kind.model(context, object);
  if (!model) return cleanUp(kind, context, deployer, object);
  const owned = withFinalizer(kind, context, object);
  try {
    const { dnsName, targetGroups } = deployer.deploy(model);
    for (const group of model.targetGroups) {
      deployer.setTargets(targetGroups.get(group.key)!, targetsOf(context.store, group));
    }
    publish(kind, context, owned, model, dnsName);
    return undefined;
  } catch (error) {
    return explain(context, object, error);
  }
}

function withFinalizer(kind: LoadBalancedKind, context: ControllerContext, object: KubernetesObject): KubernetesObject {
  const finalizer = finalizerOf(kind.tagPrefix);
  const { namespace, name, finalizers = [] } = object.metadata;
  if (finalizers.includes(finalizer)) return object;
  const patch = { metadata: { finalizers: [...finalizers, finalizer] } };
  return context.client.patch(kind.collection, namespace, name!, 'merge', patch);
}

function publish(
  kind: LoadBalancedKind,
  context: ControllerContext,
  object: KubernetesObject,
  model: LoadBalancerModel,
  hostname: string,
): void {
  if (object.status?.loadBalancer?.ingress?.[0]?.hostname === hostname) return;
  // An Ingress names the ports that answer; a Service has them in its spec.
  const ports = kind === ingresses ? { ports: model.openPorts.map((port) => ({ port, protocol: 'TCP' })) } : {};
  const status = { ...object.status, loadBalancer: { ingress: [{ hostname, ...ports }] } };
  context.client.updateStatus(kind.collection, { ...object, status });
  context.events.event(object, 'Normal', 'SuccessfullyReconciled', 'Successfully reconciled');
}

function cleanUp(
  kind: LoadBalancedKind,
  context: ControllerContext,
  deployer: LoadBalancerDeployer,
  object: KubernetesObject,
): Requeue | undefined {
  const finalizer = finalizerOf(kind.tagPrefix);
  const { namespace, name, finalizers = [] } = object.metadata;
  if (!finalizers.includes(finalizer)) return undefined;
  try {
    deployer.remove({ stack: nameOf(object), tagPrefix: kind.tagPrefix });
  } catch (error) {
    if (error instanceof AwsError && error.code === 'DependencyViolation') return { afterMs: RETRY_MS };
    return explain(context, object, error);
  }
  const left = finalizers.filter((one) => one !== finalizer);
  context.client.patch(kind.collection, namespace, name!, 'merge', {
    metadata: { finalizers: left.length > 0 ? left : null },
  });
  return undefined;
}

/** A refusal of AWS becomes an event and another try; anything else is a bug. */
function explain(context: ControllerContext, object: KubernetesObject, error: unknown): Requeue {
  if (error instanceof NoSubnets) {
    context.events.event(object, 'Warning', 'FailedBuildModel', `Failed build model due to ${error.message}`);
  } else if (error instanceof AwsError) {
    context.events.event(
      object,
      'Warning',
      'FailedDeployModel',
      `Failed deploy model due to ${error.code}: ${error.message}`,
    );
  } else {
    throw error;
  }
  // It may never succeed, so nobody should wait for it.
  return { afterMs: RETRY_MS, background: true };
}

function isAlbIngress(context: ControllerContext, ingress: KubernetesObject): boolean {
  const annotated = ingress.metadata.annotations?.['kubernetes.io/ingress.class'];
  if (annotated !== undefined) return annotated === 'alb';
  const { ingressClassName } = ingress.spec;
  if (ingressClassName === undefined) return false;
  return (
    context.store.get('ingressclasses.networking.k8s.io', undefined, ingressClassName)?.spec?.controller ===
    ALB_CONTROLLER
  );
}
