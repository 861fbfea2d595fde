import { container, schedulingWorld } from './scheduling-world';

describe('the scheduler', () => {
  test('puts a pod where there is most room and says so', () => {
    const world = schedulingWorld();
    world.addNode('small', { cpu: '1', memory: '2Gi' });
    world.addNode('large', { cpu: '16', memory: '64Gi' });
    world.addPod('web', { containers: [container({ cpu: '500m', memory: '512Mi' })] });
    world.simulation.settle();
    expect(world.nodeOf('web')).toBe('large');
    const [event] = world.client.list('events').filter((each) => each.reason === 'Scheduled');
    expect(event).toMatchObject({
      message: 'Successfully assigned default/web to large',
      type: 'Normal',
      action: 'Binding',
      reportingComponent: 'default-scheduler',
    });
  });

  test('counts the reasons of all nodes when a pod fits nowhere', () => {
    const world = schedulingWorld();
    world.addNode('n0', { taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }] });
    world.addNode('n1', { cpu: '1' });
    world.addNode('n2', { cpu: '1', memory: '1Gi' });
    world.addNode('n3', { unschedulable: true });
    world.addPod('big', { containers: [container({ cpu: '2', memory: '2Gi' })] });
    world.simulation.settle();
    expect(world.nodeOf('big')).toBeUndefined();
    expect(world.messageOf('big')).toMatch(
      /^0\/4 nodes are available: 1 Insufficient memory, 1 node\(s\) had untolerated taint\(s\), 1 node\(s\) were unschedulable, 2 Insufficient cpu\./,
    );
    const verdict = world.scheduler.verdictOf('default', 'big')!;
    expect(verdict.nodes.find(({ node }) => node === 'n2')).toMatchObject({
      fits: false,
      plugin: 'NodeResourcesFit',
      reasons: ['Insufficient cpu', 'Insufficient memory'],
    });
  });

  test('says that there are no nodes at all', () => {
    const world = schedulingWorld();
    world.addPod('lonely');
    world.simulation.settle();
    expect(world.messageOf('lonely')).toBe('no nodes available to schedule pods');
  });

  test('tries a refused pod again when a node comes that can take it', () => {
    const world = schedulingWorld();
    world.addNode('small', { cpu: '1' });
    world.addPod('big', { containers: [container({ cpu: '2' })] });
    world.simulation.settle();
    expect(world.nodeOf('big')).toBeUndefined();
    world.addNode('large', { cpu: '8' });
    world.simulation.settle();
    expect(world.nodeOf('big')).toBe('large');
  });

  test('tries a refused pod again when another pod leaves', () => {
    const world = schedulingWorld();
    world.addNode('n1', { cpu: '1' });
    world.addPod('first', { containers: [container({ cpu: '800m' })] });
    world.simulation.settle();
    world.addPod('second', { containers: [container({ cpu: '800m' })] });
    world.simulation.settle();
    expect(world.messageOf('second')).toContain('1 Insufficient cpu.');
    world.client.delete('pods', 'default', 'first', { gracePeriodSeconds: 0 });
    world.simulation.settle();
    expect(world.nodeOf('second')).toBe('n1');
  });

  test('takes pods of higher priority first', () => {
    const world = schedulingWorld();
    world.addPod('low', { containers: [container({ cpu: '3' })], priority: 1 });
    world.addPod('high', { containers: [container({ cpu: '3' })], priority: 1000 });
    world.addNode('only', { cpu: '4' });
    world.simulation.settle();
    expect(world.nodeOf('high')).toBe('only');
    expect(world.nodeOf('low')).toBeUndefined();
  });

  test('leaves a gated pod alone until its gates are gone', () => {
    const world = schedulingWorld();
    world.addNode('n1');
    const pod = world.addPod('gated', { schedulingGates: [{ name: 'example.com/quota' }] });
    world.simulation.settle();
    expect(world.nodeOf('gated')).toBeUndefined();
    const { schedulingGates: _, ...spec } = pod.spec;
    world.client.update('pods', { ...pod, spec });
    world.simulation.settle();
    expect(world.nodeOf('gated')).toBe('n1');
  });

  test('leaves pods of other schedulers alone', () => {
    const world = schedulingWorld();
    world.addNode('n1');
    world.addPod('foreign', { schedulerName: 'my-scheduler' });
    world.simulation.settle();
    expect(world.nodeOf('foreign')).toBeUndefined();
  });

  test('gives the same placement for the same seed', () => {
    const placement = (seed: number) => {
      const world = schedulingWorld({ seed });
      for (let i = 0; i < 20; i++) world.addNode(`n${i}`);
      for (let i = 0; i < 40; i++) world.addPod(`p${i}`);
      world.simulation.settle();
      return Array.from({ length: 40 }, (_, i) => world.nodeOf(`p${i}`)).join();
    };
    expect(placement(7)).toBe(placement(7));
    expect(placement(7)).not.toBe(placement(8));
  });
});

