/**
 * The health of targets: `initial` until enough checks in a row have answered, then `healthy`; `unhealthy` after enough that
 * have not; `unused` while no active load balancer forwards to the group; `draining` on the way out.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html
 *
 * Example: interval 10 s, healthy threshold 3: a target that answers is healthy 30 s after it was registered.
 */
import type { Scope } from '../service';
import { elbOf, type Target, type TargetGroup, type TargetState } from './state';

const REASONS: Readonly<Record<Exclude<TargetState, 'healthy'>, readonly [reason: string, description: string]>> = {
  initial: ['Elb.RegistrationInProgress', 'Target registration is in progress'],
  unhealthy: ['Target.FailedHealthChecks', 'Health checks failed'],
  unused: ['Target.NotInUse', 'Target group is not configured to receive traffic from the load balancer'],
  draining: ['Target.DeregistrationInProgress', 'Target deregistration is in progress'],
};

export function setState(target: Target, state: TargetState): void {
  target.state = state;
  const [reason, description] = state === 'healthy' ? [] : REASONS[state];
  target.reason = reason;
  target.description = description;
}

/** To be called whenever the group's targets, or the load balancers in front of it, have changed. */
export function refreshHealth(scope: Scope, group: TargetGroup): void {
  const inUse = isInUse(scope, group);
  for (const target of group.targets.values()) {
    if (target.state === 'draining') continue;
    if (!inUse) setState(target, 'unused');
    else if (target.state === 'unused') startOver(target);
  }
  if (inUse) schedule(scope, group);
}

/** A new target, or one that is in use again. */
export function startOver(target: Target): void {
  target.successes = 0;
  target.failures = 0;
  setState(target, 'initial');
}

function isInUse(scope: Scope, group: TargetGroup): boolean {
  return elbOf(scope)
    .usersOf(group.TargetGroupArn)
    .some((balancer) => balancer.State.Code === 'active');
}

function schedule(scope: Scope, group: TargetGroup): void {
  if (group.checking || group.targets.size === 0) return;
  group.checking = true;
  const undecided = [...group.targets.values()].some((target) => target.state === 'initial');
  // Somebody waits for a target that is not decided yet; checks of the others go on for as long as the world exists.
  const ended = undecided ? scope.account.begin(`health checks of ${group.TargetGroupName}`) : undefined;
  const check = () => {
    ended?.();
    group.checking = false;
    if (!elbOf(scope).targetGroups.has(group.TargetGroupArn) || !isInUse(scope, group)) return;
    for (const target of group.targets.values()) checkTarget(scope, group, target);
    schedule(scope, group);
  };
  scope.account.simulation.clock.after(group.HealthCheckIntervalSeconds * 1000, check, { background: !undecided });
}

function checkTarget(scope: Scope, group: TargetGroup, target: Target): void {
  if (target.state === 'draining') return;
  if (elbOf(scope).probe(group, target)) {
    target.successes++;
    target.failures = 0;
    if (target.successes >= group.HealthyThresholdCount) setState(target, 'healthy');
  } else {
    target.failures++;
    target.successes = 0;
    if (target.failures >= group.UnhealthyThresholdCount) setState(target, 'unhealthy');
  }
}
