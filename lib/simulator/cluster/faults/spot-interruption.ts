/**
 * AWS takes a spot instance back: two minutes before, the instance learns of it, and the AWS Node Termination Handler taints
 * and drains the node; then the machine is gone.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
 * https://github.com/aws/aws-node-termination-handler
 */
import { durationMs } from '../../../clock';
import { formatTime } from '../../../kubernetes/object';
import { createEventRecorder } from '../event-recorder';
import { drainNode } from './drain';
import { type Fault, type FaultWorld, fault } from './fault';

export interface SpotInterruptionOptions {
  /** Between the notice and the end of the machine. @default 2m */
  readonly notice?: number | string;
  /** How long before the notice AWS says that the instance is at elevated risk. @default it does not */
  readonly rebalanceBefore?: number | string;
}

const SPOT_TAINT = 'aws-node-termination-handler/spot-itn';
const REBALANCE_TAINT = 'aws-node-termination-handler/rebalance-recommendation';

/** Cannot be ended: the machine goes. */
export function interruptSpot(world: FaultWorld, node: string, options: SpotInterruptionOptions = {}): Fault {
  const { clock, random } = world.simulation;
  const events = createEventRecorder({
    client: world.client,
    clock,
    random: random.fork(`spot/${node}`),
    component: 'aws-node-termination-handler',
  });
  const say = (reason: string, message: string) => {
    const object = world.client.tryGet('nodes', undefined, node);
    if (object) events.event(object, 'Warning', reason, message, node);
  };
  const notice = () => {
    const left = durationMs(options.notice ?? '2m');
    taint(world, node, SPOT_TAINT, `spot-itn-${random.fork(`spot/${node}/${clock.now()}`).hex(32)}`);
    const when = formatTime(clock.now() + left);
    say('SpotInterruption', `Spot ITN received. Instance will be interrupted at ${when} \n`);
    const drain = drainNode(world, node);
    clock.after(left, () => {
      drain.end();
      world.terminateMachine(node);
    });
  };
  const before = durationMs(options.rebalanceBefore ?? 0);
  if (before > 0) {
    taint(world, node, REBALANCE_TAINT, `rebalance-recommendation-${random.fork(`rebalance/${node}`).hex(24)}`);
    say(
      'RebalanceRecommendation',
      `Rebalance recommendation received. Instance will be cordoned at ${formatTime(clock.now())} \n`,
    );
    clock.after(before, notice);
  } else {
    notice();
  }
  return fault(`the spot instance of ${node} is interrupted`);
}

function taint({ client, simulation }: FaultWorld, node: string, key: string, value: string): void {
  const found = client.tryGet('nodes', undefined, node);
  if (!found) return;
  const timeAdded = formatTime(simulation.clock.now());
  const others = (found.spec?.taints ?? []).filter((each: { key: string }) => each.key !== key);
  const taints = [...others, { key, value, effect: 'NoSchedule', timeAdded }];
  client.patch('nodes', undefined, node, 'merge', { spec: { taints } });
}