describe('rules about single nodes', () => {
  test('host ports are taken once per node', () => {
    const world = schedulingWorld();
    world.addNode('n1');
    const ports = [{ containerPort: 80, hostPort: 8080 }];
    world.addPod('first', { containers: [container({}, { ports })] });
    world.addPod('second', { containers: [container({}, { ports })] });
    world.simulation.settle();
    const placed = ['first', 'second'].filter((name) => world.nodeOf(name));
    expect(placed).toHaveLength(1);
    const waiting = placed[0] === 'first' ? 'second' : 'first';
    expect(world.messageOf(waiting)).toContain("1 node(s) didn't have free ports for the requested pod ports.");
  });

  test('nodeSelector and required affinity exclude, preferred affinity draws', () => {
    const world = schedulingWorld();
    world.addNode('hdd', { labels: { disk: 'hdd' } });
    world.addNode('ssd', { labels: { disk: 'ssd' } });
    world.addNode('ssd-west', { labels: { disk: 'ssd', side: 'west' } });
    const preference = { matchExpressions: [{ key: 'side', operator: 'In', values: ['west'] }] };
    world.addPod('drawn', {
      nodeSelector: { disk: 'ssd' },
      affinity: {
        nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, preference }] },
      },
    });
    world.addPod('nowhere', { nodeSelector: { disk: 'tape' } });
    world.simulation.settle();
    expect(world.nodeOf('drawn')).toBe('ssd-west');
    expect(world.messageOf('nowhere')).toContain("3 node(s) didn't match Pod's node affinity/selector.");
  });

  test('a pod that names its node by affinity looks at no other (as the pods of a DaemonSet do)', () => {
    const world = schedulingWorld();
    world.addNode('n1');
    world.addNode('n2', { cpu: '100m' });
    const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['n2'] }];
    const affinity = {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } },
    };
    world.addPod('daemon', { affinity, containers: [container({ cpu: '1' })] });
    world.simulation.settle();
    expect(world.messageOf('daemon')).toMatch(
      /^0\/2 nodes are available: 1 Insufficient cpu, 1 node\(s\) didn't satisfy plugin\(s\) \[NodeAffinity\]\./,
    );
  });

  test('a toleration opens a tainted node; a soft taint only discourages', () => {
    const world = schedulingWorld();
    world.addNode('soft', { taints: [{ key: 'spot', effect: 'PreferNoSchedule' }] });
    world.addNode('plain');
    world.addNode('hard', { taints: [{ key: 'gpu', value: 'a', effect: 'NoSchedule' }] });
    world.addPod('web');
    world.addPod('gpu', {
      tolerations: [{ key: 'gpu', operator: 'Exists' }],
      nodeSelector: { 'kubernetes.io/hostname': 'hard' },
    });
    world.simulation.settle();
    expect(world.nodeOf('web')).toBe('plain');
    expect(world.nodeOf('gpu')).toBe('hard');
  });

  test('a node that holds the image is preferred', () => {
    const world = schedulingWorld();
    for (let i = 0; i < 4; i++) world.addNode(`n${i}`);
    world.addNode('warm', { images: [{ names: ['nginx:1.27'], sizeBytes: 5_000_000_000 }] });
    world.addPod('web');
    world.simulation.settle();
    expect(world.nodeOf('web')).toBe('warm');
  });
});
