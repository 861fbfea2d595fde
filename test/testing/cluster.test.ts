import { App, Chart, ConfigMap, Deployment, Namespace, Pod, Service } from '../../lib/manifests';
import { startCluster } from '../../lib/testing';

const labels = { app: 'web' };
const containers = [{ name: 'web', image: 'nginx:1.10' }];

function webApp(replicas: number): App {
  const app = new App();
  new Namespace(app, 'shop');
  const chart = new Chart(app, 'web', { namespace: 'shop' });
  new Deployment(chart, 'web', {
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  });
  return app;
}

test('an app is applied to a cluster in the same process, and its controllers act on it', () => {
  const cluster = startCluster();
  cluster.apply(webApp(3));
  cluster.advance('1m');
  expect(cluster.list('pods', { namespace: 'shop', labels: 'app=web' })).toHaveLength(3);
  cluster.apply(webApp(1));
  cluster.advance('1m');
  expect(cluster.get('deploy', 'web', 'shop').spec.replicas).toBe(1);
  expect(cluster.list('Pod', { namespace: 'shop' })).toHaveLength(1);
  expect(cluster).toHaveEvent({ about: 'Deployment/web', reason: 'ScalingReplicaSet', message: /from 3 to 1/ });
});

test('takes charts, objects, lists and YAML; what names no namespace goes to default', () => {
  const cluster = startCluster();
  const app = new App();
  new ConfigMap(new Chart(app, 'chart'), 'a');
  const plain = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' } };
  cluster.apply(app.node.findChild('chart'), plain, [{ ...plain, metadata: { name: 'c' } }]);
  cluster.apply('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\n');
  const names = cluster.list('cm', { namespace: 'default' }).map(({ metadata }) => metadata.name);
  expect(names).toEqual(expect.arrayContaining(['a', 'b', 'c', 'd']));
});

test('the API server refuses in its own words', () => {
  const cluster = startCluster();
  expect(() => cluster.apply({ apiVersion: 'apps/v1', kind: 'Pod', metadata: { name: 'x' } })).toThrow(
    'no matches for kind "Pod" in version "apps/v1"',
  );
  expect(() => cluster.get('Pod', 'x')).toThrow('pods "x" not found');
  expect(cluster.tryGet('Pod', 'x')).toBeUndefined();
  expect(() => cluster.list('gadgets')).toThrow('the server doesn\'t have a resource type "gadgets"');
});

test('what was applied can be scaled and deleted', () => {
  const cluster = startCluster();
  cluster.apply(webApp(1));
  cluster.scale('deployment', 'web', 2, 'shop');
  cluster.advance('1m');
  expect(cluster.list('pods', { namespace: 'shop' })).toHaveLength(2);
  cluster.delete('deployment', 'web', 'shop');
  cluster.advance('5m');
  expect(cluster.list('replicasets', { namespace: 'shop' })).toEqual([]);
});

test('the same seed gives the same history, another one another', () => {
  const history = (seed: number) => {
    const cluster = startCluster({ seed });
    cluster.apply(webApp(3));
    cluster.advance('1m');
    return cluster.events();
  };
  expect(history(7)).toEqual(history(7));
  expect(history(7)).not.toEqual(history(8));
});

test('waiting in vain says what each object waits for', () => {
  const cluster = startCluster({ nodes: 0 });
  cluster.apply(webApp(1));
  expect(() => cluster.untilReady('1m')).toThrow(/not ready within 1m of virtual time:\n {2}Deployment web: /);
  expect(() => cluster.until(() => false, '1m')).toThrow('within 1m of virtual time');
});

