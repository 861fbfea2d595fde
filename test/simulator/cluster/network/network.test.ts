import { kubeletWorld } from '../kubelet/kubelet-world';

type World = ReturnType<typeof kubeletWorld>;

/** Three pods that answer with their host names, behind a Service whose endpoints the test writes itself. */
function hostNames(spec: Record<string, unknown> = {}): World & { ask(to: string, from?: string): string; ip: string } {
  const world = kubeletWorld({ nodes: 2 });
  for (const name of ['h0', 'h1', 'h2']) {
    world.run(
      { containers: [{ name: 'main', image: 'registry.k8s.io/serve_hostname' }] },
      { name, labels: { app: 'h' } },
    );
  }
  world.settle();
  const service = world.client.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'hosts', namespace: 'default' },
    spec: {
      type: 'NodePort',
      clusterIP: '10.96.7.7',
      ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 9376, nodePort: 30080 }],
      ...(spec.clusterIP === 'None' ? { type: 'ClusterIP', ports: [{ name: 'http', port: 80 }] } : {}),
      ...spec,
    },
  });
  writeSlice(world, ['h0', 'h1', 'h2']);
  return Object.assign(world, {
    ip: service.spec.clusterIP as string,
    ask: (to: string, from?: string) => {
      const { response, failure } = world.kubelets.network.request({ to, ...(from ? { from } : {}) });
      return response?.body ?? `${failure!.hop}: ${failure!.reason}`;
    },
  });
}

function writeSlice(world: World, ready: readonly string[], extra: Record<string, unknown> = {}): void {
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'hosts-manual', namespace: 'default', labels: { 'kubernetes.io/service-name': 'hosts' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', protocol: 'TCP', port: 9376 }],
    endpoints: ['h0', 'h1', 'h2'].map((name) => ({
      addresses: [world.pod(name).status.podIP],
      conditions: { ready: ready.includes(name), ...extra },
      hostname: name,
      nodeName: world.pod(name).spec.nodeName,
    })),
  };
  const name = 'endpointslices.discovery.k8s.io';
  const known = world.client.tryGet(name, 'default', 'hosts-manual');
  if (known) world.client.update(name, { ...known, endpoints: slice.endpoints });
  else world.client.create(name, slice);
  world.settle();
}

describe('the service network', () => {
  test('a Service reaches all of its ready pods, under its address and its names', () => {
    const world = hostNames();
    const answers = new Set(Array.from({ length: 50 }, () => world.ask('http://hosts')));
    expect([...answers].sort()).toEqual(['h0', 'h1', 'h2']);
    for (const name of [world.ip, 'hosts.default', 'hosts.default.svc', 'hosts.default.svc.cluster.local']) {
      expect(world.ask(`http://${name}/`)).toMatch(/^h[012]$/);
    }
  });

  test('only ready endpoints are asked, and an empty Service says so', () => {
    const world = hostNames();
    writeSlice(world, ['h1']);
    expect(new Set(Array.from({ length: 20 }, () => world.ask('http://hosts')))).toEqual(new Set(['h1']));
    writeSlice(world, []);
    expect(world.ask('http://hosts')).toBe('endpoint: NoEndpoints');
  });

  test('terminating endpoints serve when nobody else does', () => {
    const world = hostNames();
    writeSlice(world, [], { serving: true, terminating: true });
    expect(world.ask('http://hosts')).toMatch(/^h[012]$/);
  });

  test('names the hop at which a request ends', () => {
    const world = hostNames();
    expect(world.ask('http://nobody')).toBe('dns: NameNotFound');
    expect(world.ask('http://hosts:81')).toBe('service: NoSuchPort');
    expect(world.ask('http://10.131.7.7')).toBe('route: NoRoute');
    expect(world.ask(`http://${world.pod('h0').status.podIP}:1`)).toBe('pod: ConnectionRefused');
  });

  test('a client stays with its endpoint when the Service asks for it', () => {
    const world = hostNames({
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
    });
    for (const client of ['10.1.1.1', '10.1.1.2', '10.1.1.3']) {
      expect(new Set(Array.from({ length: 20 }, () => world.ask('http://hosts', client))).size).toBe(1);
    }
  });

  test('every node serves the node port, or only its own pods with externalTrafficPolicy Local', () => {
    const world = hostNames();
    const address = (node: string) => world.client.get('nodes', undefined, node).status.addresses[0].address;
    const through = (node: string) => {
      const { response, failure } = world.kubelets.network.nodePort(address(node), 30080, { path: '/' });
      return response?.body ?? failure!.reason;
    };
    expect(new Set(Array.from({ length: 50 }, () => through('node-0'))).size).toBe(3);
    const service = world.client.get('services', 'default', 'hosts');
    world.client.update('services', { ...service, spec: { ...service.spec, externalTrafficPolicy: 'Local' } });
    for (const node of ['node-0', 'node-1']) {
      const local = ['h0', 'h1', 'h2'].filter((name) => world.pod(name).spec.nodeName === node);
      const seen = new Set(Array.from({ length: 50 }, () => through(node)));
      expect([...seen].sort()).toEqual(local.length > 0 ? local : ['NoEndpoints']);
    }
  });

  test('a headless Service resolves to its pods, and to each of them by name', () => {
    const world = hostNames({ clusterIP: 'None' });
    const { dns } = world.kubelets.network;
    expect(dns.resolve('hosts', 'default')).toHaveLength(3);
    expect(dns.resolve('h1.hosts', 'default')).toEqual([world.pod('h1').status.podIP]);
    expect(dns.resolve('hosts', 'other')).toEqual([]);
    expect(dns.resolve('hosts.default', 'other')).toHaveLength(3);
  });

  test('a pod reaches Services with wget, by name', () => {
    const world = hostNames();
    world.run({ containers: [{ name: 'main', image: 'busybox', args: ['sleep', 'infinity'] }] }, { name: 'client' });
    world.settle();
    expect(world.exec(['wget', '-qO-', 'http://hosts'], undefined, 'client').stdout).toMatch(/^h[012]$/);
    expect(world.exec(['wget', '-qO-', 'http://hosts:81'], undefined, 'client')).toMatchObject({ exitCode: 1 });
    expect(world.exec(['nslookup', 'hosts'], undefined, 'client').stdout).toContain(`Address: ${world.ip}`);
  });

  test('nothing answers on a machine without power', () => {
    const world = hostNames();
    for (const node of ['node-0', 'node-1']) world.kubelets.crash(node);
    expect(world.ask('http://hosts')).toMatch(/^(pod|route): /);
  });
});

