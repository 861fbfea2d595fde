import { kubeletWorld } from './kubelet-world';

const nginx = { name: 'nginx', image: 'nginx:1.27' };
const shell = (script: string, extra: Record<string, unknown> = {}) => ({
  name: 'main',
  image: 'busybox',
  command: ['sh', '-c', script],
  ...extra,
});

describe('the life of a pod', () => {
  test('goes from Pending to Running, with address, conditions and events', () => {
    const world = kubeletWorld();
    world.run({ containers: [nginx] });
    world.advance('300ms');
    expect(world.pod().status).toMatchObject({ phase: 'Pending', hostIP: '192.168.0.1' });
    expect(world.status().state).toEqual({ waiting: { reason: 'ContainerCreating' } });
    expect(world.condition('Ready')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [nginx]',
    });
    world.settle();
    const { status } = world.pod();
    expect(status).toMatchObject({
      phase: 'Running',
      podIP: '10.128.0.1',
      podIPs: [{ ip: '10.128.0.1' }],
      qosClass: 'BestEffort',
    });
    expect(world.status()).toMatchObject({
      name: 'nginx',
      ready: true,
      started: true,
      restartCount: 0,
      image: 'docker.io/library/nginx:1.27',
      lastState: {},
    });
    expect(world.status().imageID).toMatch(/^docker\.io\/library\/nginx@sha256:[0-9a-f]{64}$/);
    expect(world.status().containerID).toMatch(/^containerd:\/\/[0-9a-f]{64}$/);
    for (const type of ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled']) {
      expect(world.condition(type).status).toBe('True');
    }
    expect(world.events()).toEqual([
      'Scheduled: Successfully assigned default/web to node-0',
      'Pulling: Pulling image "nginx:1.27"',
      expect.stringMatching(
        /^Pulled: Successfully pulled image "nginx:1\.27" in [\d.]+m?s \([\d.]+m?s including waiting\)\. Image size: 72000000 bytes\.$/,
      ),
      'Created: Container created',
      'Started: Container started',
    ]);
  });

  test('the second pod of an image does not pull it again', () => {
    const world = kubeletWorld();
    world.run({ containers: [nginx] });
    world.settle();
    world.run({ containers: [nginx] }, { name: 'second' });
    world.settle();
    expect(world.events('second')).toContain(
      'Pulled: Container image "nginx:1.27" already present on machine and can be accessed by the pod',
    );
  });

  test('an image that is not there ends in ImagePullBackOff, and the pod recovers when it comes', () => {
    const world = kubeletWorld();
    world.kubelets.images.fail('shop/api:v2');
    world.run({ containers: [{ name: 'api', image: 'shop/api:v2' }] });
    world.settle();
    expect(world.status().state.waiting.reason).toMatch(/^(ErrImagePull|ImagePullBackOff)$/);
    expect(world.events()).toEqual(
      expect.arrayContaining([
        expect.stringContaining('Failed: Failed to pull image "shop/api:v2": '),
        'Failed: Error: ErrImagePull',
        'BackOff: Back-off pulling image "shop/api:v2"',
        'Failed: Error: ImagePullBackOff',
      ]),
    );
    expect(world.pod().status.phase).toBe('Pending');
    world.kubelets.images.restore('shop/api:v2');
    world.advance('6m');
    expect(world.pod().status.phase).toBe('Running');
  });

  test('a container that ends well completes its pod when nothing restarts it', () => {
    const world = kubeletWorld();
    world.run({ restartPolicy: 'Never', containers: [shell('echo hello; sleep 5; echo bye')] });
    world.settle();
    expect(world.pod().status.phase).toBe('Succeeded');
    expect(world.status().state.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'PodCompleted' });
    expect(world.logs()).toBe('hello\nbye\n');
  });

  test('a container that fails makes its pod fail when nothing restarts it', () => {
    const world = kubeletWorld();
    world.run({ restartPolicy: 'Never', containers: [shell('exit 3')] });
    world.settle();
    expect(world.pod().status.phase).toBe('Failed');
    expect(world.status().state.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
  });

  test('a crashing container is restarted at once, then after 10 s, 20 s, 40 s: CrashLoopBackOff', () => {
    const world = kubeletWorld();
    world.run({ containers: [shell('echo try; exit 1')] });
    world.advance('9s');
    expect(world.status().restartCount).toBe(1);
    expect(world.status().state.waiting).toEqual({
      reason: 'CrashLoopBackOff',
      message: `back-off 10s restarting failed container=main pod=web_default(${world.pod().metadata.uid})`,
    });
    expect(world.pod().status.phase).toBe('Running');
    expect(world.status().lastState.terminated).toMatchObject({ exitCode: 1, reason: 'Error' });
    world.advance('10s');
    expect(world.status().restartCount).toBe(2);
    world.advance('22s');
    expect(world.status().restartCount).toBe(3);
    world.advance('1h');
    expect(world.status().state.waiting?.message ?? '').toMatch(/^back-off 5m0s|^$/);
    expect(world.events()).toContain(
      `BackOff: Back-off restarting failed container main in pod web_default(${world.pod().metadata.uid})`,
    );
  });

  test('a crash of one container while another is about to restart does not end the pod', () => {
    const world = kubeletWorld();
    world.run({ containers: [shell('sleep 2; exit 1', { name: 'a' }), shell('sleep 2; exit 1', { name: 'b' })] });
    world.advance('2m');
    expect(world.pod().status.phase).toBe('Running');
    expect(world.status('a').restartCount).toBeGreaterThan(1);
    expect(world.status('b').restartCount).toBeGreaterThan(1);
  });

  test('a program that the image does not have cannot be started', () => {
    const world = kubeletWorld();
    world.run({ restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', command: ['nonsense'] }] });
    world.settle();
    expect(world.status().state.terminated).toMatchObject({ exitCode: 128, reason: 'StartError', startedAt: null });
    expect(world.status().state.terminated.message).toContain('exec: "nonsense": executable file not found in $PATH');
  });

  test('out of memory: the kernel kills, the kubelet restarts', () => {
    const world = kubeletWorld();
    world.run({ containers: [nginx] });
    world.settle();
    world.kubelets.killContainer('default', 'web', 'nginx');
    world.settle();
    expect(world.status()).toMatchObject({ restartCount: 1, ready: true });
    expect(world.status().lastState.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
  });

  test('an active deadline ends a pod that takes too long', () => {
    const world = kubeletWorld();
    world.run({ restartPolicy: 'Never', activeDeadlineSeconds: 30, containers: [nginx] });
    world.settle();
    expect(world.pod().status).toMatchObject({
      phase: 'Failed',
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    });
  });

  test('a pod that names a full node itself is rejected by the kubelet', () => {
    const world = kubeletWorld();
    world.kubelets.addNode({ name: 'tiny', cpu: '1', memory: '1Gi' });
    const resources = { requests: { cpu: '2' } };
    world.run({ nodeName: 'tiny', containers: [{ ...nginx, resources }] });
    world.settle();
    expect(world.pod().status).toMatchObject({
      phase: 'Failed',
      reason: 'OutOfcpu',
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 2000, used: 0, capacity: 1000",
    });
  });
});

describe('init containers and sidecars', () => {
  test('init containers run one by one before the containers', () => {
    const world = kubeletWorld();
    world.run({
      initContainers: [shell('sleep 3', { name: 'first' }), shell('sleep 3', { name: 'second' })],
      containers: [nginx],
    });
    world.advance('3s');
    expect(world.pod().status.phase).toBe('Pending');
    expect(world.condition('Initialized')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotInitialized',
      message: 'containers with incomplete status: [first second]',
    });
    expect(world.status('nginx').state).toEqual({ waiting: { reason: 'PodInitializing' } });
    world.settle();
    expect(world.pod().status.phase).toBe('Running');
    expect(world.status('second').state.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
    const { startedAt } = world.status('second').state.terminated;
    expect(Date.parse(startedAt)).toBeGreaterThanOrEqual(Date.parse(world.status('first').state.terminated.finishedAt));
  });

  test('a failing init container fails the pod when nothing restarts it', () => {
    const world = kubeletWorld();
    world.run({ restartPolicy: 'Never', initContainers: [shell('exit 1', { name: 'init' })], containers: [nginx] });
    world.settle();
    expect(world.pod().status.phase).toBe('Failed');
  });

  test('a sidecar runs with the containers and does not keep a finished pod from completing', () => {
    const world = kubeletWorld();
    world.run({
      restartPolicy: 'Never',
      initContainers: [{ name: 'proxy', image: 'shop/proxy', restartPolicy: 'Always' }],
      containers: [shell('sleep 5; echo done')],
    });
    world.advance('4s');
    expect(world.status('proxy').state.running).toBeDefined();
    expect(world.status('proxy').ready).toBe(true);
    expect(world.pod().status.phase).toBe('Running');
    world.settle();
    expect(world.pod().status.phase).toBe('Succeeded');
    expect(world.status('proxy').state.terminated).toMatchObject({ exitCode: 0 });
  });
});

describe('in-place resize', () => {
  const resize = (world: ReturnType<typeof kubeletWorld>, cpu: string) => {
    const pod = world.pod();
    const [container] = pod.spec.containers;
    const containers = [{ ...container, resources: { requests: { cpu } } }];
    world.client.update('pods', { ...pod, spec: { ...pod.spec, containers } }, { subresource: 'resize' });
    world.advance('5s');
  };

  test('new requests are in force without a restart, unless the container asks for one', () => {
    const world = kubeletWorld();
    world.run({ containers: [{ ...nginx, resources: { requests: { cpu: '100m' } } }] });
    world.settle();
    resize(world, '200m');
    expect(world.status()).toMatchObject({ restartCount: 0, resources: { requests: { cpu: '200m' } } });
    world.client.delete('pods', 'default', 'web', { gracePeriodSeconds: 0 });
    const resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }];
    world.run({ containers: [{ ...nginx, resizePolicy, resources: { requests: { cpu: '100m' } } }] });
    world.settle();
    resize(world, '200m');
    expect(world.status().restartCount).toBe(1);
  });
});

