/**
 * Random days in the life of a few nodes: pods come and go, machines fail, kubelets hang. Whatever the seed, no node holds
 * more than it has, no two pods share an address, and in the end everything that fits runs.
 */
import { readPod } from '../../../../lib/simulator/cluster/scheduler/pod-info';
import { Random } from '../../../../lib/simulator/random';
import { kubeletWorld } from './kubelet-world';

const NODES = ['node-0', 'node-1', 'node-2', 'node-3'];
const SEEDS = [1, 2, 3];

type World = ReturnType<typeof kubeletWorld>;

function storm(seed: number): World {
  const world = kubeletWorld({ seed, nodes: NODES.length });
  const random = new Random(seed).fork('storm');
  const down = new Map<string, 'crashed' | 'paused'>();
  let count = 0;
  const steps: Record<string, () => void> = {
    create() {
      const script = random.pick(['sleep infinity', 'sleep 20; exit 1', 'sleep 5']);
      const isServer = random.int(2) === 0;
      const resources = { requests: { cpu: `${random.pick([100, 500, 1500])}m`, memory: '256Mi' } };
      const container = isServer
        ? { name: 'main', image: 'nginx', readinessProbe: { httpGet: { port: 80 } } }
        : { name: 'main', image: 'busybox', command: ['sh', '-c', script] };
      world.run({ containers: [{ ...container, resources }] }, { name: `p${count++}` });
    },
    remove() {
      const pods = world.client.list('pods', { namespace: 'default' });
      if (pods.length === 0) return;
      const name = random.pick(pods).metadata.name!;
      world.client.delete('pods', 'default', name, { gracePeriodSeconds: random.pick([0, 5, 30]) });
    },
    fail() {
      const node = random.pick(NODES);
      if (down.has(node)) return;
      const how = random.pick(['crashed', 'paused'] as const);
      down.set(node, how);
      if (how === 'crashed') world.kubelets.crash(node);
      else world.kubelets.pause(node);
    },
    recover: () => recover(random.pick(NODES)),
    breakImage: () => world.kubelets.images.fail('nginx'),
    mendImage: () => world.kubelets.images.restore('nginx'),
  };
  const recover = (node: string) => {
    const how = down.get(node);
    down.delete(node);
    if (how === 'crashed') world.kubelets.restart(node);
    if (how === 'paused') world.kubelets.resume(node);
  };
  for (let i = 0; i < 60; i++) {
    const name = random.pick(['create', 'create', 'create', 'remove', 'remove', ...Object.keys(steps)]);
    steps[name]!();
    world.advance(`${random.int(20)}s`);
    check(world);
  }
  for (const node of NODES) recover(node);
  world.kubelets.images.restore('nginx');
  world.advance('15m');
  check(world);
  return world;
}

function check(world: World): void {
  const addresses = new Set<string>();
  const cpu = new Map<string, number>();
  for (const pod of world.client.list('pods', { namespace: 'default' })) {
    const { phase, podIP } = pod.status;
    if (phase === 'Succeeded' || phase === 'Failed') continue;
    const node = pod.spec.nodeName as string | undefined;
    if (!node) continue;
    cpu.set(node, (cpu.get(node) ?? 0) + readPod(pod).requests.milliCpu);
    expect(cpu.get(node)).toBeLessThanOrEqual(3_920);
    if (!podIP || phase !== 'Running') continue;
    expect(addresses.has(podIP)).toBe(false);
    addresses.add(podIP);
  }
}

describe('storms', () => {
  test.each(SEEDS)('seed %i ends in order', (seed) => {
    const world = storm(seed);
    for (const pod of world.client.list('pods', { namespace: 'default' })) {
      const { phase, conditions } = pod.status;
      expect(pod.metadata.deletionTimestamp).toBeUndefined();
      if (phase === 'Pending') {
        const scheduled = conditions.find((each: any) => each.type === 'PodScheduled');
        expect(scheduled).toMatchObject({ status: 'False', message: expect.stringContaining('Insufficient cpu') });
      } else {
        expect(phase).toBe('Running');
      }
    }
  });

  test('the same seed gives the same history, another seed another one', () => {
    const history = (seed: number) => {
      const world = storm(seed);
      const events = world.client
        .list('events')
        .map(({ metadata, reason, message }) => [metadata.name, reason, message]);
      return JSON.stringify([events, world.client.list('pods')]);
    };
    const first = history(3);
    expect(history(3)).toBe(first);
    expect(history(4)).not.toBe(first);
  });
});
