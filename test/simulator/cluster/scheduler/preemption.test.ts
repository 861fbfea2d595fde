import { container, schedulingWorld } from './scheduling-world';

const cpu = (amount: string) => [container({ cpu: amount })];

describe('preemption', () => {
  test('the pod of higher priority takes the place of the least important ones', () => {
    const world = schedulingWorld();
    world.addNode('only', { cpu: '4' });
    world.addPod('keep', { priority: 5, containers: cpu('2') });
    world.addPod('victim', { priority: 1, containers: cpu('2') });
    world.simulation.settle();
    const boss = world.addPod('boss', { priority: 1000, containers: cpu('2') });
    world.simulation.runReady();
    const victim = world.store.get('pods', 'default', 'victim');
    expect(victim?.metadata.deletionTimestamp).toBeDefined();
    expect(victim?.status.conditions).toContainEqual(
      expect.objectContaining({
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'PreemptionByScheduler',
        message: 'default-scheduler: preempting to accommodate a higher priority pod',
      }),
    );
    expect(world.store.get('pods', 'default', 'boss')?.status.nominatedNodeName).toBe('only');
    expect(world.messageOf('boss')).toBe('0/1 nodes are available: 1 Insufficient cpu.');
    world.client.delete('pods', 'default', 'victim', { gracePeriodSeconds: 0 });
    world.simulation.settle();
    expect(world.nodeOf('boss')).toBe('only');
    expect(world.nodeOf('keep')).toBe('only');
    const [event] = world.client.list('events').filter(({ reason }) => reason === 'Preempted');
    expect(event).toMatchObject({
      involvedObject: { name: 'victim' },
      message: `Preempted by pod ${boss.metadata.uid} on node only`,
    });
  });

  test('says on how many nodes it would not help, and where it found nobody to remove', () => {
    const world = schedulingWorld();
    world.addNode('tainted', { taints: [{ key: 'x', effect: 'NoSchedule' }] });
    world.addNode('n1', { cpu: '2' });
    world.addNode('n2', { cpu: '2' });
    for (const name of ['p1', 'p2']) world.addPod(name, { containers: cpu('1500m') });
    world.simulation.settle();
    world.addPod('late', { containers: cpu('1') });
    world.simulation.settle();
    expect(world.messageOf('late')).toBe(
      '0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.',
    );
  });

  test('a pod that must not preempt waits', () => {
    const world = schedulingWorld();
    world.addNode('only', { cpu: '2' });
    world.addPod('low', { priority: 1, containers: cpu('2') });
    world.simulation.settle();
    world.addPod('polite', { priority: 1000, preemptionPolicy: 'Never', containers: cpu('2') });
    world.simulation.settle();
    expect(world.nodeOf('polite')).toBeUndefined();
    expect(world.messageOf('polite')).toBe(
      '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
    );
  });

  test('chooses the node whose victims matter least', () => {
    const world = schedulingWorld();
    world.addNode('n1', { cpu: '2' });
    world.addNode('n2', { cpu: '2' });
    const on = (node: string, priority: number) => ({
      priority,
      nodeSelector: { 'kubernetes.io/hostname': node },
      containers: cpu('2'),
    });
    world.addPod('important', on('n1', 50));
    world.addPod('unimportant', on('n2', 10));
    world.simulation.settle();
    world.addPod('boss', { priority: 100, containers: cpu('2') });
    world.simulation.runReady();
    expect(world.store.get('pods', 'default', 'boss')?.status.nominatedNodeName).toBe('n2');
  });

  test('prefers victims whose disruption budget allows it', () => {
    const world = schedulingWorld();
    world.addNode('n1', { cpu: '2' });
    world.addNode('n2', { cpu: '2' });
    const on = (node: string) => ({ nodeSelector: { 'kubernetes.io/hostname': node }, containers: cpu('2') });
    world.addPod('guarded', on('n1'), { labels: { app: 'guarded' } });
    world.addPod('free', { ...on('n2'), priority: 5 }, { labels: { app: 'free' } });
    const budget = world.client.create('poddisruptionbudgets.policy', {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'guard', namespace: 'default' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'guarded' } } },
    });
    world.client.updateStatus('poddisruptionbudgets.policy', {
      ...budget,
      status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
    });
    world.simulation.settle();
    world.addPod('boss', { priority: 100, containers: cpu('2') });
    world.simulation.runReady();
    expect(world.store.get('pods', 'default', 'boss')?.status.nominatedNodeName).toBe('n2');
  });
});

describe('volumes', () => {
  const storageClass = (world: ReturnType<typeof schedulingWorld>, extra: Record<string, unknown> = {}) =>
    world.client.create('storageclasses.storage.k8s.io', {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'gp3' },
      provisioner: 'ebs.csi.aws.com',
      volumeBindingMode: 'WaitForFirstConsumer',
      ...extra,
    });
  const claim = (world: ReturnType<typeof schedulingWorld>) =>
    world.client.create('persistentvolumeclaims', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: 'default' },
      spec: {
        storageClassName: 'gp3',
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
      },
    });
  const withClaim = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] };

  test('a claim that is not there refuses the pod outright', () => {
    const world = schedulingWorld();
    for (let i = 0; i < 3; i++) world.addNode(`n${i}`);
    world.addPod('db', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'nope' } }] });
    world.simulation.settle();
    expect(world.messageOf('db')).toBe('0/3 nodes are available: persistentvolumeclaim "nope" not found. not found');
  });

  test('WaitForFirstConsumer: the choice is written on the claim, the pod is bound after the volume', () => {
    const world = schedulingWorld();
    world.addNode('n1', { zone: 'a' });
    storageClass(world);
    claim(world);
    world.addPod('db', withClaim);
    world.simulation.settle();
    expect(world.nodeOf('db')).toBeUndefined();
    const asked = world.client.get('persistentvolumeclaims', 'default', 'data');
    expect(asked.metadata.annotations).toMatchObject({ 'volume.kubernetes.io/selected-node': 'n1' });
    world.client.updateStatus('persistentvolumeclaims', {
      ...world.client.update('persistentvolumeclaims', { ...asked, spec: { ...asked.spec, volumeName: 'pv-1' } }),
      status: { phase: 'Bound' },
    });
    world.simulation.settle();
    expect(world.nodeOf('db')).toBe('n1');
  });

  test('a bound volume keeps its pod in its zone', () => {
    const world = schedulingWorld();
    world.addNode('a1', { zone: 'a' });
    world.addNode('b1', { zone: 'b', cpu: '64', memory: '256Gi' });
    storageClass(world);
    const made = claim(world);
    const matchExpressions = [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['a'] }];
    world.client.create('persistentvolumes', {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'pv-1' },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'gp3',
        csi: { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-1' },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
      },
    });
    const bound = world.client.update('persistentvolumeclaims', {
      ...made,
      spec: { ...made.spec, volumeName: 'pv-1' },
    });
    world.client.updateStatus('persistentvolumeclaims', { ...bound, status: { phase: 'Bound' } });
    world.addPod('db', withClaim);
    world.simulation.settle();
    expect(world.nodeOf('db')).toBe('a1');
  });
});
