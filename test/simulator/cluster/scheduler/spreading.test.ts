import { container, schedulingWorld } from './scheduling-world';

const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';
const app = (name: string) => ({ matchLabels: { app: name } });

function zonesOf(world: ReturnType<typeof schedulingWorld>, pods: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const pod of pods) {
    const node = world.nodeOf(pod);
    const zone = node ? world.store.get('nodes', undefined, node)!.metadata.labels![ZONE]! : 'nowhere';
    counts[zone] = (counts[zone] ?? 0) + 1;
  }
  return counts;
}

describe('topology spread', () => {
  const constraint = (extra: Record<string, unknown> = {}) => ({
    topologyKey: ZONE,
    maxSkew: 1,
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: app('web'),
    ...extra,
  });

  test('DoNotSchedule keeps the skew, whatever else speaks for a zone', () => {
    const world = schedulingWorld();
    world.addNode('a1', { zone: 'a', cpu: '64', memory: '256Gi' });
    world.addNode('b1', { zone: 'b', cpu: '2', memory: '4Gi' });
    world.addNode('c1', { zone: 'c', cpu: '2', memory: '4Gi' });
    const names = Array.from({ length: 9 }, (_, i) => `web-${i}`);
    for (const name of names) {
      world.addPod(name, { topologySpreadConstraints: [constraint()] }, { labels: { app: 'web' } });
    }
    world.simulation.settle();
    expect(zonesOf(world, names)).toEqual({ a: 3, b: 3, c: 3 });
  });

  test('a zone that is full holds the others back, and nodes without the label are named', () => {
    const world = schedulingWorld();
    world.addNode('a1', { zone: 'a' });
    world.addNode('b1', { zone: 'b', pods: '1' });
    world.addNode('plain');
    const names = ['w0', 'w1', 'w2', 'w3', 'w4'];
    for (const name of names) {
      world.addPod(name, { topologySpreadConstraints: [constraint()] }, { labels: { app: 'web' } });
    }
    world.simulation.settle();
    expect(zonesOf(world, names)).toEqual({ a: 2, b: 1, nowhere: 2 });
    const waiting = names.find((name) => !world.nodeOf(name))!;
    expect(world.messageOf(waiting)).toMatch(
      /^0\/3 nodes are available: 1 Too many pods, 1 node\(s\) didn't match pod topology spread constraints, 1 node\(s\) didn't match pod topology spread constraints \(missing required label\)\./,
    );
  });

  test('fewer domains than minDomains count as an empty one', () => {
    const world = schedulingWorld();
    world.addNode('a1', { zone: 'a' });
    for (const name of ['w0', 'w1']) {
      world.addPod(name, { topologySpreadConstraints: [constraint({ minDomains: 2 })] }, { labels: { app: 'web' } });
    }
    world.simulation.settle();
    expect(['w0', 'w1'].filter((name) => world.nodeOf(name))).toHaveLength(1);
  });

  test('domains that the pod cannot use do not count, as nodeAffinityPolicy says', () => {
    const world = schedulingWorld();
    world.addNode('a1', { zone: 'a', labels: { pool: 'x' } });
    world.addNode('b1', { zone: 'b' });
    for (const name of ['w0', 'w1', 'w2']) {
      const spec = { nodeSelector: { pool: 'x' }, topologySpreadConstraints: [constraint()] };
      world.addPod(name, spec, { labels: { app: 'web' } });
    }
    world.simulation.settle();
    expect(zonesOf(world, ['w0', 'w1', 'w2'])).toEqual({ a: 3 });
  });

  test('without any constraint, the pods of a Service are still spread over hosts and zones', () => {
    const world = schedulingWorld();
    for (const zone of ['a', 'b', 'c']) {
      for (let i = 0; i < 2; i++) world.addNode(`${zone}${i}`, { zone });
    }
    world.client.create('services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    });
    const names = Array.from({ length: 12 }, (_, i) => `web-${i}`);
    for (const name of names) world.addPod(name, {}, { labels: { app: 'web' } });
    world.simulation.settle();
    expect(zonesOf(world, names)).toEqual({ a: 4, b: 4, c: 4 });
  });
});

describe('inter-pod affinity', () => {
  const required = (kind: 'podAffinity' | 'podAntiAffinity', topologyKey: string, name: string) => ({
    affinity: {
      [kind]: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: app(name) }] },
    },
  });

  test('anti-affinity on hosts puts one pod on each, and says why the next one waits', () => {
    const world = schedulingWorld();
    for (let i = 0; i < 3; i++) world.addNode(`n${i}`);
    const names = ['d0', 'd1', 'd2', 'd3'];
    for (const name of names) {
      world.addPod(name, required('podAntiAffinity', HOST, 'db'), { labels: { app: 'db' } });
    }
    world.simulation.settle();
    const nodes = names.map((name) => world.nodeOf(name)).filter(Boolean);
    expect(new Set(nodes).size).toBe(3);
    const waiting = names.find((name) => !world.nodeOf(name))!;
    expect(world.messageOf(waiting)).toContain("3 node(s) didn't match pod anti-affinity rules.");
  });

  test('a running pod keeps away whom it does not want', () => {
    const world = schedulingWorld();
    world.addNode('only');
    world.addPod('shy', required('podAntiAffinity', HOST, 'noisy'));
    world.simulation.settle();
    world.addPod('noisy', {}, { labels: { app: 'noisy' } });
    world.simulation.settle();
    expect(world.messageOf('noisy')).toContain("1 node(s) didn't satisfy existing pods anti-affinity rules.");
    world.client.delete('pods', 'default', 'shy', { gracePeriodSeconds: 0 });
    world.simulation.settle();
    expect(world.nodeOf('noisy')).toBe('only');
  });

  test('affinity follows other pods into their zone; the first of a group may go anywhere', () => {
    const world = schedulingWorld();
    for (const zone of ['a', 'b', 'c']) world.addNode(`${zone}1`, { zone });
    const names = ['g0', 'g1', 'g2', 'g3'];
    for (const name of names) world.addPod(name, required('podAffinity', ZONE, 'group'), { labels: { app: 'group' } });
    world.simulation.settle();
    expect(Object.values(zonesOf(world, names))).toEqual([4]);
    world.addPod('stray', required('podAffinity', ZONE, 'nobody'));
    world.simulation.settle();
    expect(world.messageOf('stray')).toContain("3 node(s) didn't match pod affinity rules.");
  });

  test('a preference draws, but does not exclude', () => {
    const world = schedulingWorld();
    world.addNode('a', { zone: 'a' });
    world.addNode('b', { zone: 'b', cpu: '64', memory: '256Gi' });
    world.addPod('cache', { nodeSelector: { [HOST]: 'a' } }, { labels: { app: 'cache' } });
    world.simulation.settle();
    const podAffinityTerm = { topologyKey: ZONE, labelSelector: app('cache') };
    const podAffinity = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }] };
    world.addPod('web', { affinity: { podAffinity } });
    world.simulation.settle();
    expect(world.nodeOf('web')).toBe('a');
  });

  test('a namespace selector looks into other namespaces', () => {
    const world = schedulingWorld();
    world.addNode('a');
    world.addNode('b');
    world.client.create('namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'other', labels: { team: 'x' } },
    });
    world.client.create('serviceaccounts', {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace: 'other' },
    });
    world.client.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'cache', namespace: 'other', labels: { app: 'cache' } },
      spec: { nodeSelector: { [HOST]: 'b' }, containers: [container()] },
    });
    world.simulation.settle();
    const term = { topologyKey: HOST, labelSelector: app('cache'), namespaceSelector: { matchLabels: { team: 'x' } } };
    world.addPod('web', { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } });
    world.simulation.settle();
    expect(world.nodeOf('web')).toBe('b');
  });
});
