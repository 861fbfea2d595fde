/**
 * Target groups and their targets.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html
 */
import { AwsError, validationError } from '../aws-error';
import type { Scope, WireObject } from '../service';
import { refreshHealth, setState, startOver } from './health';
import { arnOf, elbOf, type Target, type TargetGroup } from './state';

const DEREGISTRATION_DELAY = 'deregistration_delay.timeout_seconds';

export function createTargetGroup(scope: Scope, input: WireObject): TargetGroup {
  const state = elbOf(scope);
  const name = String(input.Name ?? '');
  if (!/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?$/.test(name)) {
    throw validationError(`Target group name '${name}' is not valid`);
  }
  if ([...state.targetGroups.values()].some((group) => group.TargetGroupName === name)) {
    throw new AwsError(
      'DuplicateTargetGroupName',
      `A target group with the same name '${name}' exists, but with different settings`,
    );
  }
  const protocol = String(input.Protocol);
  const http = protocol === 'HTTP' || protocol === 'HTTPS';
  const number = (value: unknown, fallback: number) => Number(value ?? fallback);
  const group: TargetGroup = {
    TargetGroupArn: arnOf(scope, `targetgroup/${name}/${state.hex(16)}`),
    TargetGroupName: name,
    Protocol: protocol,
    Port: number(input.Port, 80),
    VpcId: String(input.VpcId),
    TargetType: input.TargetType ?? 'instance',
    HealthCheckProtocol: input.HealthCheckProtocol ?? (http ? protocol : 'TCP'),
    HealthCheckPort: input.HealthCheckPort ?? 'traffic-port',
    HealthCheckPath: input.HealthCheckPath ?? (http ? '/' : undefined),
    HealthCheckIntervalSeconds: number(input.HealthCheckIntervalSeconds, 30),
    HealthCheckTimeoutSeconds: number(input.HealthCheckTimeoutSeconds, http ? 5 : 10),
    HealthyThresholdCount: number(input.HealthyThresholdCount, 5),
    UnhealthyThresholdCount: number(input.UnhealthyThresholdCount, 2),
    attributes: new Map([[DEREGISTRATION_DELAY, '300']]),
    targets: new Map(),
    routed: 0,
    checking: false,
    tags: input.Tags ?? [],
  };
  state.targetGroups.set(group.TargetGroupArn, group);
  return group;
}

/** Health checks can change; protocol, port and type cannot. */
export function modifyTargetGroup(scope: Scope, input: WireObject): TargetGroup {
  const group = elbOf(scope).findTargetGroup(String(input.TargetGroupArn));
  for (const name of ['HealthCheckProtocol', 'HealthCheckPort', 'HealthCheckPath'] as const) {
    if (input[name] !== undefined) group[name] = String(input[name]);
  }
  for (const name of [
    'HealthCheckIntervalSeconds',
    'HealthCheckTimeoutSeconds',
    'HealthyThresholdCount',
    'UnhealthyThresholdCount',
  ] as const) {
    if (input[name] !== undefined) group[name] = Number(input[name]);
  }
  return group;
}

export function deleteTargetGroup(scope: Scope, arn: string): void {
  const state = elbOf(scope);
  if (state.targetGroups.has(arn) && state.usersOf(arn).length > 0) {
    throw new AwsError('ResourceInUse', `Target group '${arn}' is currently in use by a listener or a rule`);
  }
  state.targetGroups.delete(arn);
}

export function registerTargets(scope: Scope, arn: string, targets: readonly WireObject[]): void {
  const group = elbOf(scope).findTargetGroup(arn);
  for (const input of targets) {
    const target: Target = {
      Id: String(input.Id),
      Port: Number(input.Port ?? group.Port),
      state: 'initial',
      successes: 0,
      failures: 0,
    };
    const key = keyOf(target);
    const known = group.targets.get(key);
    if (known && known.state !== 'draining') continue;
    startOver(target);
    group.targets.set(key, target);
  }
  refreshHealth(scope, group);
}

export function deregisterTargets(scope: Scope, arn: string, targets: readonly WireObject[]): void {
  const group = elbOf(scope).findTargetGroup(arn);
  const delaySeconds = Number(group.attributes.get(DEREGISTRATION_DELAY));
  for (const input of targets) {
    const key = keyOf({ Id: String(input.Id), Port: Number(input.Port ?? group.Port) });
    const target = group.targets.get(key);
    if (!target) throw new AwsError('InvalidTarget', `The following targets are not registered: '${input.Id}'`);
    if (target.state === 'draining') continue;
    if (target.state === 'unused') {
      group.targets.delete(key);
      continue;
    }
    setState(target, 'draining');
    const forget = () => {
      if (group.targets.get(key) === target) group.targets.delete(key);
    };
    scope.account.simulation.clock.after(delaySeconds * 1000, forget, { background: true });
  }
}

export function targetHealth(scope: Scope, arn: string, only?: readonly WireObject[]): WireObject[] {
  const group = elbOf(scope).findTargetGroup(arn);
  const wanted =
    only && new Set(only.map((input) => keyOf({ Id: String(input.Id), Port: Number(input.Port ?? group.Port) })));
  return [...group.targets.values()]
    .filter((target) => !wanted || wanted.has(keyOf(target)))
    .map(({ Id, Port, state, reason, description }) => ({
      Target: { Id, Port },
      HealthCheckPort: group.HealthCheckPort === 'traffic-port' ? String(Port) : group.HealthCheckPort,
      TargetHealth: { State: state, Reason: reason, Description: description },
    }));
}

const keyOf = ({ Id, Port }: { readonly Id: string; readonly Port: number }): string => `${Id}:${Port}`;

export function targetGroupWire(scope: Scope, group: TargetGroup): WireObject {
  const { attributes: _, targets: __, routed: ___, checking: ____, tags: _____, ...members } = group;
  return {
    ...members,
    HealthCheckEnabled: true,
    ...(members.HealthCheckPath ? { Matcher: { HttpCode: '200' } } : {}),
    LoadBalancerArns: elbOf(scope)
      .usersOf(group.TargetGroupArn)
      .map((balancer) => balancer.LoadBalancerArn),
  };
}
