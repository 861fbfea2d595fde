/** Traffic through load balancer, target, node and Service to Pods, while a roll-out goes on: who is dropped, where, and why. */
import { startCluster, type TestCluster } from '../../lib/testing';

const readinessProbe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 };
const lifecycle = { preStop: { sleep: { seconds: 5 } } };

const deployment = (container: object, version = 'v1') => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 4,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [{ name: 'web', image: `shop/web:${version}`, ports: [{ containerPort: 8080 }], ...container }],
      },
    },
  },
});

const service = (metadata: object = {}, type = 'LoadBalancer') => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', ...metadata },
  spec: { type, selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
});

const named = { annotations: { 'external-dns.alpha.kubernetes.io/hostname': 'shop.example' } };

const ingress = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web', annotations: { 'alb.ingress.kubernetes.io/scheme': 'internet-facing' } },
  spec: {
    ingressClassName: 'alb',
    rules: [
      {
        host: 'shop.example',
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
        },
      },
    ],
  },
};

/** Applies everything, waits until the front door is open, and rolls out a second version under traffic. */
function rollOut(container: object, ...front: object[]) {
  const cluster = startCluster();
  cluster.machines.images.define('shop/web', {
    startDelay: '5s',
    http: () => ({ status: 200, body: 'hello' }),
  });
  cluster.apply(deployment(container), ...(front as any[]));
  cluster.untilReady();
  cluster.advance('5m');
  const traffic = cluster.traffic({ to: 'http://shop.example', perSecond: 50 });
  cluster.apply(deployment(container, 'v2'));
  cluster.untilReady();
  cluster.advance('30s');
  return { cluster, report: traffic.stop() };
}

test.each([
  ['a Network Load Balancer', [service(named)]],
  ['an Application Load Balancer', [service({}, 'NodePort'), ingress]],
])('behind %s, a roll-out with a readiness probe and a preStop hook drops no request', (_name, front) => {
  const { report } = rollOut({ readinessProbe, lifecycle }, ...front);
  expect(report.summary).toEqual([`${report.sent} of ${report.sent} requests were answered`]);
  expect(report.sent).toBeGreaterThan(1_000);
  expect(Object.keys(report.byPod)).toHaveLength(8);
});

test('without a preStop hook some requests meet a Pod that has stopped, and the report says so', () => {
  const { report } = rollOut({ readinessProbe }, service(named));
  expect(report.failed).toBeGreaterThan(0);
  expect(Object.keys(report.byFailure)).toEqual(
    expect.arrayContaining([expect.stringMatching(/^(pod: ConnectionRefused|route: NoRoute)$/)]),
  );
  expect(report.summary.join('\n')).toMatch(
    /\d+ ended at hop (pod|route): pod default\/web-\w+-\* had been told to stop and no longer listened on port 8080, while requests still came; it has no preStop hook: one that sleeps a few seconds keeps it listening until everybody has heard/,
  );
});

test('without a readiness probe requests come before the server listens', () => {
  const { report } = rollOut({ lifecycle }, service(named));
  expect(report.summary.join('\n')).toMatch(
    /pod default\/web-\w+-\* got requests before it listened on port 8080; it has no readiness probe, so it counts as ready as soon as it runs/,
  );
  expect(report.failures[0]).toMatchObject({
    hop: 'pod',
    reason: 'ConnectionRefused',
    path: expect.arrayContaining([expect.stringMatching(/^load balancer k8s-default-web-/)]),
  });
});

describe('where the way ends', () => {
  const start = (...what: any[]): TestCluster => {
    const cluster = startCluster({ nodes: 2 });
    cluster.apply(...what);
    return cluster;
  };
  const first = (cluster: TestCluster, to = 'http://shop.example') => {
    const traffic = cluster.traffic({ to, perSecond: 1 });
    cluster.advance('2s');
    return traffic.stop().failures[0]!;
  };

  test('a name that nobody has', () => {
    expect(first(start(), 'http://shop.invalid')).toMatchObject({ hop: 'dns', message: 'no such host: shop.invalid' });
  });

  test('a load balancer that is being made', () => {
    const cluster = start(service(named));
    cluster.advance('10s');
    expect(first(cluster)).toMatchObject({ hop: 'load balancer', message: expect.stringMatching(/ is provisioning$/) });
  });

  test('a Service without Pods, behind its load balancer', () => {
    const cluster = start(service(named));
    cluster.advance('5m');
    expect(first(cluster)).toMatchObject({ hop: 'endpoint', message: 'service default/web has no ready endpoints' });
  });

  test('without load balancers there is no address', () => {
    const cluster = startCluster({ loadBalancers: false });
    cluster.apply(service(named));
    cluster.advance('5m');
    expect((cluster.get('Service', 'web') as any).status.loadBalancer).toEqual({});
  });
});
