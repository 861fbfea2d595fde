/**
 * The custom resources of the AWS Load Balancer Controller.
 * https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/targetgroupbinding/spec/
 * https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/ingress_class/
 */
import type { Client } from '../cluster/client';

const GROUP = 'elbv2.k8s.aws';
const text = { type: 'string' };
const free = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

const TARGET_GROUP_BINDING = {
  type: 'object',
  required: ['serviceRef'],
  properties: {
    serviceRef: {
      type: 'object',
      required: ['name', 'port'],
      properties: { name: text, port: { 'x-kubernetes-int-or-string': true } },
    },
    targetGroupARN: text,
    targetGroupName: text,
    targetType: { type: 'string', enum: ['instance', 'ip'] },
    ipAddressType: { type: 'string', enum: ['ipv4', 'ipv6'] },
    vpcID: text,
    multiClusterTargetGroup: { type: 'boolean' },
    networking: free,
    nodeSelector: free,
  },
};

const INGRESS_CLASS_PARAMS = {
  type: 'object',
  properties: {
    group: { type: 'object', required: ['name'], properties: { name: text } },
    scheme: { type: 'string', enum: ['internal', 'internet-facing'] },
    loadBalancerName: text,
    ipAddressType: text,
    targetType: text,
    sslPolicy: text,
    certificateArn: { type: 'array', items: text },
    inboundCIDRs: { type: 'array', items: text },
    subnets: { type: 'object', properties: { ids: { type: 'array', items: text }, tags: free } },
    namespaceSelector: free,
    tags: { type: 'array', items: free },
    loadBalancerAttributes: { type: 'array', items: free },
  },
};

/** Puts the definitions into a cluster that does not have them. */
export function installLoadBalancerResources(client: Client): void {
  define(client, 'TargetGroupBinding', 'targetgroupbindings', TARGET_GROUP_BINDING, 'Namespaced');
  define(client, 'IngressClassParams', 'ingressclassparams', INGRESS_CLASS_PARAMS, 'Cluster');
}

function define(client: Client, kind: string, plural: string, spec: object, scope: 'Namespaced' | 'Cluster'): void {
  const name = `${plural}.${GROUP}`;
  if (client.tryGet('customresourcedefinitions.apiextensions.k8s.io', undefined, name)) return;
  client.create('customresourcedefinitions.apiextensions.k8s.io', {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: {
      group: GROUP,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      scope,
      versions: [
        {
          name: 'v1beta1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', properties: { spec, status: free } } },
        },
      ],
    },
  });
}