describe('matchers', () => {
  const app = webApp(3);

  test('toContainObject compares what is named, and lists of named items by name', () => {
    expect(app).toContainObject({ kind: 'Deployment', spec: { replicas: 3 } });
    expect(app).toContainObject({
      kind: 'Deployment',
      spec: { template: { spec: { containers: [{ name: 'web', image: expect.stringContaining('nginx') }] } } },
    });
    expect(app).not.toContainObject({ kind: 'Service' });
    expect(() => expect(app).toContainObject({ kind: 'Deployment', spec: { replicas: 2 } })).toThrow(
      'the closest is Deployment shop/web:\n  spec.replicas is 3, expected 2',
    );
    expect(() => expect(app).toContainObject({ kind: 'Service' })).toThrow(
      'there is no Service (there is Namespace, Deployment)',
    );
  });

  test('toHaveNoFindings tells what is wrong', () => {
    expect(app).toHaveNoFindings();
    const wrong = new App();
    new Service(wrong, 'web', { spec: { selector: { app: 'wbe' }, ports: [{ port: 80 }] } });
    expect(() => expect(wrong).toHaveNoFindings()).toThrow('the selector matches no Pod');
  });

  test('toBeAdmittedBy asks the API server and changes nothing', () => {
    const cluster = startCluster();
    expect(app).toBeAdmittedBy(cluster);
    expect(cluster.tryGet('Namespace', 'shop')).toBeUndefined();
    const wrong = new App();
    new ConfigMap(wrong, 'Not_A_Name');
    expect(() => expect(wrong).toBeAdmittedBy(cluster)).toThrow(/refused:\n {2}ConfigMap Not_A_Name: .*is invalid/);
  });

  test('toHaveEvent lists what there is instead', () => {
    const cluster = startCluster();
    cluster.apply(app);
    cluster.advance('10s');
    expect(() => expect(cluster).toHaveEvent({ about: 'Deployment/web', reason: 'Nothing' })).toThrow(
      /there are:\n {2}Normal ScalingReplicaSet Deployment\/web: Scaled up replica set web-\S+ from 0 to 3/,
    );
  });
});

test('objects in snapshots are YAML without what differs from run to run', () => {
  const cluster = startCluster();
  const app = new App();
  new ConfigMap(app, 'settings', { data: { GREETING: 'hello' } });
  cluster.apply(app);
  expect(cluster.get('ConfigMap', 'settings')).toMatchInlineSnapshot(`
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: default
data:
  GREETING: hello
`);
  expect(app).toMatchInlineSnapshot(`
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  GREETING: hello
`);
});

test('the typed answer of get has the fields of its kind', () => {
  const cluster = startCluster();
  const app = new App();
  new Pod(app, 'web', { spec: { containers } });
  cluster.apply(app);
  const image: string | undefined = cluster.get('Pod', 'web').spec.containers[0]?.image;
  expect(image).toBe('nginx:1.10');
  // @ts-expect-error a Pod has no replicas
  expect(cluster.get('Pod', 'web').spec.replicas).toBeUndefined();
});

test('a Deployment survives the loss of a node', () => {
  const cluster = startCluster({ nodes: 3 });
  cluster.apply(webApp(3));
  cluster.untilReady('2m');
  cluster.machines.crash('node-1');
  cluster.advance('10m');
  expect(cluster.get('Deployment', 'web', 'shop')).toBeReady();
  // The Pod of the lost node hangs in Terminating, as it would: nobody is there to say that it has ended.
  const pods = cluster.list('Pod', { namespace: 'shop' });
  const nodeOf = (terminating: boolean) =>
    pods
      .filter(({ metadata }) => (metadata.deletionTimestamp !== undefined) === terminating)
      .map(({ spec }) => spec.nodeName);
  expect(nodeOf(true)).toEqual(['node-1']);
  expect(nodeOf(false)).toHaveLength(3);
  expect(nodeOf(false)).not.toContain('node-1');
});

test('toRollOutWithin runs an app on a cluster of its own', () => {
  expect(webApp(3)).toRollOutWithin('2m');
  expect(() => expect(webApp(3)).toRollOutWithin('2m', { nodes: 0 })).toThrow(/Deployment web: /);
});