describe('network policies', () => {
  /** Two servers and two clients; `front` may be told apart by its label. */
  function policyWorld() {
    const world = kubeletWorld();
    const server = {
      name: 'main',
      image: 'registry.k8s.io/serve_hostname',
      ports: [{ name: 'http', containerPort: 9376 }],
    };
    world.run({ containers: [server] }, { name: 'db', labels: { app: 'db' } });
    for (const name of ['front', 'stranger']) {
      world.run(
        { containers: [{ name: 'main', image: 'busybox', args: ['sleep', 'infinity'] }] },
        { name, labels: { app: name } },
      );
    }
    world.settle();
    return Object.assign(world, {
      policy: (name: string, spec: Record<string, unknown>) =>
        world.client.create('networkpolicies.networking.k8s.io', {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: { name, namespace: 'default' },
          spec: { podSelector: { matchLabels: { app: 'db' } }, ...spec },
        }),
      reaches: (from: string) => {
        const to = `http://${world.pod('db').status.podIP}:9376`;
        const { response, failure } = world.kubelets.network.request({ to, from: world.pod(from).status.podIP });
        return response?.body ?? failure!.reason;
      },
    });
  }

  test('without a policy everybody reaches everybody', () => {
    const world = policyWorld();
    expect([world.reaches('front'), world.reaches('stranger')]).toEqual(['db', 'db']);
  });

  test('a policy without rules shuts its pods off, but not from their node', () => {
    const world = policyWorld();
    world.policy('deny-all', { policyTypes: ['Ingress'] });
    expect(world.reaches('front')).toBe('DeniedByPolicy');
    const node = world.client.get('nodes', undefined, 'node-0').status.addresses[0].address;
    const { response } = world.kubelets.network.http(world.pod('db').status.podIP, 9376, { path: '/', clientIp: node });
    expect(response?.status).toBe(200);
  });

  test('policies add up: one more lets the front end in, by a named port', () => {
    const world = policyWorld();
    world.policy('deny-all', { policyTypes: ['Ingress'] });
    world.policy('allow-front', {
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'front' } } }], ports: [{ port: 'http' }] }],
    });
    expect([world.reaches('front'), world.reaches('stranger')]).toEqual(['db', 'DeniedByPolicy']);
  });

  test('egress is limited too, by address blocks and their exceptions', () => {
    const world = policyWorld();
    const podSelector = { matchLabels: { app: 'front' } };
    const to = (ipBlock: object) => ({ podSelector, policyTypes: ['Egress'], egress: [{ to: [{ ipBlock }] }] });
    world.policy('elsewhere', to({ cidr: '203.0.113.0/24' }));
    expect([world.reaches('front'), world.reaches('stranger')]).toEqual(['DeniedByPolicy', 'db']);
    world.policy('pods', to({ cidr: '10.128.0.0/9', except: ['10.129.0.0/16'] }));
    expect(world.reaches('front')).toBe('db');
  });
});
