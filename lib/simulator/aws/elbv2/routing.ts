/**
 * Where a load balancer sends a request: listener, rule, target group, target.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html#listener-rules
 *
 * A Network Load Balancer really chooses by a hash of the connection; here both kinds take healthy targets in turn.
 */
import type { Scope } from '../service';
import { holds, type RoutedRequest } from './conditions';
import {
  type Action,
  elbOf,
  forwardedTo,
  type Listener,
  type RedirectConfig,
  type Rule,
  type Target,
  type TargetGroup,
} from './state';

export type Route =
  /** The request goes to this target. */
  | { readonly kind: 'target'; readonly group: TargetGroup; readonly target: Target }
  /** The load balancer answers by itself. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: string;
      readonly why: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** It was a target group that had nobody to send to. */
      readonly noTarget?: boolean;
    }
  /** Nobody answers: the connection is refused or reset. */
  | {
      readonly kind: 'refused';
      readonly why: string;
      /** It was a target group that had nobody to send to. */
      readonly noTarget?: boolean;
    };

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
  if (action.Type === 'redirect') return redirect(listener, action.RedirectConfig!, request);
  const group = state.targetGroups.get(chosenGroup(listener, action) ?? '');
  const target = group && nextTarget(group);
  if (group && target) return { kind: 'target', group, target };
  const states = [...(group?.targets.values() ?? [])].map(({ state }) => state);
  const why = `target group ${group?.TargetGroupName ?? 'of the listener'} has no target${inWords(states)}`;
  return balancer.Type === 'application'
    ? { kind: 'answer', status: 503, body: '503 Service Temporarily Unavailable', why, noTarget: true }
    : { kind: 'refused', why, noTarget: true };
}

/** `: 2 initial, 1 draining` */
function inWords(states: readonly string[]): string {
  const counts = [...new Set(states)].map((state) => `${states.filter((each) => each === state).length} ${state}`);
  return counts.length === 0 ? '' : `: ${counts.join(', ')}`;
}

function actionFor(listener: Listener, request: RoutedRequest): Action {
  const rule = listener.rules.find((one) => matches(one, request));
  const actions = rule?.Actions ?? listener.DefaultActions;
  return actions[actions.length - 1] ?? { Type: 'fixed-response' };
}

function matches(rule: Rule, request: RoutedRequest): boolean {
  return rule.Conditions.every((condition) => holds(condition, request));
}

function redirect(listener: Listener, config: RedirectConfig, request: RoutedRequest): Route {
  const [path, query = ''] = request.path.split('?') as [string, string?];
  const own: Record<string, string> = {
    protocol: listener.Protocol,
    host: request.host.split(':')[0]!,
    port: String(listener.Port),
    path: path.slice(1),
    query,
  };
  const fill = (text: string) => text.replace(/#\{(\w+)\}/g, (_, name: string) => own[name] ?? '');
  const protocol = fill(config.Protocol ?? '#{protocol}').toLowerCase();
  const port = fill(config.Port ?? '#{port}');
  const isUsual = port === (protocol === 'https' ? '443' : '80');
  const search = fill(config.Query ?? '#{query}');
  const authority = `${fill(config.Host ?? '#{host}')}${isUsual ? '' : `:${port}`}`;
  const location = `${protocol}://${authority}${fill(config.Path ?? '/#{path}')}${search ? `?${search}` : ''}`;
  const status = Number(config.StatusCode.replace('HTTP_', ''));
  return { kind: 'answer', status, body: '', headers: { location }, why: `redirected to ${location}` };
}

/** The target group of the action; of several, each gets its share in turn. */
function chosenGroup(listener: Listener, action: Action): string | undefined {
  const groups = action.ForwardConfig?.TargetGroups ?? [];
  if (groups.length < 2) return forwardedTo(action)[0];
  const weights = groups.map(({ Weight }) => Number(Weight ?? 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return undefined;
  let turn = listener.forwarded++ % total;
  return groups.find((_, i) => {
    turn -= weights[i]!;
    return turn < 0;
  })?.TargetGroupArn;
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
