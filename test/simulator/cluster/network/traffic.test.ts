import { Cluster } from '../../../../lib/simulator/cluster/cluster';
import { startTraffic } from '../../../../lib/simulator/cluster/network/traffic';

/** A Deployment of host-name servers behind a Service, running. */
function rollingWorld(container: Record<string, unknown> = {}) {
  const cluster = new Cluster({ nodes: 3 });
  const client = cluster.clientFor('admin');
  const { network, images } = cluster.kubelets!;
  images.define('shop/web', {
    ports: [8080],
    startDelay: '5s',
    http: (_, { hostName }) => ({ status: 200, body: hostName }),
  });
  client.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
  });
  const template = (version: string) => ({
    metadata: { labels: { app: 'web' } },
    spec: {
      containers: [{ name: 'web', image: `shop/web:${version}`, ports: [{ containerPort: 8080 }], ...container }],
    },
  });
  client.create('deployments.apps', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 4, selector: { matchLabels: { app: 'web' } }, template: template('v1') },
  });
  cluster.simulation.settle();
  cluster.simulation.advance('30s');
  return {
    cluster,
    traffic: () => startTraffic(network, cluster.simulation, { to: 'http://web', perSecond: 50 }),
    rollOut() {
      const deployment = client.get('deployments.apps', 'default', 'web');
      client.update('deployments.apps', { ...deployment, spec: { ...deployment.spec, template: template('v2') } });
      cluster.simulation.settle();
      cluster.simulation.advance('1m');
    },
  };
}

const readinessProbe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 };

describe('traffic', () => {
  test('a quiet Service answers every request, from all of its pods', () => {
    const world = rollingWorld({ readinessProbe });
    const traffic = world.traffic();
    world.cluster.simulation.advance('10s');
    const report = traffic.stop();
    expect(report).toMatchObject({ sent: 500, answered: 500, failed: 0 });
    expect(Object.keys(report.byPod)).toHaveLength(4);
  });

  test('a roll-out with a readiness probe and a preStop pause drops nothing', () => {
    const world = rollingWorld({ readinessProbe, lifecycle: { preStop: { sleep: { seconds: 5 } } } });
    const traffic = world.traffic();
    world.rollOut();
    const report = traffic.stop();
    expect(report.sent).toBeGreaterThan(3_000);
    expect(report.byFailure).toEqual({});
  });

  test('without a preStop pause, requests reach pods that have stopped before the nodes knew', () => {
    const world = rollingWorld({ readinessProbe });
    const traffic = world.traffic();
    world.rollOut();
    expect(Object.keys(traffic.stop().byFailure)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^(pod: ConnectionRefused|route: NoRoute)$/)]),
    );
  });

  test('without a readiness probe, requests reach pods that do not listen yet', () => {
    const world = rollingWorld({ lifecycle: { preStop: { sleep: { seconds: 5 } } } });
    const traffic = world.traffic();
    world.rollOut();
    const report = traffic.stop();
    expect(report.byFailure['pod: ConnectionRefused']).toBeGreaterThan(10);
    expect(report.failures[0]!.path[0]).toBe('service default/web:80');
  });
});
