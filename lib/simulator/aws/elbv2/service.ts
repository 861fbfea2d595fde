/**
 * Elastic Load Balancing v2: the operations that controllers, teardowns and people use.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Operations.html
 *
 * Left out: trust stores, revocations, capacity reservations, SetIpAddressType, SetSubnets, resource policies.
 */
import { AwsError } from '../aws-error';
import { queryProtocol } from '../http/query-protocol';
import type { Call, Operation, Scope, Service, WireObject } from '../service';
import { mergeTags, type Tag } from '../tags';
import {
  createListener,
  createRule,
  defaultRuleWire,
  deleteListener,
  deleteRule,
  listenerWire,
  modifyListener,
  modifyRule,
  ruleWire,
} from './listeners';
import { createLoadBalancer, deleteLoadBalancer, loadBalancerWire } from './load-balancers';
import { elbOf, type Listener, type LoadBalancer, type TargetGroup } from './state';
import {
  createTargetGroup,
  deleteTargetGroup,
  deregisterTargets,
  modifyTargetGroup,
  registerTargets,
  targetGroupWire,
  targetHealth,
} from './target-groups';

const MAX_ARNS_OF_DESCRIBE_TAGS = 20;

/** Calls the operation's function and answers with nothing. */
const silently =
  (run: (call: Call, input: WireObject) => void): Operation =>
  (input, call) => {
    run(call, input);
    return {};
  };

export const elbv2: Service = {
  name: 'ElasticLoadBalancingV2',
  signingName: 'elasticloadbalancing',
  version: '2015-12-01',
  protocol: queryProtocol,
  operations: {
    CreateLoadBalancer: (input, call) => ({ LoadBalancers: [loadBalancerWire(createLoadBalancer(call, input))] }),
    DeleteLoadBalancer: silently((call, input) => deleteLoadBalancer(call, String(input.LoadBalancerArn))),
    DescribeLoadBalancers: (input, call) => ({
      LoadBalancers: describeLoadBalancers(call, input).map(loadBalancerWire),
    }),
    DescribeLoadBalancerAttributes: (input, call) =>
      attributesWire(elbOf(call).findLoadBalancer(String(input.LoadBalancerArn)).attributes),
    ModifyLoadBalancerAttributes: (input, call) =>
      changeAttributes(elbOf(call).findLoadBalancer(String(input.LoadBalancerArn)).attributes, input),
    SetSecurityGroups: (input, call) => {
      const balancer = elbOf(call).findLoadBalancer(String(input.LoadBalancerArn));
      balancer.SecurityGroups = input.SecurityGroups ?? [];
      return { SecurityGroupIds: balancer.SecurityGroups };
    },

    CreateListener: (input, call) => ({ Listeners: [listenerWire(createListener(call, input))] }),
    ModifyListener: (input, call) => ({ Listeners: [listenerWire(modifyListener(call, input))] }),
    DeleteListener: silently((call, input) => deleteListener(call, String(input.ListenerArn))),
    DescribeListeners: (input, call) => ({ Listeners: describeListeners(call, input).map(listenerWire) }),

    CreateRule: (input, call) => ({ Rules: [ruleWire(createRule(call, input))] }),
    ModifyRule: (input, call) => ({ Rules: [ruleWire(modifyRule(call, input))] }),
    DeleteRule: silently((call, input) => deleteRule(call, String(input.RuleArn))),
    DescribeRules: (input, call) => {
      const listener = elbOf(call).findListener(String(input.ListenerArn));
      return { Rules: [...listener.rules.map(ruleWire), defaultRuleWire(listener)] };
    },

    CreateTargetGroup: (input, call) => ({ TargetGroups: [targetGroupWire(call, createTargetGroup(call, input))] }),
    ModifyTargetGroup: (input, call) => ({ TargetGroups: [targetGroupWire(call, modifyTargetGroup(call, input))] }),
    DeleteTargetGroup: silently((call, input) => deleteTargetGroup(call, String(input.TargetGroupArn))),
    DescribeTargetGroups: (input, call) => ({
      TargetGroups: describeTargetGroups(call, input).map((group) => targetGroupWire(call, group)),
    }),
    DescribeTargetGroupAttributes: (input, call) =>
      attributesWire(elbOf(call).findTargetGroup(String(input.TargetGroupArn)).attributes),
    ModifyTargetGroupAttributes: (input, call) =>
      changeAttributes(elbOf(call).findTargetGroup(String(input.TargetGroupArn)).attributes, input),
    RegisterTargets: silently((call, input) =>
      registerTargets(call, String(input.TargetGroupArn), input.Targets ?? []),
    ),
    DeregisterTargets: silently((call, input) =>
      deregisterTargets(call, String(input.TargetGroupArn), input.Targets ?? []),
    ),
    DescribeTargetHealth: (input, call) => ({
      TargetHealthDescriptions: targetHealth(call, String(input.TargetGroupArn), input.Targets),
    }),

    DescribeTags: (input, call) => ({ TagDescriptions: describeTags(call, input.ResourceArns ?? []) }),
    AddTags: silently((call, input) => {
      for (const arn of input.ResourceArns ?? []) {
        const tagged = findTagged(call, arn);
        tagged.tags = mergeTags(tagged.tags, input.Tags ?? []);
      }
    }),
    RemoveTags: silently((call, input) => {
      for (const arn of input.ResourceArns ?? []) {
        const tagged = findTagged(call, arn);
        tagged.tags = tagged.tags.filter((tag) => !input.TagKeys?.includes(tag.Key));
      }
    }),
  },
};

