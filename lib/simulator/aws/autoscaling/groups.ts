/**
 * Auto Scaling groups: keep a number of instances over a set of subnets, and replace what goes.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-groups.html
 *
 * Left out: scaling policies, lifecycle hooks, mixed instances, warm pools.
 */
import { AwsError } from '../aws-error';
import {
  type Instance,
  isAlive,
  type NewInstance,
  onInstances,
  runInstance,
  terminateInstance,
} from '../ec2/instances';
import { ec2Of } from '../ec2/state';
import { regionalState, type Scope } from '../service';
import type { TagMap } from '../tags';

export interface AutoScalingGroup {
  readonly name: string;
  readonly arn: string;
  readonly createdTime: string;
  minSize: number;
  maxSize: number;
  desiredCapacity: number;
  readonly subnetIds: readonly string[];
  launch: Omit<NewInstance, 'subnetId'>;
  readonly tags: TagMap;
  readonly instanceIds: Set<string>;
  deleting: boolean;
  /** Why the last launch failed, as EKS reports it of a node group. */
  launchFailure?: { readonly code: string; readonly message: string; readonly resourceIds: readonly string[] };
}

/** How long the group takes to notice that an instance is missing. */
const NOTICE_MS = 30_000;
/** Between two tries to launch what AWS has refused. */
const RETRY_MS = 60_000;

export const autoScalingGroupsOf = regionalState('autoscaling', (scope) => {
  const groups = new Map<string, AutoScalingGroup>();
  onInstances(scope, {
    terminating: ({ instanceId }) => {
      for (const group of groups.values()) {
        if (!group.instanceIds.delete(instanceId) || group.deleting) continue;
        scope.account.simulation.clock.after(NOTICE_MS, () => reconcile(scope, group));
      }
    },
  });
  return groups;
});

export interface NewGroup {
  readonly name: string;
  readonly minSize: number;
  readonly maxSize: number;
  readonly desiredCapacity: number;
  readonly subnetIds: readonly string[];
  readonly launch: Omit<NewInstance, 'subnetId'>;
  readonly tags: TagMap;
}

export function createGroup(scope: Scope, input: NewGroup): AutoScalingGroup {
  const { account, region } = scope;
  const id = account.random(`autoscaling/${input.name}`).uuid();
  const group: AutoScalingGroup = {
    ...input,
    arn: `arn:aws:autoscaling:${region}:${account.accountId}:autoScalingGroup:${id}:autoScalingGroupName/${input.name}`,
    createdTime: account.timestamp,
    instanceIds: new Set(),
    deleting: false,
  };
  autoScalingGroupsOf(scope).set(group.name, group);
  reconcile(scope, group);
  return group;
}

export function instancesOf(scope: Scope, group: AutoScalingGroup): Instance[] {
  return [...group.instanceIds].flatMap((id) => ec2Of(scope).instances.get(id) ?? []);
}

/** Launches where there are fewest, terminates where there are most. */
export function reconcile(scope: Scope, group: AutoScalingGroup): void {
  if (group.deleting) return;
  const alive = () => instancesOf(scope, group).filter(isAlive);
  while (alive().length < group.desiredCapacity) {
    const counts = group.subnetIds.map((id) => alive().filter(({ subnetId }) => subnetId === id).length);
    const subnetId = group.subnetIds[counts.indexOf(Math.min(...counts))]!;
    const tagSet = [...(group.launch.tagSet ?? []), { key: 'aws:autoscaling:groupName', value: group.name }];
    try {
      group.instanceIds.add(runInstance(scope, { ...group.launch, subnetId, tagSet }).instanceId);
      group.launchFailure = undefined;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      launchLater(scope, group, error);
      break;
    }
  }
  while (alive().length > group.desiredCapacity) {
    const counts = new Map<string, number>();
    for (const { subnetId } of alive()) counts.set(subnetId, (counts.get(subnetId) ?? 0) + 1);
    const [most] = [...counts].sort((a, b) => b[1] - a[1])[0]!;
    const { instanceId } = alive().find(({ subnetId }) => subnetId === most)!;
    group.instanceIds.delete(instanceId);
    terminateInstance(scope, instanceId);
  }
}

/** AWS refuses instances: the group notes it and goes on trying. */
function launchLater(scope: Scope, group: AutoScalingGroup, { code, message }: AwsError): void {
  const kind = group.launch.instanceLifecycle === 'spot' ? 'Spot' : 'On-Demand';
  group.launchFailure = {
    code: 'AsgInstanceLaunchFailures',
    message: `Could not launch ${kind} Instances. ${code} - ${message} Launching EC2 instance failed.`,
    resourceIds: [group.name],
  };
  scope.account.simulation.clock.after(RETRY_MS, () => reconcile(scope, group), { background: true });
}

/** Terminates every instance and forgets the group. */
export function deleteGroup(scope: Scope, group: AutoScalingGroup): void {
  group.deleting = true;
  for (const id of [...group.instanceIds]) if (ec2Of(scope).instances.has(id)) terminateInstance(scope, id);
  autoScalingGroupsOf(scope).delete(group.name);
}
