import type { V1Deployment } from '@kubernetes/client-node';
import { Construct } from 'constructs';
import '../../lib/testing';
import {
  ApiObject,
  App,
  Chart,
  type ChartProps,
  ConfigMap,
  CustomResourceDefinition,
  Deployment,
  includeObject,
  Namespace,
  originOf,
  Pod,
  Secret,
  Service,
} from '../../lib/manifests';

const containers = [{ name: 'web', image: 'nginx:1.10' }];
const names = (app: App | Chart) => (app instanceof App ? app.synth() : app.toObjects()).map((o) => o.metadata.name);

describe('an object', () => {
  test('is what was written: no defaults are added', () => {
    const app = new App();
    new Pod(app, 'web', { metadata: { labels: { app: 'web' } }, spec: { containers } });
    expect(app.synth()).toEqual([
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', labels: { app: 'web' } }, spec: { containers } },
    ]);
  });

  test('leaves out what is undefined', () => {
    const app = new App();
    const spec = { replicas: undefined, selector: {}, template: { spec: { containers, nodeName: undefined } } };
    new Deployment(app, 'web', { spec });
    const [deployment] = app.synth();
    expect(Object.keys(deployment!.spec)).toEqual(['selector', 'template']);
    expect(Object.keys(deployment!.spec.template.spec)).toEqual(['containers']);
  });

  test('of an unknown kind is taken as it comes', () => {
    const app = new App({ namespace: 'shop' });
    new ApiObject(app, 'cert', { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', spec: { dnsNames: ['a.b'] } });
    expect(app.synth()[0]).toEqual({
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name: 'cert', namespace: 'shop' },
      spec: { dnsNames: ['a.b'] },
    });
  });

  test('may have another name in the cluster than in the tree, or one that the server generates', () => {
    const app = new App();
    new Pod(app, 'first', { metadata: { name: 'web' }, spec: { containers } });
    const generated = new Pod(app, 'second', { metadata: { generateName: 'web-' }, spec: { containers } });
    expect(app.synth().map(({ metadata }) => metadata)).toEqual([{ name: 'web' }, { generateName: 'web-' }]);
    expect(generated.name).toBe('');
  });

  test('knows the construct path and the line that made it', () => {
    const app = new App();
    const chart = new Chart(app, 'shop');
    new Pod(chart, 'web', { spec: { containers } });
    const line = Number(/app\.test\.ts:(\d+)/.exec(new Error().stack!)![1]) - 1;
    expect(originOf(app.synth()[0]!)).toEqual({ path: 'shop/Pod.web', source: { file: __filename, line } });
  });
});

describe('a scope', () => {
  test('hands down namespace, labels and annotations; the nearest one wins, the object most of all', () => {
    const app = new App({ namespace: 'outer', labels: { team: 'a', tier: 'x' }, annotations: { note: '1' } });
    const chart = new Chart(app, 'inner', { namespace: 'inner', labels: { tier: 'y' } });
    new ConfigMap(chart, 'inherits');
    new ConfigMap(chart, 'says', { metadata: { namespace: 'own', labels: { team: 'b' } } });
    expect(app.synth().map(({ metadata }) => metadata)).toEqual([
      { name: 'inherits', namespace: 'inner', labels: { team: 'a', tier: 'y' }, annotations: { note: '1' } },
      { name: 'says', namespace: 'own', labels: { team: 'b', tier: 'y' }, annotations: { note: '1' } },
    ]);
  });

  test('hands no namespace to what lives in none, or to what refuses it', () => {
    const app = new App({ namespace: 'shop' });
    new Namespace(app, 'shop');
    new ApiObject(app, 'issuer', {
      apiVersion: 'cert-manager.io/v1',
      kind: 'ClusterIssuer',
      metadata: { namespace: undefined },
    });
    expect(app.synth().map(({ metadata }) => metadata)).toEqual([{ name: 'shop' }, { name: 'issuer' }]);
  });

  test('pins the images of all Pods below by digest, and misses none', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const app = new App({ imageDigests: { 'nginx:1.10': digest } });
    new Pod(app, 'web', { spec: { containers } });
    const other = new Pod(app, 'other', { spec: { containers: [{ name: 'a', image: `busybox@${digest}` }] } });
    expect(app.synth().map(({ spec }) => spec.containers[0].image)).toEqual([
      `nginx:1.10@${digest}`,
      `busybox@${digest}`,
    ]);
    other.sidecar('log', { image: 'fluent-bit:3' });
    expect(() => app.synth()).toThrow('Pod "other": no digest is known of image "fluent-bit:3" of container "log"');
  });

  test('leaves selectors and Pod templates alone', () => {
    const app = new App({ labels: { team: 'a' } });
    const labels = { app: 'web' };
    new Deployment(app, 'web', {
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
    });
    const { spec } = app.synth()[0]!;
    expect(spec.selector.matchLabels).toEqual(labels);
    expect(spec.template.metadata.labels).toEqual(labels);
  });

  test('can be asked alone, and then still inherits from above', () => {
    const app = new App({ namespace: 'shop' });
    const chart = new Chart(app, 'web');
    new ConfigMap(chart, 'settings');
    new ConfigMap(app, 'other');
    expect(chart.toObjects()).toEqual([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'shop' } },
    ]);
  });

  test('can be a class of the user', () => {
    class Settings extends Chart {
      constructor(scope: Construct, id: string, props: ChartProps & { greeting: string }) {
        super(scope, id, props);
        new ConfigMap(this, 'settings', { data: { GREETING: props.greeting } });
      }
    }
    const app = new App();
    new Settings(app, 'de', { namespace: 'de', greeting: 'hallo' });
    new Settings(app, 'en', { namespace: 'en', greeting: 'hello' });
    expect(app.synth().map(({ metadata, data }) => `${metadata.namespace}: ${data.GREETING}`)).toEqual([
      'de: hallo',
      'en: hello',
    ]);
  });
});

