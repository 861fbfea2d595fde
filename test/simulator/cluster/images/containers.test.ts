import { kubeletWorld } from '../kubelet/kubelet-world';

type World = ReturnType<typeof kubeletWorld>;

function configMap(world: World, name: string, data: Record<string, string>): void {
  world.client.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default' },
    data,
  });
}

function secret(world: World, name: string, data: Record<string, string>): void {
  const encoded = Object.fromEntries(Object.entries(data).map(([k, v]) => [k, Buffer.from(v).toString('base64')]));
  world.client.create('secrets', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'default' },
    type: 'Opaque',
    data: encoded,
  });
}

const get = (world: World, path = '/', port = 80) =>
  world.kubelets.network.request({ to: `http://${world.pod().status.podIP}:${port}${path}` });

describe('built-in images', () => {
  test('nginx welcomes, logs its access and does not find everything', () => {
    const world = kubeletWorld();
    world.run({ containers: [{ name: 'nginx', image: 'nginx:1.10', ports: [{ containerPort: 80 }] }] });
    world.settle();
    expect(get(world).response).toMatchObject({ status: 200, body: expect.stringContaining('Welcome to nginx!') });
    expect(get(world, '/missing').response?.status).toBe(404);
    expect(world.logs()).toMatch(/"GET \/ HTTP\/1\.1" 200 \d+ "-" "-" "-"\n.*"GET \/missing HTTP\/1\.1" 404/);
  });

  test('nginx follows the port and the answer of its configuration', () => {
    const world = kubeletWorld();
    configMap(world, 'conf', { 'default.conf': 'server { listen 8080; return 200 "hello from $hostname"; }' });
    world.run({
      volumes: [{ name: 'conf', configMap: { name: 'conf' } }],
      containers: [{ name: 'nginx', image: 'nginx', volumeMounts: [{ name: 'conf', mountPath: '/etc/nginx/conf.d' }] }],
    });
    world.settle();
    expect(get(world, '/', 8080).response?.body).toBe('hello from web');
    expect(get(world).failure).toMatchObject({ hop: 'pod', reason: 'ConnectionRefused' });
  });

  test('two containers share a volume: one writes the page, the other serves it', () => {
    const world = kubeletWorld();
    const mount = (mountPath: string) => [{ name: 'html', mountPath }];
    world.run({
      volumes: [{ name: 'html', emptyDir: {} }],
      containers: [
        { name: 'nginx', image: 'nginx', volumeMounts: mount('/usr/share/nginx/html') },
        {
          name: 'writer',
          image: 'debian',
          command: ['/bin/sh', '-c', 'while true; do date >> /html/index.html; sleep 1; done'],
          volumeMounts: mount('/html'),
        },
      ],
    });
    world.settle();
    world.advance('5s');
    const body = get(world).response!.body;
    expect(body.split('\n').length).toBeGreaterThanOrEqual(5);
    expect(body).toContain('2026');
    expect(world.exec(['cat', '/usr/share/nginx/html/index.html'], 'nginx').stdout).toBe(get(world).response!.body);
  });

  test.each([
    ['registry.k8s.io/serve_hostname', 9376],
    ['gcr.io/google_containers/echoserver:1.10', 8080],
    ['registry.k8s.io/e2e-test-images/agnhost:2.53', 8080],
  ])('%s says its host name', (image, port) => {
    const world = kubeletWorld();
    const args = image.includes('agnhost') ? { args: ['netexec'] } : {};
    world.run({ containers: [{ name: 'main', image, ...args }] });
    world.settle();
    expect(get(world, '/hostname', port).response?.body).toContain('web');
  });

  test('an unknown image just runs, and answers on the ports it declares', () => {
    const world = kubeletWorld();
    world.run({ containers: [{ name: 'main', image: 'shop/unheard-of:v9', ports: [{ containerPort: 3000 }] }] });
    world.settle();
    expect(get(world, '/', 3000).response?.status).toBe(200);
    expect(get(world, '/', 3001).failure?.reason).toBe('ConnectionRefused');
  });

  test("a user's image behaves as it was defined", () => {
    const world = kubeletWorld();
    world.kubelets.images.define('shop/api', {
      ports: [8080],
      logs: ['listening on 8080'],
      http: ({ path }, { env }) => ({ status: 200, body: `${path} in ${env.STAGE}` }),
      exec: ([name]) => (name === 'health' ? { stdout: 'fine\n', stderr: '', exitCode: 0 } : undefined),
    });
    world.run({ containers: [{ name: 'api', image: 'shop/api:v3', env: [{ name: 'STAGE', value: 'test' }] }] });
    world.settle();
    expect(get(world, '/cart', 8080).response?.body).toBe('/cart in test');
    expect(world.logs()).toBe('listening on 8080\n');
    expect(world.exec(['health']).stdout).toBe('fine\n');
    expect(world.exec(['echo', 'still', 'a', 'shell']).stdout).toBe('still a shell\n');
  });
});

