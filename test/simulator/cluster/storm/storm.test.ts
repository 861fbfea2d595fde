/**
 * A few storms of the thousands that `npm run storm` runs: whatever the seed, no checker has anything to say, everything
 * recovers, and the same seed gives the same history.
 */
import { checkers } from '../../../../lib/simulator/cluster/storm/checkers';
import { planStorm, type StormPlan } from '../../../../lib/simulator/cluster/storm/plan';
import { describeViolation } from '../../../../lib/simulator/cluster/storm/report';
import { shrinkStorm } from '../../../../lib/simulator/cluster/storm/shrink';
import { runStorm } from '../../../../lib/simulator/cluster/storm/storm';
import { createStormWorld } from '../../../../lib/simulator/cluster/storm/storm-world';

const MINUTES = 4;
const SEEDS = [1, 2, 3, 4];

test.each(SEEDS)('seed %i: nothing is found', (seed) => {
  const result = runStorm(planStorm({ seed, minutes: MINUTES }));
  if (result.violation) throw new Error(describeViolation(result, MINUTES));
  expect(result.revisions).toBeGreaterThan(200);
});

test('the same seed gives the same history, byte for byte; another seed another one', () => {
  const history = (seed: number) => runStorm(planStorm({ seed, minutes: 2 })).history;
  const first = history(7);
  expect(history(7)).toBe(first);
  expect(history(8)).not.toBe(first);
});

test('a checker that finds something names seed, time and what happened; the storm is made smaller', () => {
  const plan: StormPlan = { ...planStorm({ seed: 9, minutes: 2 }), workloads: [] };
  const broken = runStorm(
    { ...plan, workloads: [{ kind: 'web', name: 'web-0', seed: 1 }] },
    { checkers: { never: neverAPod } },
  );
  expect(broken.violation).toMatchObject({ checker: 'never', message: 'there is a pod' });
  const smaller = shrinkStorm(broken, { checkers: { never: neverAPod } });
  expect(smaller.violation?.checker).toBe('never');
  expect(smaller.plan.steps).toEqual([]);
  expect(describeViolation(smaller, 2)).toMatch(
    /^seed 9, 2026-01-01T\S+ \(virtual\): never: there is a pod\n[\s\S]*again: npm run storm -- --seed 9 --minutes 2$/,
  );
});

const neverAPod: (typeof checkers)[string] = ({ cluster }) => ({
  check: () => (cluster.store.count('pods') > 0 ? 'there is a pod' : undefined),
});

describe('checkers see what must not be', () => {
  const pod = (name: string, extra: object, status: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'storm', uid: `uid-${name}` },
    spec: { containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu: '3' } } }], ...extra },
    status,
  });

  function look(checker: string, breakIt: (world: ReturnType<typeof createStormWorld>) => void): string | undefined {
    const world = createStormWorld(1, 1);
    const running = checkers[checker]!(world);
    expect(running.check()).toBeUndefined();
    breakIt(world);
    return running.check();
  }

  test('a node that holds too much', () => {
    const message = look('node capacity', ({ cluster }) => {
      for (const name of ['a', 'b']) cluster.store.put('pods', pod(name, { nodeName: 'node-0' }));
    });
    expect(message).toBe('node node-0 offers 3920m CPU and its pods hold 6000m');
  });

  test('an address that two pods have', () => {
    const message = look('pod addresses', ({ cluster }) => {
      for (const name of ['a', 'b']) {
        cluster.store.put('pods', pod(name, { nodeName: 'node-0' }, { podIP: '10.0.0.1', phase: 'Running' }));
      }
    });
    expect(message).toBe('pods a and b both have the address 10.0.0.1');
  });

  test('an object whose owner is gone', () => {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'gone', uid: 'nobody' };
    const world = createStormWorld(1, 1);
    const running = checkers.garbage!(world);
    const orphan = pod('a', { nodeName: 'node-0' });
    world.cluster.store.put('pods', { ...orphan, metadata: { ...orphan.metadata, ownerReferences: [owner] } });
    expect(running.check()).toBeUndefined();
    // The garbage collector would not let it live so long.
    jest.spyOn(world.simulation.clock, 'now').mockReturnValue(world.simulation.clock.now() + 3_600_000);
    expect(running.check()).toBe('pods/a is still there, its owner ReplicaSet gone is gone');
  });
});