describe('an edit', () => {
  test('sees the finished object, has the last word, and loses nothing', () => {
    const app = new App({ namespace: 'shop', labels: { team: 'a' } });
    const pod = new Pod(app, 'web', { spec: { containers } });
    pod.edit((object) => {
      object.metadata.labels!.seen = object.metadata.namespace!;
      (object.spec as unknown as { fieldOfTomorrow: unknown }).fieldOfTomorrow = { rollingUpdate: { maxSurge: 1 } };
    });
    expect(app.synth()[0]).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'shop', labels: { team: 'a', seen: 'shop' } },
      spec: { containers, fieldOfTomorrow: { rollingUpdate: { maxSurge: 1 } } },
    });
  });

  test('does not reach the data that other objects share, and gives the same answer each time', () => {
    const app = new App();
    const shared = [{ name: 'web', image: 'nginx:1.10', args: ['a'] }];
    const edited = new Pod(app, 'one', { spec: { containers: shared } });
    new Pod(app, 'two', { spec: { containers: shared } });
    edited.edit(({ spec }) => {
      spec.containers[0]!.args!.push('b');
    });
    const args = () => app.synth().map(({ spec }) => spec.containers[0].args);
    expect(args()).toEqual([['a', 'b'], ['a']]);
    expect(args()).toEqual([['a', 'b'], ['a']]);
    expect(shared[0]!.args).toEqual(['a']);
  });
});

describe('a patch', () => {
  const labels = { app: 'web' };
  const deployment = (app: App) =>
    new Deployment(app, 'web', {
      spec: {
        replicas: 3,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: 'web', image: 'nginx:1.10', ports: [{ containerPort: 80 }] }] },
        },
      },
    });

  test('merges containers by name, and removes what is null', () => {
    const app = new App();
    deployment(app).patch({
      spec: {
        replicas: null,
        template: {
          spec: {
            containers: [
              { name: 'web', image: 'nginx:1.11' },
              { name: 'log', image: 'busybox' },
            ],
          },
        },
      },
    });
    const { spec } = app.synth()[0]!;
    expect(spec.replicas).toBeUndefined();
    expect(spec.template.spec.containers).toEqual(
      expect.arrayContaining([
        { name: 'web', image: 'nginx:1.11', ports: [{ containerPort: 80 }] },
        { name: 'log', image: 'busybox' },
      ]),
    );
  });

  test('is checked by the compiler', () => {
    const app = new App();
    // @ts-expect-error replicas is a number
    deployment(app).patch({ spec: { replicas: 'three' } });
    // @ts-expect-error a misspelt field
    deployment(app).patch({ spec: { template: { spec: { containers: [{ name: 'web', imaeg: 'nginx' }] } } } });
    expect(app.node.children).toHaveLength(2);
  });

  test('of custom resources merges maps and replaces lists', () => {
    const app = new App();
    const spec = { a: { b: 1, c: 2 }, list: [1, 2] };
    new ApiObject(app, 'w', { apiVersion: 'example.com/v1', kind: 'Widget', spec }).patch({
      spec: { a: { b: null }, list: [3] },
    });
    expect(app.synth()[0]!.spec).toEqual({ a: { c: 2 }, list: [3] });
  });

  test('in JSON form says when it leads nowhere', () => {
    const app = new App();
    deployment(app).patchJson([{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'nginx:1.12' }]);
    expect(app.synth()[0]!.spec.template.spec.containers[0].image).toBe('nginx:1.12');
    const wrong = new App();
    deployment(wrong).patchJson([{ op: 'remove', path: '/spec/template/spec/volumes/0' }]);
    expect(() => wrong.synth()).toThrow(/^remove \/spec\/template\/spec\/volumes\/0 does not fit Deployment "web"/);
  });
});

