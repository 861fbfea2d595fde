/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-loadbalancer.html */
import type { Properties, ResourceRequest, ResourceType } from '../cloudformation/resource-type';
import { createLoadBalancer, deleteLoadBalancer } from '../elbv2/load-balancers';
import { elbOf } from '../elbv2/state';

const find = (arn: string, request: ResourceRequest) => elbOf(request).findLoadBalancer(arn);

function setAttributes(arn: string, properties: Properties, request: ResourceRequest): void {
  const balancer = find(arn, request);
  for (const { Key, Value } of properties.LoadBalancerAttributes ?? []) balancer.attributes.set(Key, String(Value));
}

export const loadBalancer: ResourceType = {
  typeName: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
  create: (properties, request) => {
    // A name of at most 32 characters: stack and logical id share them, and the suffix makes it unique.
    const Name = properties.Name ?? request.generatedName(32);
    const arn = createLoadBalancer(request, {
      ...properties,
      Name,
      Tags: request.tags(properties.Tags),
    }).LoadBalancerArn;
    setAttributes(arn, properties, request);
    return arn;
  },
  settled: (arn, request) => find(arn, request).State.Code === 'active',
  update: (arn, properties, request) => {
    const balancer = find(arn, request);
    balancer.SecurityGroups = [...(properties.SecurityGroups ?? balancer.SecurityGroups)];
    balancer.tags = request.tags(properties.Tags);
    setAttributes(arn, properties, request);
  },
  delete: (arn, request) => deleteLoadBalancer(request, arn),
  attributes: {
    LoadBalancerArn: (arn) => arn,
    DNSName: (arn, request) => find(arn, request).DNSName,
    CanonicalHostedZoneID: (arn, request) => find(arn, request).CanonicalHostedZoneId,
    LoadBalancerName: (arn, request) => find(arn, request).LoadBalancerName,
    LoadBalancerFullName: (arn) => arn.split(':loadbalancer/')[1],
    SecurityGroups: (arn, request) => find(arn, request).SecurityGroups,
  },
};