describe('configuration', () => {
  test('environment comes from values, ConfigMaps, Secrets and the pod itself', () => {
    const world = kubeletWorld();
    configMap(world, 'app', { COLOR: 'blue', SIZE: 'xl' });
    secret(world, 'db', { password: 's3cret' });
    world.run(
      {
        containers: [
          {
            name: 'main',
            image: 'busybox',
            command: ['sh', '-c', 'env; sleep infinity'],
            resources: { requests: { cpu: '250m' }, limits: { memory: '64Mi' } },
            envFrom: [{ prefix: 'APP_', configMapRef: { name: 'app' } }],
            env: [
              { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
              { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
              { name: 'TIER', valueFrom: { fieldRef: { fieldPath: "metadata.labels['tier']" } } },
              { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
              { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory' } } },
              { name: 'URL', value: 'http://$(POD):80/$(NOPE)/$$(POD)' },
              { name: 'MAYBE', valueFrom: { configMapKeyRef: { name: 'none', key: 'x', optional: true } } },
            ],
          },
        ],
      },
      { labels: { tier: 'front' } },
    );
    world.settle();
    const lines = world.logs().split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'APP_COLOR=blue',
        'APP_SIZE=xl',
        'PASSWORD=s3cret',
        'POD=web',
        'TIER=front',
        'IP=10.128.0.1',
        'MEMORY=67108864',
        'URL=http://web:80/$(NOPE)/$(POD)',
        'HOSTNAME=web',
      ]),
    );
    expect(lines.some((line) => line.startsWith('MAYBE='))).toBe(false);
    expect(world.exec(['printenv', 'PASSWORD']).stdout).toBe('s3cret\n');
  });

  test('services of the namespace are in the environment', () => {
    const world = kubeletWorld();
    world.client.create('services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'redis-master', namespace: 'default' },
      spec: { clusterIP: '10.96.3.4', ports: [{ name: 'redis', port: 6379 }], selector: { app: 'redis' } },
    });
    world.run({ containers: [{ name: 'main', image: 'busybox', args: ['sleep', '3600'] }] });
    world.settle();
    const { clusterIP } = world.client.get('services', 'default', 'redis-master').spec;
    expect(world.exec(['env']).stdout).toContain(`REDIS_MASTER_SERVICE_HOST=${clusterIP}\n`);
    expect(world.exec(['env']).stdout).toContain(`REDIS_MASTER_PORT_6379_TCP=tcp://${clusterIP}:6379\n`);
  });

  test('a missing ConfigMap or key is named, and the container starts once it is there', () => {
    const world = kubeletWorld();
    const env = [{ name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'app', key: 'COLOR' } } }];
    world.run({ containers: [{ name: 'main', image: 'nginx', env }] });
    world.advance('5s');
    expect(world.status().state.waiting).toEqual({
      reason: 'CreateContainerConfigError',
      message: 'configmap "app" not found',
    });
    expect(world.events()).toContain('Failed: Error: configmap "app" not found');
    configMap(world, 'app', { SIZE: 'xl' });
    world.advance('15s');
    expect(world.status().state.waiting.message).toBe("couldn't find key COLOR in ConfigMap default/app");
    const app = world.client.get('configmaps', 'default', 'app');
    world.client.update('configmaps', { ...app, data: { COLOR: 'red' } });
    world.advance('15s');
    expect(world.pod().status.phase).toBe('Running');
  });

  test('volumes show ConfigMaps, Secrets, fields and projections as files', () => {
    const world = kubeletWorld();
    configMap(world, 'app', { 'app.ini': 'color=blue\n', 'other.ini': 'x' });
    secret(world, 'db', { password: 's3cret' });
    world.run(
      {
        volumes: [
          { name: 'cm', configMap: { name: 'app', items: [{ key: 'app.ini', path: 'conf/app.ini' }] } },
          { name: 'sec', secret: { secretName: 'db', defaultMode: 0o400 } },
          { name: 'info', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
          { name: 'all', projected: { sources: [{ configMap: { name: 'app' } }, { secret: { name: 'db' } }] } },
        ],
        containers: [
          {
            name: 'main',
            image: 'busybox',
            args: ['sleep', 'infinity'],
            volumeMounts: [
              { name: 'cm', mountPath: '/etc/app' },
              { name: 'sec', mountPath: '/etc/db', readOnly: true },
              { name: 'info', mountPath: '/etc/info' },
              { name: 'all', mountPath: '/all' },
              { name: 'cm', mountPath: '/single.ini', subPath: 'conf/app.ini' },
            ],
          },
        ],
      },
      { labels: { tier: 'front' } },
    );
    world.settle();
    expect(world.exec(['cat', '/etc/app/conf/app.ini']).stdout).toBe('color=blue\n');
    expect(world.exec(['cat', '/etc/db/password']).stdout).toBe('s3cret');
    expect(world.exec(['ls', '-l', '/etc/db']).stdout).toMatch(/^-r--------/);
    expect(world.exec(['cat', '/etc/info/labels']).stdout).toBe('tier="front"\ntopology.kubernetes.io/zone="zone-0"');
    expect(world.exec(['ls', '/all']).stdout).toBe('app.ini\nother.ini\npassword\n');
    expect(world.exec(['cat', '/single.ini']).stdout).toBe('color=blue\n');
    expect(world.exec(['sh', '-c', 'echo x > /etc/app/new']).stderr).toContain('Read-only file system');
    const app = world.client.get('configmaps', 'default', 'app');
    world.client.update('configmaps', { ...app, data: { 'app.ini': 'color=red\n' } });
    expect(world.exec(['cat', '/etc/app/conf/app.ini']).stdout).toBe('color=red\n');
  });

  test('a volume that cannot be mounted holds the pod back and says why', () => {
    const world = kubeletWorld();
    world.run({
      volumes: [{ name: 'cm', configMap: { name: 'late' } }],
      containers: [{ name: 'main', image: 'nginx', volumeMounts: [{ name: 'cm', mountPath: '/cm' }] }],
    });
    world.advance('3s');
    expect(world.events()).toContain(
      'FailedMount: MountVolume.SetUp failed for volume "cm" : configmap "late" not found',
    );
    configMap(world, 'late', { a: 'b' });
    world.advance('10s');
    expect(world.pod().status.phase).toBe('Running');
  });

  test('what is written on a persistent volume outlives the pod', () => {
    const world = kubeletWorld();
    world.client.create('persistentvolumeclaims', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: 'default' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, volumeName: 'pv-1' },
    });
    const pod = (script: string) => ({
      nodeName: 'node-0',
      restartPolicy: 'Never',
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
      containers: [
        {
          name: 'main',
          image: 'busybox',
          command: ['sh', '-c', script],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
    });
    world.run(pod('echo kept > /data/file'));
    world.settle();
    world.client.delete('pods', 'default', 'web', { gracePeriodSeconds: 0 });
    world.run(pod('cat /data/file'), { name: 'second' });
    world.settle();
    expect(world.logs(undefined, 'second')).toBe('kept\n');
  });
});

