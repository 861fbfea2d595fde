/**
 * The world outside of a cluster that stands alone: an AWS account with a network of its own, in which the AWS Load Balancer
 * Controller gives Services and Ingresses load balancers - the same controller and the same ELBv2 as in the local cloud.
 * https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/
 *
 * Names are found as a DNS zone kept by external-dns would answer: the names of load balancers, hosts of Ingresses, and what
 * the annotation `external-dns.alpha.kubernetes.io/hostname` of a Service says.
 *
 * Left out: instances behind the nodes. A node needs a provider id to be a target.
 */
import type { KubernetesObject } from '../kubernetes/object';
import { AwsAccount } from './aws/account';
import { awsApi, type ClusterSurroundings } from './bridge/aws-api';
import { ALB_CONTROLLER } from './bridge/ingress-groups';
import { loadBalancerControllers } from './bridge/load-balancer-controller';
import { attachHealthChecks, requestThroughLoadBalancer } from './bridge/load-balancer-network';
import type { Cluster } from './cluster/cluster';
import { startControllers } from './cluster/controllers/index';
import { type NetworkRequest, type NetworkResult, parseTarget } from './cluster/network/network';

const HOSTNAME = 'external-dns.alpha.kubernetes.io/hostname';
const INGRESSES = 'ingresses.networking.k8s.io';
const ZONES = ['a', 'b', 'c'];

export interface PublicNetwork {
  /** Sends a request from outside, through a load balancer where the name is one's; else into the cluster's network. */
  request(request: NetworkRequest): NetworkResult;
}

export function attachPublicNetwork(cluster: Cluster, region: string): PublicNetwork {
  const { store, kubelets, simulation } = cluster;
  const network = kubelets!.network;
  const surroundings = buildSurroundings(new AwsAccount({ simulation, region }), cluster.clusterName);
  const admin = cluster.clientFor('system:masters');
  admin.create('ingressclasses.networking.k8s.io', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'alb' },
    spec: { controller: ALB_CONTROLLER },
  });
  startControllers(cluster, { controllers: loadBalancerControllers(surroundings) });
  const addressOf = (instanceId: string): string | undefined => {
    const node = [...store.list('nodes')].find(({ spec }) => String(spec?.providerID ?? '').endsWith(`/${instanceId}`));
    const addresses: { type: string; address: string }[] = node?.status?.addresses ?? [];
    return addresses.find(({ type }) => type === 'InternalIP')?.address;
  };
  attachHealthChecks(surroundings, network, addressOf);

  /** The name of the load balancer that a public name leads to. */
  const balancerOf = (host: string): string | undefined => {
    for (const collection of ['services', INGRESSES]) {
      for (const object of store.list(collection)) {
        const hostname = object.status?.loadBalancer?.ingress?.[0]?.hostname;
        if (hostname !== undefined && namesOf(object).concat(hostname).includes(host)) return hostname;
      }
    }
    return undefined;
  };

  return {
    request(request) {
      const { host, port, path } = parseTarget(request.to);
      const dnsName = balancerOf(host);
      if (dnsName === undefined) return network.request(request);
      const headers = { host, ...request.headers };
      const message = { ...request, headers, dnsName, port, path };
      const { response, failure, path: way } = requestThroughLoadBalancer(surroundings, network, addressOf, message);
      return { path: way, ...(response ? { response } : {}), ...(failure ? { failure } : {}) };
    },
  };
}

function namesOf({ metadata, spec }: KubernetesObject): string[] {
  const annotated = (metadata.annotations?.[HOSTNAME] ?? '').split(',').filter((name) => name !== '');
  const hosts = (spec.rules ?? []).flatMap(({ host }: { host?: string }) => (host ? [host] : []));
  return [...annotated, ...hosts];
}

/** A network with a public subnet in each zone, as a cluster on EKS would have. */
function buildSurroundings(account: AwsAccount, clusterName: string): ClusterSurroundings {
  const { region } = account;
  const bare = { account, region, clusterName, vpcId: '', clusterSecurityGroupId: '' };
  const { ec2 } = awsApi(bare);
  const { vpcId } = ec2('CreateVpc', { CidrBlock: '10.0.0.0/16' }).vpc;
  const { internetGatewayId } = ec2('CreateInternetGateway').internetGateway;
  ec2('AttachInternetGateway', { InternetGatewayId: internetGatewayId, VpcId: vpcId });
  const roles = ['kubernetes.io/role/elb', 'kubernetes.io/role/internal-elb'];
  ZONES.forEach((zone, index) => {
    ec2('CreateSubnet', {
      VpcId: vpcId,
      CidrBlock: `10.0.${index * 16}.0/20`,
      AvailabilityZone: `${region}${zone}`,
      TagSpecification: [{ ResourceType: 'subnet', Tag: roles.map((Key) => ({ Key, Value: '1' })) }],
    });
  });
  const { groupId } = ec2('CreateSecurityGroup', {
    GroupName: `eks-cluster-sg-${clusterName}`,
    GroupDescription: 'Nodes and control plane',
    VpcId: vpcId,
  });
  return { ...bare, vpcId, clusterSecurityGroupId: groupId };
}
