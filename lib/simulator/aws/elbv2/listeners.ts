/**
 * Listeners and their rules.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html
 */
import { AwsError } from '../aws-error';
import type { Scope, WireObject } from '../service';
import { refreshHealth } from './health';
import { type Action, arnOf, elbOf, forwardedTo, type Listener, type Rule } from './state';

export function createListener(scope: Scope, input: WireObject): Listener {
  const state = elbOf(scope);
  const balancer = state.findLoadBalancer(String(input.LoadBalancerArn));
  const Port = Number(input.Port);
  if (state.listenersOf(balancer.LoadBalancerArn).some((listener) => listener.Port === Port)) {
    throw new AwsError('DuplicateListener', 'A listener already exists on this port for this load balancer');
  }
  checkActions(scope, input.DefaultActions ?? []);
  const path = balancer.LoadBalancerArn.split(':loadbalancer/')[1];
  const listener: Listener = {
    ListenerArn: arnOf(scope, `listener/${path}/${state.hex(16)}`),
    LoadBalancerArn: balancer.LoadBalancerArn,
    Port,
    Protocol: String(input.Protocol),
    Certificates: input.Certificates,
    SslPolicy: input.SslPolicy ?? (input.Certificates ? 'ELBSecurityPolicy-2016-08' : undefined),
    DefaultActions: input.DefaultActions ?? [],
    rules: [],
    forwarded: 0,
    tags: input.Tags ?? [],
  };
  state.listeners.set(listener.ListenerArn, listener);
  refreshAll(scope);
  return listener;
}

export function modifyListener(scope: Scope, input: WireObject): Listener {
  const listener = elbOf(scope).findListener(String(input.ListenerArn));
  if (input.DefaultActions) {
    checkActions(scope, input.DefaultActions);
    listener.DefaultActions = input.DefaultActions;
  }
  if (input.Port) listener.Port = Number(input.Port);
  if (input.Protocol) listener.Protocol = String(input.Protocol);
  if (input.Certificates) listener.Certificates = input.Certificates;
  if (input.SslPolicy) listener.SslPolicy = String(input.SslPolicy);
  refreshAll(scope);
  return listener;
}

export function deleteListener(scope: Scope, arn: string): void {
  elbOf(scope).findListener(arn);
  elbOf(scope).listeners.delete(arn);
  refreshAll(scope);
}

export function createRule(scope: Scope, input: WireObject): Rule {
  const state = elbOf(scope);
  const listener = state.findListener(String(input.ListenerArn));
  const Priority = Number(input.Priority);
  if (listener.rules.some((rule) => rule.Priority === Priority)) {
    throw new AwsError('PriorityInUse', `Priority '${Priority}' is currently in use`);
  }
  checkActions(scope, input.Actions ?? []);
  const RuleArn = `${listener.ListenerArn.replace(':listener/', ':listener-rule/')}/${state.hex(16)}`;
  const rule: Rule = { RuleArn, Priority, Conditions: input.Conditions ?? [], Actions: input.Actions ?? [] };
  listener.rules.push(rule);
  listener.rules.sort((a, b) => a.Priority - b.Priority);
  refreshAll(scope);
  return rule;
}

export function modifyRule(scope: Scope, input: WireObject): Rule {
  const rule = findRule(scope, String(input.RuleArn));
  if (input.Conditions) rule.Conditions = input.Conditions;
  if (input.Actions) {
    checkActions(scope, input.Actions);
    rule.Actions = input.Actions;
  }
  refreshAll(scope);
  return rule;
}

export function findRule(scope: Scope, arn: string): Rule {
  for (const { rules } of elbOf(scope).listeners.values()) {
    const rule = rules.find((item) => item.RuleArn === arn);
    if (rule) return rule;
  }
  throw new AwsError('RuleNotFound', `Rule '${arn}' not found`);
}

export function deleteRule(scope: Scope, arn: string): void {
  for (const listener of elbOf(scope).listeners.values()) {
    const index = listener.rules.findIndex((rule) => rule.RuleArn === arn);
    if (index < 0) continue;
    listener.rules.splice(index, 1);
    refreshAll(scope);
    return;
  }
  throw new AwsError('RuleNotFound', `Rule '${arn}' not found`);
}

function checkActions(scope: Scope, actions: readonly Action[]): void {
  for (const action of actions) for (const arn of forwardedTo(action)) elbOf(scope).findTargetGroup(arn);
}

function refreshAll(scope: Scope): void {
  for (const group of elbOf(scope).targetGroups.values()) refreshHealth(scope, group);
}

export function listenerWire({ rules: _, tags: __, forwarded: ___, ...members }: Listener): WireObject {
  return members;
}

export function ruleWire(rule: Rule): WireObject {
  return { ...rule, Priority: String(rule.Priority), IsDefault: false };
}

/** Every listener has a last rule, which cannot be deleted: its default actions. */
export function defaultRuleWire(listener: Listener): WireObject {
  const RuleArn = `${listener.ListenerArn.replace(':listener/', ':listener-rule/')}/default`;
  return { RuleArn, Priority: 'default', Conditions: [], Actions: listener.DefaultActions, IsDefault: true };
}
