/** Auto Scaling's API. https://docs.aws.amazon.com/autoscaling/ec2/APIReference/Welcome.html */
import { AwsError } from '../aws-error';
import { terminateInstance } from '../ec2/instances';
import { queryProtocol } from '../http/query-protocol';
import type { Scope, Service, WireObject } from '../service';
import { type AutoScalingGroup, autoScalingGroupsOf, instancesOf, reconcile } from './groups';

export const autoScaling: Service = {
  name: 'AutoScaling',
  signingName: 'autoscaling',
  version: '2011-01-01',
  protocol: queryProtocol,
  operations: {
    DescribeAutoScalingGroups: (input, call) => {
      const names: string[] | undefined = input.AutoScalingGroupNames;
      const groups = [...autoScalingGroupsOf(call).values()].filter(
        ({ name }) => !names?.length || names.includes(name),
      );
      return { AutoScalingGroups: groups.map((group) => wire(call, group)) };
    },
    SetDesiredCapacity: (input, call) => {
      const group = findGroup(call, input);
      group.desiredCapacity = Number(input.DesiredCapacity);
      reconcile(call, group);
      return {};
    },
    TerminateInstanceInAutoScalingGroup: (input, call) => {
      const id = String(input.InstanceId);
      const group = [...autoScalingGroupsOf(call).values()].find(({ instanceIds }) => instanceIds.has(id));
      if (!group)
        throw new AwsError(
          'ValidationError',
          `Instance Id not found - No managed instance found for instance ID: ${id}`,
        );
      if (String(input.ShouldDecrementDesiredCapacity) === 'true') shrinkByOne(group);
      terminateInstance(call, id);
      return {
        Activity: {
          ActivityId: call.account.random(`activity/${id}`).uuid(),
          AutoScalingGroupName: group.name,
          StatusCode: 'InProgress',
          Progress: 0,
        },
      };
    },
    UpdateAutoScalingGroup: (input, call) => {
      const group = findGroup(call, input);
      if (input.MinSize !== undefined) group.minSize = Number(input.MinSize);
      if (input.MaxSize !== undefined) group.maxSize = Number(input.MaxSize);
      if (input.DesiredCapacity !== undefined) group.desiredCapacity = Number(input.DesiredCapacity);
      reconcile(call, group);
      return {};
    },
  },
};

function shrinkByOne(group: AutoScalingGroup): void {
  if (group.desiredCapacity <= group.minSize) {
    const message = `Currently, desiredSize equals minSize (${group.minSize}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`;
    throw new AwsError('ValidationError', message);
  }
  group.desiredCapacity--;
}

function findGroup(scope: Scope, input: WireObject): AutoScalingGroup {
  const group = autoScalingGroupsOf(scope).get(String(input.AutoScalingGroupName));
  if (!group) throw new AwsError('ValidationError', 'AutoScalingGroup name not found - null');
  return group;
}

function wire(scope: Scope, group: AutoScalingGroup): WireObject {
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    MinSize: group.minSize,
    MaxSize: group.maxSize,
    DesiredCapacity: group.desiredCapacity,
    DefaultCooldown: 300,
    AvailabilityZones: [...new Set(instancesOf(scope, group).map(({ placement }) => placement.availabilityZone))],
    HealthCheckType: 'EC2',
    CreatedTime: group.createdTime,
    VPCZoneIdentifier: group.subnetIds.join(','),
    Instances: instancesOf(scope, group).map(({ instanceId, instanceType, placement, instanceState }) => ({
      InstanceId: instanceId,
      InstanceType: instanceType,
      AvailabilityZone: placement.availabilityZone,
      LifecycleState: instanceState.name === 'running' ? 'InService' : 'Pending',
      HealthStatus: 'Healthy',
      ProtectedFromScaleIn: false,
    })),
    Tags: Object.entries(group.tags).map(([Key, Value]) => ({
      ResourceId: group.name,
      ResourceType: 'auto-scaling-group',
      Key,
      Value,
      PropagateAtLaunch: true,
    })),
  };
}
