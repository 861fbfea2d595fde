/**
 * Ties one simulated EKS cluster to the simulated AWS account around it: instances become Nodes, Services and Ingresses
 * get load balancers, claims get EBS volumes, and requests find their way from a load balancer to a Pod. The only code
 * that sees both sides.
 */
import { clusterAutoscaler } from '../cluster/autoscaler/cluster-autoscaler';
import type { Cluster } from '../cluster/cluster';
import { startControllers } from '../cluster/controllers/index';
import type { HttpRequest } from '../cluster/network/http-message';
import { EBS_DRIVER, EBS_IN_TREE } from '../cluster/volume-provisioner';
import { AddonInstaller } from './addon-installer';
import { defineAddonImages } from './addons/images';
import { AutoMode } from './auto-mode';
import type { ClusterSurroundings } from './aws-api';
import { ControllerIdentity } from './controller-identity';
import { Fargate } from './fargate';
import { InstanceNodes } from './instances';
import { loadBalancerControllers } from './load-balancer-controller';
import { attachHealthChecks, type LoadBalancerAnswer, requestThroughLoadBalancer } from './load-balancer-network';
import { installLoadBalancerResources } from './load-balancer-resources';
import { scalingGroups } from './scaling-groups';
import { targetGroupBindings } from './target-group-binding';
import { ebsVolumes } from './volumes';

/** The driver that Auto Mode has built in. */
const EBS_AUTO_MODE = 'ebs.csi.eks.amazonaws.com';

export interface Bridge {
  readonly surroundings: ClusterSurroundings;
  /** The software that EKS brings. */
  readonly addons: AddonInstaller;
  /** Pods with machines of their own. */
  readonly fargate: Fargate;
  /** The nodes of the cluster, by instance. */
  readonly nodes: InstanceNodes;
  /** Sends a request to a listener of a load balancer. */
  request(request: HttpRequest & { readonly dnsName: string; readonly port: number }): LoadBalancerAnswer;
}

export function attachBridge(cluster: Cluster, surroundings: ClusterSurroundings): Bridge {
  const kubelets = cluster.kubelets!;
  const nodes = new InstanceNodes(
    surroundings,
    kubelets,
    cluster.clientFor('eks:node-manager', 'cloud-controller-manager'),
  );
  defineAddonImages(kubelets.images, surroundings.region);
  const addressOf = (instanceId: string) => nodes.addressOf(instanceId);
  const identity = (serviceAccount: string) =>
    new ControllerIdentity(surroundings, cluster.clientFor('system:masters'), serviceAccount);
  const volumes = ebsVolumes(surroundings, identity('ebs-csi-controller-sa'));
  for (const driver of [EBS_DRIVER, EBS_IN_TREE, EBS_AUTO_MODE]) cluster.volumeProvisioners.set(driver, volumes);
  const fargate = new Fargate(surroundings, kubelets, cluster.clientFor('eks:fargate-scheduler', 'fargate-scheduler'));
  const balancing = identity('aws-load-balancer-controller');
  installLoadBalancerResources(cluster.clientFor('system:masters', 'aws-load-balancer-controller'));
  startControllers(cluster, {
    controllers: [
      ...loadBalancerControllers(surroundings, balancing),
      targetGroupBindings(surroundings, balancing),
      fargate.controller,
      ...AutoMode.start(cluster, surroundings, nodes),
    ],
  });
  const autoscaler = clusterAutoscaler({
    scheduler: cluster.scheduler!,
    groups: () => scalingGroups(surroundings),
  });
  startControllers(cluster, { controllers: [autoscaler] });
  attachHealthChecks(surroundings, kubelets.network, addressOf);
  return {
    surroundings,
    fargate,
    addons: new AddonInstaller(cluster.clientFor('eks:addon-manager', 'eks')),
    nodes,
    request: (request) => requestThroughLoadBalancer(surroundings, kubelets.network, addressOf, request),
  };
}
