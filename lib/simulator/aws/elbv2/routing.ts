/**
 * Where a load balancer sends a request: listener, rule, target group, target.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html#listener-rules
 *
 * A Network Load Balancer really chooses by a hash of the connection; here both kinds take healthy targets in turn.
 */
import type { Scope } from '../service';
import { type Action, elbOf, forwardedTo, type Listener, type Rule, type Target, type TargetGroup } from './state';

export interface RoutedRequest {
  readonly host: string;
  /** With the query. */
  readonly path: string;
}

export type Route =
  /** The request goes to this target. */
  | { readonly kind: 'target'; readonly group: TargetGroup; readonly target: Target }
  /** The load balancer answers by itself. */
  | { readonly kind: 'answer'; readonly status: number; readonly body: string; readonly why: string }
  /** Nobody answers: the connection is refused or reset. */
  | { readonly kind: 'refused'; readonly why: string };

/** Routes one request (application) or one connection (network). */
export function route(scope: Scope, dnsName: string, port: number, request: RoutedRequest): Route {
  const state = elbOf(scope);
  const balancer = [...state.loadBalancers.values()].find((one) => one.DNSName === dnsName);
  if (!balancer) return { kind: 'refused', why: `no load balancer has the name ${dnsName}` };
  if (balancer.State.Code !== 'active') {
    return { kind: 'refused', why: `load balancer ${balancer.LoadBalancerName} is ${balancer.State.Code}` };
  }
  const listener = state.listenersOf(balancer.LoadBalancerArn).find((one) => one.Port === port);
  if (!listener) return { kind: 'refused', why: `${balancer.LoadBalancerName} has no listener on port ${port}` };
  const action = actionFor(listener, request);
  if (action.Type === 'fixed-response') {
    const { StatusCode = '404', MessageBody = '' } = action.FixedResponseConfig ?? {};
    return { kind: 'answer', status: Number(StatusCode), body: MessageBody, why: 'no rule of the listener matches' };
  }
  const group = state.targetGroups.get(forwardedTo(action)[0] ?? '');
  const target = group && nextTarget(group);
  if (group && target) return { kind: 'target', group, target };
  const why = `target group ${group?.TargetGroupName ?? 'of the listener'} has no target`;
  return balancer.Type === 'application'
    ? { kind: 'answer', status: 503, body: '503 Service Temporarily Unavailable', why }
    : { kind: 'refused', why };
}

function actionFor(listener: Listener, request: RoutedRequest): Action {
  const rule = listener.rules.find((one) => matches(one, request));
  const actions = rule?.Actions ?? listener.DefaultActions;
  return actions[actions.length - 1] ?? { Type: 'fixed-response' };
}

/** Every condition of a rule must hold; one value of a condition is enough. */
function matches(rule: Rule, { host, path }: RoutedRequest): boolean {
  const plainHost = host.split(':')[0]!.toLowerCase();
  const plainPath = path.split('?')[0]!;
  return rule.Conditions.every((condition) => {
    const values = condition.HostHeaderConfig?.Values ?? condition.PathPatternConfig?.Values ?? condition.Values ?? [];
    if (condition.Field === 'host-header') return values.some((value) => wildcard(value.toLowerCase()).test(plainHost));
    if (condition.Field === 'path-pattern') return values.some((value) => wildcard(value).test(plainPath));
    return false;
  });
}

function wildcard(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}

/** Healthy targets in turn. When none is healthy, all are tried: the load balancer "fails open". */
function nextTarget(group: TargetGroup): Target | undefined {
  const usable = [...group.targets.values()].filter(
    (target) => target.state !== 'draining' && target.state !== 'initial',
  );
  const healthy = usable.filter((target) => target.state === 'healthy');
  const candidates = healthy.length > 0 ? healthy : usable;
  if (candidates.length === 0) return undefined;
  return candidates[group.routed++ % candidates.length];
}