describe('logs and exec', () => {
  test('since, tail, timestamps, limits and the run before', () => {
    const world = kubeletWorld();
    const script = 'echo run; sleep 10; echo end; exit 1';
    world.run({ containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', script] }] });
    world.advance('15s');
    const { access } = world.kubelets;
    const log = (options: object) => access.logs('default', 'web', options).text;
    expect(log({ previous: true })).toBe('run\nend\n');
    expect(log({})).toBe('run\n');
    expect(log({ previous: true, tailLines: 1 })).toBe('end\n');
    expect(log({ previous: true, limitBytes: 4 })).toBe('run\n');
    expect(log({ timestamps: true })).toMatch(/^2026-01-01T00:00:\d\d\.\d{9}Z run\n$/);
    expect(log({ previous: true, sinceSeconds: 5 })).toBe('end\n');
  });

  test('following hears every new line until the end', () => {
    const world = kubeletWorld();
    const script = 'for i in 1 2 3; do echo $i; sleep 2; done';
    world.run({
      restartPolicy: 'Never',
      containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', script] }],
    });
    world.advance('1500ms');
    const log = world.kubelets.access.logs('default', 'web');
    let heard = log.text;
    let ended = false;
    log.follow(
      (text) => {
        heard += text;
      },
      () => {
        ended = true;
      },
    );
    world.settle();
    expect(heard).toBe('1\n2\n3\n');
    expect(ended).toBe(true);
  });

  test('kubectl cp brings files in and out: tar on the standard streams', () => {
    const world = kubeletWorld();
    world.run({ containers: [{ name: 'main', image: 'busybox', args: ['sleep', 'infinity'] }] });
    world.settle();
    world.exec(['sh', '-c', 'mkdir -p /out/sub; echo grüße > /out/a.txt; seq 400 > /out/sub/b.txt; touch /out/empty']);
    const packed = world.exec(['tar', 'cf', '-', '/out']);
    expect(packed.exitCode).toBe(0);
    expect(Buffer.byteLength(packed.stdout) % 512).toBe(0);
    world.exec(['mkdir', '/in']);
    const { access } = world.kubelets;
    access.exec('default', 'web', { command: ['tar', '-xmf', '-', '-C', '/in'], stdin: packed.stdout });
    expect(world.exec(['cat', '/in/out/a.txt']).stdout).toBe('grüße\n');
    expect(world.exec(['cat', '/in/out/sub/b.txt']).stdout.split('\n')).toHaveLength(401);
    expect(world.exec(['ls', '/in/out']).stdout).toBe('a.txt\nempty\nsub\n');
    expect(world.exec(['tar', 'cf', '-', '/nope'])).toMatchObject({ exitCode: 2 });
  });

  test('refusals are in the words of the API server', () => {
    const world = kubeletWorld();
    world.kubelets.images.fail('nope');
    world.run({
      containers: [
        { name: 'a', image: 'nginx' },
        { name: 'b', image: 'nope' },
      ],
    });
    world.advance('20s');
    const { access } = world.kubelets;
    expect(() => access.logs('default', 'web')).toThrow(
      'a container name must be specified for pod web, choose one of: [a b]',
    );
    expect(() => access.logs('default', 'web', { container: 'c' })).toThrow('container c is not valid for pod web');
    expect(() => access.logs('default', 'web', { container: 'b' })).toThrow(
      'container "b" in pod "web" is trying and failing to pull image',
    );
    expect(() => access.logs('default', 'web', { container: 'a', previous: true })).toThrow(
      'previous terminated container "a" in pod "web" not found',
    );
    expect(() => access.exec('default', 'web', { container: 'b', command: ['ls'] })).toThrow(
      'container not found ("b")',
    );
    expect(() => access.logs('default', 'gone')).toThrow('pods "gone" not found');
  });
});
