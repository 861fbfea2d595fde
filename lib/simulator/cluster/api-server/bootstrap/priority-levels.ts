/**
 * How requests share the server: the priority levels of a fresh cluster. They are only objects here: nobody is throttled.
 * https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#defaults
 */
import { type SeedContext, seed } from './seeder';

const GROUP = 'flowcontrol.apiserver.k8s.io';

/** Shares, lendable percent, queues, hand size. */
const LEVELS: Readonly<Record<string, readonly [shares: number, lendable: number, queues: number, hand: number]>> = {
  'global-default': [20, 50, 128, 6],
  'leader-election': [10, 0, 16, 4],
  'node-high': [40, 25, 64, 6],
  system: [30, 33, 64, 6],
  'workload-high': [40, 50, 128, 6],
  'workload-low': [100, 90, 128, 6],
};

export function createPriorityLevels(context: SeedContext): void {
  const create = (name: string, spec: object) =>
    seed(context, `prioritylevelconfigurations.${GROUP}`, {
      apiVersion: `${GROUP}/v1`,
      kind: 'PriorityLevelConfiguration',
      metadata: { name, annotations: { 'apf.kubernetes.io/autoupdate-spec': 'true' } },
      spec,
    });
  create('exempt', { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } });
  const rejecting = { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: 'Reject' } };
  create('catch-all', { type: 'Limited', limited: rejecting });
  for (const [name, [nominalConcurrencyShares, lendablePercent, queues, handSize]] of Object.entries(LEVELS)) {
    const limitResponse = { type: 'Queue', queuing: { queues, handSize, queueLengthLimit: 50 } };
    create(name, { type: 'Limited', limited: { nominalConcurrencyShares, lendablePercent, limitResponse } });
  }
}