describe('ephemeral containers', () => {
  test('one is added to a running pod, runs beside the others, and is not started again', () => {
    const world = kubeletWorld();
    world.run({ containers: [nginx] });
    world.settle();
    const pod = world.pod();
    const debug = {
      name: 'debug',
      image: 'busybox',
      command: ['sh', '-c', 'wget -qO- http://localhost | head -n 1; exit 1'],
    };
    world.client.update(
      'pods',
      { ...pod, spec: { ...pod.spec, ephemeralContainers: [debug] } },
      { subresource: 'ephemeralcontainers' },
    );
    world.advance('10s');
    expect(world.logs('debug')).toBe('<!DOCTYPE html>\n');
    const [status] = world.pod().status.ephemeralContainerStatuses;
    expect(status).toMatchObject({ name: 'debug', restartCount: 0, state: { terminated: { exitCode: 1 } } });
    expect(world.pod().status.phase).toBe('Running');
    expect(world.condition('Ready').status).toBe('True');
  });
});

describe('deletion', () => {
  test('a server stops at SIGTERM, the pod is gone soon', () => {
    const world = kubeletWorld();
    world.run({ containers: [nginx] });
    world.settle();
    world.client.delete('pods', 'default', 'web', { gracePeriodSeconds: 30 });
    expect(world.tryPod()).toBeDefined();
    world.advance('2s');
    expect(world.tryPod()).toBeUndefined();
    expect(world.events()).toContain('Killing: Stopping container nginx');
  });

  test('a shell without a handler for SIGTERM uses up its grace period', () => {
    const world = kubeletWorld();
    world.run({ containers: [shell('while true; do sleep 1; done')] });
    world.settle();
    world.client.delete('pods', 'default', 'web', { gracePeriodSeconds: 10 });
    world.advance('9s');
    expect(world.tryPod()).toBeDefined();
    world.advance('2s');
    expect(world.tryPod()).toBeUndefined();
  });

  test('a preStop hook runs before SIGTERM', () => {
    const world = kubeletWorld();
    const lifecycle = { preStop: { exec: { command: ['sh', '-c', 'sleep 5'] } } };
    world.run({ containers: [{ ...nginx, lifecycle }] });
    world.settle();
    world.client.delete('pods', 'default', 'web', { gracePeriodSeconds: 30 });
    world.advance('4s');
    expect(world.status().state.running).toBeDefined();
    world.advance('2s');
    expect(world.tryPod()).toBeUndefined();
  });

  test('deletion by force leaves no trace on the node', () => {
    const world = kubeletWorld();
    world.run({ containers: [nginx] });
    world.settle();
    const ip = world.pod().status.podIP;
    world.client.delete('pods', 'default', 'web', { gracePeriodSeconds: 0 });
    world.settle();
    expect(world.tryPod()).toBeUndefined();
    expect(world.kubelets.network.accepts(ip, 80)).toBe(false);
  });
});