function describeLoadBalancers(scope: Scope, { LoadBalancerArns, Names }: WireObject): LoadBalancer[] {
  const state = elbOf(scope);
  if (LoadBalancerArns) return LoadBalancerArns.map((arn: string) => state.findLoadBalancer(arn));
  const all = [...state.loadBalancers.values()];
  if (!Names) return all;
  return Names.map((name: string) => {
    const found = all.find((balancer) => balancer.LoadBalancerName === name);
    if (!found) throw new AwsError('LoadBalancerNotFound', `Load balancers '[${Names.join(', ')}]' not found`);
    return found;
  });
}

function describeListeners(scope: Scope, { LoadBalancerArn, ListenerArns }: WireObject): Listener[] {
  const state = elbOf(scope);
  if (ListenerArns) return ListenerArns.map((arn: string) => state.findListener(arn));
  state.findLoadBalancer(String(LoadBalancerArn));
  return state.listenersOf(String(LoadBalancerArn));
}

function describeTargetGroups(scope: Scope, { LoadBalancerArn, TargetGroupArns, Names }: WireObject): TargetGroup[] {
  const state = elbOf(scope);
  if (TargetGroupArns) return TargetGroupArns.map((arn: string) => state.findTargetGroup(arn));
  const all = [...state.targetGroups.values()];
  if (LoadBalancerArn) {
    const uses = (arn: string) => state.usersOf(arn).some((balancer) => balancer.LoadBalancerArn === LoadBalancerArn);
    return all.filter((group) => uses(group.TargetGroupArn));
  }
  if (!Names) return all;
  const named = all.filter((group) => Names.includes(group.TargetGroupName));
  if (named.length === 0) throw new AwsError('TargetGroupNotFound', 'One or more target groups not found');
  return named;
}

function describeTags(scope: Scope, arns: readonly string[]) {
  if (arns.length > MAX_ARNS_OF_DESCRIBE_TAGS) {
    throw new AwsError('ValidationError', `Cannot have more than ${MAX_ARNS_OF_DESCRIBE_TAGS} resources described`);
  }
  return arns.map((ResourceArn) => ({ ResourceArn, Tags: findTagged(scope, ResourceArn).tags }));
}

function findTagged(scope: Scope, arn: string): { tags: Tag[] } {
  const state = elbOf(scope);
  if (arn.includes(':targetgroup/')) return state.findTargetGroup(arn);
  if (arn.includes(':listener/')) return state.findListener(arn);
  return state.findLoadBalancer(arn);
}

function attributesWire(attributes: ReadonlyMap<string, string>): WireObject {
  return { Attributes: [...attributes].map(([Key, Value]) => ({ Key, Value })) };
}

function changeAttributes(attributes: Map<string, string>, input: WireObject): WireObject {
  for (const { Key, Value } of input.Attributes ?? []) attributes.set(String(Key), String(Value));
  return attributesWire(attributes);
}
