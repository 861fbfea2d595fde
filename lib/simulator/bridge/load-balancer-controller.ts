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
import { BadAnnotation } from './ingress-annotations';
import { finalizedGroups, groupOf, type IngressGroup, namedGroup, tryMember } from './ingress-groups';
import { modelOfGroup } from './ingress-model';
import { LoadBalancerDeployer, NoSubnets } from './load-balancer-deployer';
import { finalizerOf, type LoadBalancerModel } from './load-balancer-model';
import { modelOfService } from './service-model';
import { targetsOf } from './targets';

/** While AWS still says DependencyViolation, the controller asks again so often. */
const RETRY_MS = 15_000;

/** A load balancer as it is wanted: what it is made of, and the objects that get its address. */
interface Plan {
  readonly stack: string;
  readonly finalizer: string;
  readonly members: readonly KubernetesObject[];
  /** @throws BadAnnotation */
  model(): LoadBalancerModel;
}

interface LoadBalancedKind {
  readonly collection: ResourceName;
  readonly tagPrefix: string;
  /** Undefined for an object that asks for no load balancer of this controller. */
  plan(context: ControllerContext, object: KubernetesObject): Plan | undefined;
  /** The load balancers that an object still has to give back, by its finalizers. */
  held(object: KubernetesObject): readonly { readonly stack: string; readonly finalizer: string }[];
  /** What others still want of a load balancer that one object leaves. Undefined when nobody wants anything. */
  remaining(context: ControllerContext, finalizer: string): Plan | undefined;
  /** Names of the objects that a change of a Service or its endpoints concerns. */
  usersOf(context: ControllerContext, namespace: string, service: string): Iterable<string>;
}

const SERVICE_FINALIZER = finalizerOf('service.k8s.aws');

const services: LoadBalancedKind = {
  collection: 'services',
  tagPrefix: 'service.k8s.aws',
  plan(_context, service) {
    const model = modelOfService(service);
    return model && { stack: model.stack, finalizer: SERVICE_FINALIZER, members: [service], model: () => model };
  },
  held: (service) =>
    (service.metadata.finalizers ?? []).includes(SERVICE_FINALIZER)
      ? [{ stack: nameOf(service), finalizer: SERVICE_FINALIZER }]
      : [],
  remaining: () => undefined,
  usersOf: (_context, namespace, service) => [`${namespace}/${service}`],
};

function planOf(group: IngressGroup): Plan | undefined {
  if (group.members.length === 0) return undefined;
  const { stack, finalizer, members } = group;
  return { stack, finalizer, members: members.map(({ ingress }) => ingress), model: () => modelOfGroup(group) };
}

const ingresses: LoadBalancedKind = {
  collection: 'ingresses.networking.k8s.io',
  tagPrefix: 'ingress.k8s.aws',
  plan({ store }, ingress) {
    const member = tryMember(store, ingress);
    return member && planOf(groupOf(store, member));
  },
  held: finalizedGroups,
  remaining({ store }, finalizer) {
    const name = /^group\.ingress\.k8s\.aws\/(.+)$/.exec(finalizer)?.[1];
    return name === undefined ? undefined : planOf(namedGroup(store, name));
  },
  *usersOf(context, namespace, service) {
    for (const ingress of context.store.list('ingresses.networking.k8s.io', namespace)) {
      const text = JSON.stringify([ingress.spec, ingress.metadata.annotations]).replaceAll('\\"', '"');
      if (text.includes(`"name":"${service}"`) || text.includes(`"serviceName":"${service}"`)) yield nameOf(ingress);
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
  try {
    const plan = isTerminating(object) ? undefined : kind.plan(context, object);
    const gone = kind.held(object).filter(({ finalizer }) => finalizer !== plan?.finalizer);
    if (plan) {
      withFinalizer(kind, context, object, plan.finalizer);
      carryOut(kind, context, deployer, plan);
    }
    for (const { stack, finalizer } of gone) {
      const remaining = kind.remaining(context, finalizer);
      if (remaining) carryOut(kind, context, deployer, remaining);
      else deployer.remove({ stack, tagPrefix: kind.tagPrefix });
      withoutFinalizer(kind, context, object, finalizer);
    }
    return undefined;
  } catch (error) {
    const isLeaving = isTerminating(object);
    if (isLeaving && error instanceof AwsError && error.code === 'DependencyViolation') return { afterMs: RETRY_MS };
    return explain(context, object, error);
  }
}

/** Deploys a plan, fills its target groups, and tells its members the address. */
function carryOut(
  kind: LoadBalancedKind,
  context: ControllerContext,
  deployer: LoadBalancerDeployer,
  plan: Plan,
): void {
  const model = plan.model();
  const { dnsName, targetGroups } = deployer.deploy(model);
  for (const group of model.targetGroups) {
    deployer.setTargets(targetGroups.get(group.key)!, targetsOf(context.store, group));
  }
  for (const { metadata } of plan.members) {
    const live = context.store.get(kind.collection, metadata.namespace, metadata.name!);
    if (live) publish(kind, context, live, model, dnsName);
  }
}

function withFinalizer(
  kind: LoadBalancedKind,
  context: ControllerContext,
  { metadata }: KubernetesObject,
  finalizer: string,
): void {
  const { namespace, name, finalizers = [] } = metadata;
  if (finalizers.includes(finalizer)) return;
  const patch = { metadata: { finalizers: [...finalizers, finalizer] } };
  context.client.patch(kind.collection, namespace, name!, 'merge', patch);
}

function withoutFinalizer(
  kind: LoadBalancedKind,
  context: ControllerContext,
  { metadata: { namespace, name } }: KubernetesObject,
  finalizer: string,
): void {
  const live = context.store.get(kind.collection, namespace, name!);
  if (!live) return;
  const left = (live.metadata.finalizers ?? []).filter((one) => one !== finalizer);
  context.client.patch(kind.collection, namespace, name!, 'merge', {
    metadata: { finalizers: left.length > 0 ? left : null },
  });
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

/** A refusal of AWS becomes an event and another try; anything else is a bug. */
function explain(context: ControllerContext, object: KubernetesObject, error: unknown): Requeue {
  if (error instanceof NoSubnets || error instanceof BadAnnotation) {
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