describe('probes and hooks', () => {
  test('a pod is ready when its readiness probe says so', () => {
    const world = kubeletWorld();
    world.kubelets.images.define('shop/api', {
      ports: [8080],
      startDelay: '20s',
      http: () => ({ status: 200, body: 'ok' }),
    });
    const readinessProbe = { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 5 };
    world.run({ containers: [{ name: 'api', image: 'shop/api', readinessProbe }] });
    world.advance('10s');
    expect(world.status()).toMatchObject({ ready: false, started: true });
    expect(world.events().join('\n')).toMatch(
      /Unhealthy: Readiness probe failed: Get "http:\/\/10\.128\.0\.1:8080\/healthz": dial tcp 10\.128\.0\.1:8080: connect: connection refused/,
    );
    world.advance('20s');
    expect(world.status().ready).toBe(true);
  });

  test('a container that stays unwell is restarted by its liveness probe', () => {
    const world = kubeletWorld();
    const livenessProbe = { exec: { command: ['cat', '/tmp/healthy'] }, initialDelaySeconds: 5, periodSeconds: 5 };
    const script = 'touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600';
    world.run({ terminationGracePeriodSeconds: 2, containers: [shell(script, { livenessProbe })] });
    world.advance('30s');
    expect(world.status().restartCount).toBe(0);
    world.advance('30s');
    expect(world.status().restartCount).toBe(1);
    expect(world.events()).toEqual(
      expect.arrayContaining([
        "Unhealthy: Liveness probe failed: cat: can't open '/tmp/healthy': No such file or directory\n",
        'Killing: Container main failed liveness probe, will be restarted',
      ]),
    );
    expect(world.status().lastState.terminated.exitCode).toBe(137);
  });

  test('a startup probe holds the others back', () => {
    const world = kubeletWorld();
    world.kubelets.images.define('slow', { ports: [80], startDelay: '40s', http: () => ({ status: 200, body: '' }) });
    const handler = { httpGet: { path: '/', port: 80 } };
    world.run({
      containers: [
        {
          name: 'slow',
          image: 'slow',
          startupProbe: { ...handler, periodSeconds: 5, failureThreshold: 30 },
          livenessProbe: { ...handler, periodSeconds: 1, failureThreshold: 1 },
        },
      ],
    });
    world.advance('30s');
    expect(world.status()).toMatchObject({ started: false, ready: false, restartCount: 0 });
    world.advance('30s');
    expect(world.status()).toMatchObject({ started: true, ready: true, restartCount: 0 });
  });

  test('a readiness gate keeps a running pod from being ready', () => {
    const world = kubeletWorld();
    world.run({ readinessGates: [{ conditionType: 'example.com/lb' }], containers: [nginx] });
    world.settle();
    expect(world.condition('ContainersReady').status).toBe('True');
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'ReadinessGatesNotReady' });
    const pod = world.pod();
    const conditions = [...pod.status.conditions, { type: 'example.com/lb', status: 'True' }];
    world.client.updateStatus('pods', { ...pod, status: { ...pod.status, conditions } });
    world.settle();
    expect(world.condition('Ready').status).toBe('True');
  });
});

