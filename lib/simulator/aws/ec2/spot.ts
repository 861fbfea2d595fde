/**
 * Spot interruptions: Amazon says so on the event bus, and two minutes later the instance is gone.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
 */
import { AwsError } from '../aws-error';
import { emitEvent } from '../events/state';
import type { Scope } from '../service';
import { isAlive, terminateInstance } from './instances';
import { ec2Of } from './state';

const WARNING_MS = 120_000;

/** Amazon takes a spot instance back. @throws InvalidSpotInstance when it is none */
export function interruptSpotInstance(scope: Scope, instanceId: string): void {
  const instance = ec2Of(scope).instances.find(instanceId);
  if (instance.instanceLifecycle !== 'spot') {
    throw new AwsError('InvalidSpotInstance', `The instance '${instanceId}' is not a Spot Instance`);
  }
  emitEvent(scope, {
    source: 'aws.ec2',
    detailType: 'EC2 Spot Instance Interruption Warning',
    detail: { 'instance-id': instanceId, 'instance-action': 'terminate' },
    resources: [`arn:aws:ec2:${instance.placement.availabilityZone}:instance/${instanceId}`],
  });
  scope.account.simulation.clock.after(WARNING_MS, () => {
    if (isAlive(instance)) terminateInstance(scope, instanceId);
  });
}