describe('the order', () => {
  test('puts what others need first, and keeps the rest as it was written', () => {
    const app = new App();
    new Pod(app, 'pod', { spec: { containers } });
    new Service(app, 'service', { spec: {} });
    new ConfigMap(app, 'b');
    new ConfigMap(app, 'a');
    new Secret(app, 'secret');
    new ApiObject(app, 'instance', { apiVersion: 'example.com/v1', kind: 'Widget' });
    new CustomResourceDefinition(app, 'widgets.example.com', {
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { kind: 'Widget', plural: 'widgets' },
        versions: [],
      },
    });
    new Namespace(app, 'shop');
    expect(names(app)).toEqual(['shop', 'widgets.example.com', 'secret', 'b', 'a', 'service', 'pod', 'instance']);
  });

  test('follows declared dependencies between objects and between charts', () => {
    const app = new App();
    const front = new Chart(app, 'front');
    const back = new Chart(app, 'back');
    new ConfigMap(front, 'front-settings');
    new Pod(front, 'front-pod', { spec: { containers } });
    new Pod(back, 'back-pod', { spec: { containers } });
    const job = new Pod(back, 'back-migration', { spec: { containers } });
    back.node.tryFindChild('Pod.back-pod')!.node.addDependency(job);
    front.node.addDependency(back);
    expect(names(app)).toEqual(['back-migration', 'back-pod', 'front-settings', 'front-pod']);
  });

  test('names the circle when there is one', () => {
    const app = new App();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => new ConfigMap(app, name));
    a!.node.addDependency(b!);
    b!.node.addDependency(c!);
    c!.node.addDependency(a!);
    expect(() => app.synth()).toThrow(
      'constructs depend on each other in a circle: ConfigMap.a -> ConfigMap.b -> ConfigMap.c -> ConfigMap.a',
    );
  });

  test('stands a chain of 6,000 objects, and 300 objects that depend on 300 others', () => {
    const app = new App();
    let previous: ConfigMap | undefined;
    for (let i = 0; i < 6000; i++) {
      const next = new ConfigMap(app, `chain-${i}`);
      if (previous) previous.node.addDependency(next);
      previous = next;
    }
    expect(names(app)[0]).toBe('chain-5999');

    const waves = new App();
    const charts = [new Chart(waves, 'first'), new Chart(waves, 'second')];
    for (const chart of charts) for (let i = 0; i < 300; i++) new ConfigMap(chart, `${chart.node.id}-${i}`);
    charts[0]!.node.addDependency(charts[1]!);
    expect(names(waves)[0]).toBe('second-0');
  });
});

describe('the same object twice', () => {
  test('is an error that names both places', () => {
    const app = new App();
    new ConfigMap(new Chart(app, 'one', { namespace: 'shop' }), 'settings');
    new ConfigMap(new Chart(app, 'two'), 'settings', { metadata: { namespace: 'shop' } });
    expect(() => app.synth()).toThrow(
      /^ConfigMap "settings" in namespace "shop" is made twice: by one\/ConfigMap\.settings \(test\/manifests\/app\.test\.ts:\d+\) and by two\/ConfigMap\.settings \(test\/manifests\/app\.test\.ts:\d+\)$/,
    );
  });

  test('is no error in two namespaces, even in one scope', () => {
    const app = new App();
    new ConfigMap(app, 'settings', { metadata: { namespace: 'a' } });
    new ConfigMap(app, 'settings', { metadata: { namespace: 'b' } });
    expect(app.synth()).toHaveLength(2);
  });
});

test('an app is a stream of YAML documents, or one List as JSON', () => {
  const app = new App();
  new ConfigMap(app, 'settings', { data: { GREETING: 'hello' } });
  new Pod(app, 'web', { spec: { containers } });
  expect(app.toYaml()).toBe(`apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  GREETING: hello
---
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: nginx:1.10
`);
  expect(JSON.parse(app.toJson())).toEqual({ apiVersion: 'v1', kind: 'List', items: app.synth() });
});

test('objects typed with the interfaces of @kubernetes/client-node are taken in, and given out', () => {
  const app = new App({ namespace: 'shop' });
  const deployment: V1Deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers } },
    },
  };
  const included = includeObject(app, deployment).edit((object) => {
    object.spec.replicas = 2;
  });
  const out: V1Deployment = included.toObject();
  expect(out.spec?.replicas).toBe(2);
  expect(app).toContainObject({
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { replicas: 2 },
  });
});

test('objects can stand in any construct', () => {
  const app = new App({ namespace: 'shop' });
  const group = new Construct(app, 'group');
  new ConfigMap(group, 'settings');
  expect(app.synth()[0]!.metadata).toEqual({ name: 'settings', namespace: 'shop' });
});