describe('nodes', () => {
  test('a node of an instance type offers what EKS leaves to pods', () => {
    const world = kubeletWorld();
    const node = world.kubelets.addNode({
      name: 'm5',
      instanceType: 'm5.large',
      zone: 'eu-west-1a',
      region: 'eu-west-1',
    });
    expect(node.status.capacity).toMatchObject({ cpu: '2', memory: '8Gi', pods: '29' });
    expect(node.status.allocatable).toMatchObject({ cpu: '1930m', memory: '7518Mi' });
    expect(node.metadata.labels).toMatchObject({
      'node.kubernetes.io/instance-type': 'm5.large',
      'topology.kubernetes.io/zone': 'eu-west-1a',
    });
  });

  test('the lease of a running kubelet is always fresh, that of a crashed one is not', () => {
    const world = kubeletWorld();
    const renewed = () =>
      Date.parse(world.client.get('leases.coordination.k8s.io', 'kube-node-lease', 'node-0').spec.renewTime);
    const age = () => world.cluster.simulation.clock.now() - renewed();
    world.advance('1h');
    expect(age()).toBeLessThanOrEqual(10_000);
    world.kubelets.crash('node-0');
    world.advance('1m');
    expect(age()).toBeGreaterThanOrEqual(60_000);
    world.kubelets.restart('node-0');
    expect(age()).toBeLessThanOrEqual(10_000);
  });

  test('after a loss of power the containers start again and remember', () => {
    const world = kubeletWorld();
    world.run({ initContainers: [shell('true', { name: 'init' })], containers: [nginx] });
    world.settle();
    world.kubelets.crash('node-0');
    world.kubelets.restart('node-0');
    world.settle();
    expect(world.pod().status.phase).toBe('Running');
    expect(world.status('init').restartCount).toBe(0);
    expect(world.status('nginx')).toMatchObject({ ready: true, restartCount: 1 });
    expect(world.status('nginx').lastState.terminated).toMatchObject({ exitCode: 255, reason: 'Unknown' });
  });

  test('usage is what the image says, or a share of the requests', () => {
    const world = kubeletWorld();
    let load = 100;
    world.kubelets.images.define('busy', { usage: () => ({ milliCpu: load, memoryBytes: 1e6 }) });
    const resources = { requests: { cpu: '500m', memory: '64Mi' } };
    world.run({
      containers: [
        { name: 'busy', image: 'busy' },
        { ...nginx, resources },
      ],
    });
    world.settle();
    load = 300;
    expect(world.kubelets.usageOf('default', 'web')).toEqual([
      { name: 'busy', milliCpu: 300, memoryBytes: 1e6 },
      { name: 'nginx', milliCpu: 50, memoryBytes: 32 * 1024 * 1024 },
    ]);
    expect(world.kubelets.nodeUsageOf('node-0')!.milliCpu).toBe(400);
    expect(world.kubelets.usageOf('default', 'gone')).toBeUndefined();
  });

  test('a paused kubelet does later what it missed', () => {
    const world = kubeletWorld();
    world.kubelets.pause('node-0');
    world.run({ containers: [nginx] });
    world.advance('20s');
    expect(world.pod().spec.nodeName).toBe('node-0');
    expect(world.pod().status?.phase).not.toBe('Running');
    world.kubelets.resume('node-0');
    world.settle();
    expect(world.pod().status.phase).toBe('Running');
  });
});
