/** What happens to a cluster, told by the engine's own events and by the plans it prints. */

import { formatRef, inspect, type Transport } from '../../lib/apply';
import { DEPENDS_ON_ANNOTATION } from '../../lib/apply/dependencies';
import type { KubernetesObject } from '../../lib/kubernetes/object';
import { configMap, deployment, namespace, setStage } from './stage';

const settings = configMap('settings', { color: 'blue' });

describe('a change in the source', () => {
  test('is shown with its fields, and rolled out', async () => {
    const stage = setStage();
    await stage.apply([settings, deployment('web')]);
    stage.said();
    const changed = [configMap('settings', { color: 'green' }), deployment('web', { replicas: 3 })];
    expect(await stage.plan(changed)).toMatchInlineSnapshot(`
"2 to update
~ configmap/settings -n default   changed in the source
    data.color: "blue" -> "green"
~ deployment.apps/web -n default  changed in the source
    spec.replicas: 2 -> 3"
`);
    await stage.apply(changed);
    expect(stage.said()).toMatchInlineSnapshot(`
[
  "configmap/settings updated",
  "configmap/settings is Current: there",
  "deployment.apps/web updated",
  "deployment.apps/web is Current: 3 of 3 replicas available",
  "succeeded",
]
`);
  });

  test('that removes an object deletes it, after all the rest is there', async () => {
    const stage = setStage();
    await stage.apply([settings, deployment('web'), deployment('old')]);
    stage.said();
    expect(await stage.plan([settings, deployment('web')])).toMatchInlineSnapshot(`
"1 to delete, 2 unchanged
= configmap/settings -n default   as asked for
= deployment.apps/web -n default  as asked for
- deployment.apps/old -n default  no longer asked for"
`);
    await stage.apply([settings, deployment('web')]);
    expect(stage.said()).toMatchInlineSnapshot(`
[
  "configmap/settings unchanged",
  "configmap/settings is Current: there",
  "deployment.apps/web unchanged",
  "deployment.apps/web is Current: 2 of 2 replicas available",
  "deployment.apps/old deleted",
  "succeeded",
]
`);
    expect(stage.client.tryGet('deployments.apps', 'default', 'old')).toBeUndefined();
  });

  test('that removes everything is taken for a mistake', async () => {
    const stage = setStage();
    await stage.apply([settings]);
    await expect(stage.apply([])).rejects.toThrow('would delete all 1 objects that were applied before');
    await stage.apply([], { allowEmpty: true });
    expect(stage.client.tryGet('configmaps', 'default', 'settings')).toBeUndefined();
  });

  test('leaves behind what is annotated to be kept', async () => {
    const stage = setStage();
    const kept = configMap('kept');
    kept.metadata.annotations = { 'helm.sh/resource-policy': 'keep' };
    await stage.apply([settings, kept]);
    expect(await stage.plan([settings])).toMatchInlineSnapshot(`
"2 unchanged
= configmap/settings -n default  as asked for
= configmap/kept -n default      annotated to be kept"
`);
    await stage.apply([settings]);
    expect(stage.client.tryGet('configmaps', 'default', 'kept')).toBeDefined();
  });

  test('is not made when the plan is declined', async () => {
    const stage = setStage();
    const { outcome } = await stage.apply([settings], { confirm: () => false });
    expect(outcome).toBe('refused');
    expect(
      stage.client.list('configmaps', { namespace: 'default' }).map(({ metadata }) => metadata.name),
    ).not.toContain('settings');
  });
});

describe('a failure', () => {
  test('is explained, stops what depends on it and nothing else, and keeps everything from being deleted', async () => {
    const stage = setStage();
    stage.cluster.kubelets!.images.fail('bad');
    const after = deployment('after');
    after.metadata.annotations = { [DEPENDS_ON_ANNOTATION]: 'apps/namespaces/default/Deployment/bad' };
    await stage.apply([settings, configMap('surplus')]);
    stage.said();
    const bad = deployment('bad', {
      template: { metadata: { labels: { app: 'bad' } }, spec: { containers: [{ name: 'bad', image: 'bad:1' }] } },
    });
    const { outcome } = await stage.apply([settings, bad, after, deployment('web')], { timeout: '1m' });
    expect(stage.said()).toMatchInlineSnapshot(`
[
  "configmap/settings unchanged",
  "configmap/settings is Current: there",
  "deployment.apps/bad created",
  "deployment.apps/web created",
  "deployment.apps/bad failed: 0 of 2 replicas available; Pod bad-*: container bad cannot pull image "bad:1": docker.io/library/bad:1: not found",
  "deployment.apps/after skipped because of deployment.apps/bad",
  "deployment.apps/web is Current: 2 of 2 replicas available",
  "configmap/surplus skipped because of deployment.apps/bad",
  "failed",
]
`);
    expect(outcome).toBe('failed');
    expect(stage.client.tryGet('configmaps', 'default', 'surplus')).toBeDefined();
    // The next run goes on from there.
    await stage.apply([settings, deployment('web')]);
    expect(stage.client.tryGet('configmaps', 'default', 'surplus')).toBeUndefined();
    expect(stage.client.tryGet('deployments.apps', 'default', 'bad')).toBeUndefined();
  });

  test('that the server foresees is shown in the plan, and nothing is touched', async () => {
    const stage = setStage();
    const wrong = deployment('web', { replicaz: 2 });
    expect(await stage.plan([settings, wrong])).toMatchInlineSnapshot(`
"1 to create, 1 refused
+ configmap/settings -n default   not in the cluster
! deployment.apps/web -n default  failed to create typed patch object (default/web; apps/v1, Kind=Deployment): .spec.replicaz: field not declared in schema
    The cluster does not know this field: is it spelled right, and in the right place?"
`);
    const { outcome } = await stage.apply([settings, wrong]);
    expect(outcome).toBe('refused');
    expect(stage.client.tryGet('configmaps', 'default', 'settings')).toBeUndefined();
  });

  test('of an object is foreseen even while its namespace is only planned', async () => {
    const stage = setStage();
    const wrong = deployment('web', { replicaz: 2 }, 'shop');
    expect(await stage.plan([namespace('shop'), wrong])).toMatchInlineSnapshot(`
"1 to create, 1 refused
+ namespace/shop               not in the cluster
! deployment.apps/web -n shop  failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): .spec.replicaz: field not declared in schema
    The cluster does not know this field: is it spelled right, and in the right place?"
`);
  });

  test('a stopped run says what it did not do', async () => {
    const stage = setStage();
    const stop = new AbortController();
    stage.simulation.clock.after(500, () => stop.abort());
    const { outcome } = await stage.apply([settings, deployment('web')], { signal: stop.signal });
    expect(outcome).toBe('aborted');
    expect(stage.said().slice(-2)).toEqual(['deployment.apps/web failed: stopped while waiting for it', 'aborted']);
  });
});

test('a definition and its first object go in one run, in the right order both ways', async () => {
  const stage = setStage();
  const schema = {
    type: 'object',
    properties: { spec: { type: 'object', properties: { masts: { type: 'integer' } } } },
  };
  const definition: KubernetesObject = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'boats.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Boat', plural: 'boats', singular: 'boat', listKind: 'BoatList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
  const boat: KubernetesObject = {
    apiVersion: 'example.com/v1',
    kind: 'Boat',
    metadata: { name: 'cutter' },
    spec: { masts: 1 },
  };
  await stage.apply([boat, definition]);
  expect(stage.said()).toMatchInlineSnapshot(`
[
  "customresourcedefinition.apiextensions.k8s.io/boats.example.com created",
  "customresourcedefinition.apiextensions.k8s.io/boats.example.com is Current: established",
  "boat.example.com/cutter created",
  "boat.example.com/cutter is Current: there",
  "succeeded",
]
`);
  expect(await stage.plan([boat, definition])).toMatchInlineSnapshot(`
"2 unchanged
= customresourcedefinition.apiextensions.k8s.io/boats.example.com  as asked for
= boat.example.com/cutter -n default                               as asked for"
`);
  await stage.destroy();
  expect(stage.said()).toMatchInlineSnapshot(`
[
  "boat.example.com/cutter deleted",
  "customresourcedefinition.apiextensions.k8s.io/boats.example.com deleted",
  "succeeded",
]
`);
});

describe('what a Pod needs and a dry run cannot see', () => {
  const pod = (ns: string, serviceAccountName?: string): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: ns },
    spec: { ...(serviceAccountName ? { serviceAccountName } : {}), containers: [{ name: 'web', image: 'nginx' }] },
  });

  test('may come with it: its service account, or that of a new namespace', async () => {
    const stage = setStage();
    const robot = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot', namespace: 'default' } };
    expect(await stage.plan([robot, pod('default', 'robot')])).toMatchInlineSnapshot(`
"2 to create
+ serviceaccount/robot -n default  not in the cluster
+ pod/web -n default               not in the cluster (not checked: serviceaccount/robot comes first)"
`);
    expect((await stage.apply([robot, pod('default', 'robot'), namespace('shop'), pod('shop')])).outcome).toBe(
      'succeeded',
    );
  });

  test('may be missing, and the plan says so', async () => {
    expect(await setStage().plan([pod('default', 'robot')])).toMatchInlineSnapshot(`
"1 refused
! pod/web -n default  pods "web" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found"
`);
  });
});

test('members whose kind is not served for a while are not forgotten', async () => {
  let down = false;
  const between = (line: Transport): Transport => ({
    ...line,
    request: async (request) => {
      const response = await line.request(request);
      if (!down || request.path !== '/apis') return response;
      const items = response.body.items.filter((group: KubernetesObject) => group.metadata.name !== 'apps');
      return { ...response, body: { ...response.body, items } };
    },
  });
  const stage = setStage({ between });
  await stage.apply([settings, deployment('web')]);
  down = true;
  expect((await stage.apply([settings])).outcome).toBe('succeeded');
  expect(stage.client.tryGet('deployments.apps', 'default', 'web')).toBeDefined();
  down = false;
  expect((await stage.apply([settings])).outcome).toBe('succeeded');
  expect(stage.client.tryGet('deployments.apps', 'default', 'web')).toBeUndefined();
});

describe('fields that others own', () => {
  /** Somebody with kubectl. */
  const edit = (stage: ReturnType<typeof setStage>, replicas: number) =>
    stage.client.patch(
      'deployments.apps',
      'default',
      'web',
      'merge',
      { spec: { replicas } },
      { fieldManager: 'kubectl-edit' },
    );

  test('are not taken without being told to: the plan names the owner', async () => {
    const stage = setStage();
    await stage.apply([settings, deployment('web')]);
    edit(stage, 5);
    expect(await stage.plan([settings, deployment('web')])).toMatchInlineSnapshot(`
"1 refused, 1 unchanged
= configmap/settings -n default   as asked for
! deployment.apps/web -n default  Apply failed with 1 conflict: conflict with "kubectl-edit" using apps/v1: .spec.replicas
    Leave these fields out to let kubectl-edit have them (an autoscaler needs replicas left out), or force conflicts to take them."
`);
    expect((await stage.apply([settings, deployment('web')])).outcome).toBe('refused');
    expect(await stage.plan([settings, deployment('web')], { forceFrom: 'all' })).toMatchInlineSnapshot(`
"1 to update, 1 unchanged
= configmap/settings -n default   as asked for
~ deployment.apps/web -n default  changed in the cluster by kubectl-edit
    spec.replicas: 5 -> 2"
`);
    await stage.apply([settings, deployment('web')], { forceFrom: ['kubectl-edit'] });
    expect(stage.client.get('deployments.apps', 'default', 'web').spec.replicas).toBe(2);
  });

  test('stay with them when they are left out', async () => {
    const stage = setStage();
    const open = deployment('web', { replicas: undefined });
    await stage.apply([settings, open]);
    edit(stage, 3);
    expect(await stage.plan([settings, open])).toMatchInlineSnapshot(`
"2 unchanged
= configmap/settings -n default   as asked for
= deployment.apps/web -n default  as asked for"
`);
    expect((await stage.apply([settings, open])).outcome).toBe('succeeded');
    expect(stage.client.get('deployments.apps', 'default', 'web').spec.replicas).toBe(3);
  });

  test('are removed when they were ours and are not asked for any more', async () => {
    const stage = setStage();
    await stage.apply([configMap('settings', { color: 'blue', size: 'xl' })]);
    stage.client.patch(
      'configmaps',
      'default',
      'settings',
      'merge',
      { data: { theirs: '1' } },
      { fieldManager: 'other' },
    );
    expect(await stage.plan([settings])).toMatchInlineSnapshot(`
"1 to update
~ configmap/settings -n default  changed in the source
    data.size: - "xl""
`);
    await stage.apply([settings]);
    expect(stage.client.get('configmaps', 'default', 'settings').data).toEqual({ color: 'blue', theirs: '1' });
  });

  test('are taken over from kubectl, and removed when they are not asked for', async () => {
    const stage = setStage();
    const theirs = configMap('settings', { color: 'red', size: 'xl' });
    theirs.metadata.annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    stage.client.create('configmaps', theirs, { fieldManager: 'kubectl-client-side-apply' });
    expect(await stage.plan([settings])).toMatchInlineSnapshot(`
"1 to update
~ configmap/settings -n default  is there already; taken over with all that kubectl-client-side-apply set
    data.color: "red" -> "blue""
`);
    await stage.apply([settings]);
    const { data, metadata } = stage.client.get('configmaps', 'default', 'settings');
    expect([data, metadata.annotations]).toEqual([{ color: 'blue' }, undefined]);
    expect(metadata.managedFields?.map(({ manager }) => manager)).toEqual(['drydock']);
    expect(await stage.plan([settings])).toMatch('1 unchanged');
  });
});

describe('a field that may not change', () => {
  const sealed = (color: string) => ({ ...configMap('settings', { color }), immutable: true });

  test('is refused with the way out', async () => {
    const stage = setStage();
    await stage.apply([sealed('blue')]);
    expect(await stage.plan([sealed('red')])).toMatchInlineSnapshot(`
"1 refused
! configmap/settings -n default  ConfigMap "settings" is invalid: data: Forbidden: field is immutable when \`immutable\` is set
    This takes a new object: allow replacement, or give it another name."
`);
  });

  test('takes a new object where that is allowed', async () => {
    const stage = setStage();
    await stage.apply([sealed('blue')]);
    const before = stage.client.get('configmaps', 'default', 'settings').metadata.uid;
    stage.said();
    expect(await stage.plan([sealed('red')], { replace: 'stateless' })).toMatchInlineSnapshot(`
"1 to replace
± configmap/settings -n default  ConfigMap "settings" is invalid: data: Forbidden: field is immutable when \`immutable\` is set"
`);
    await stage.apply([sealed('red')], { replace: 'stateless' });
    expect(stage.said()).toMatchInlineSnapshot(`
[
  "configmap/settings replaced",
  "configmap/settings is Current: there",
  "succeeded",
]
`);
    const after = stage.client.get('configmaps', 'default', 'settings');
    expect(after.data).toEqual({ color: 'red' });
    expect(after.metadata.uid).not.toBe(before);
  });
});

test('a secret shows that it changes, and never to what', async () => {
  const stage = setStage();
  const secret = (password: string): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'login', namespace: 'default' },
    stringData: { password },
  });
  await stage.apply([secret('one')]);
  expect(await stage.plan([secret('two')])).toMatchInlineSnapshot(`
"1 to update
~ secret/login -n default  has other values
    data.password: "***" -> "***""
`);
  expect(await stage.plan([secret('one')])).toMatchInlineSnapshot(`
"1 unchanged
= secret/login -n default  as asked for"
`);
});

describe('mistakes in the input are named before anything is sent', () => {
  test.each<[string, KubernetesObject[], string]>([
    [
      'a kind in the wrong group',
      [{ apiVersion: 'apps/v1', kind: 'Pod', metadata: { name: 'my-nginx-pod' } }],
      'my-nginx-pod: no matches for kind "Pod" in version "apps/v1"',
    ],
    ['no name', [{ apiVersion: 'v1', kind: 'Pod', metadata: {} }], 'A Pod (v1) has no name.'],
    [
      'no kind',
      [{ metadata: { name: 'x' } } as KubernetesObject],
      'Not a Kubernetes object: {"metadata":{"name":"x"}}',
    ],
    ['the same twice', [settings, settings], 'configmap/settings in namespace default is there twice.'],
    [
      'a circle',
      [configMap('a'), configMap('b')].map((object, index) => ({
        ...object,
        metadata: {
          ...object.metadata,
          annotations: { [DEPENDS_ON_ANNOTATION]: `/namespaces/default/ConfigMap/${'ba'[index]}` },
        },
      })),
      'Objects wait for each other: /ConfigMap/default/a -> /ConfigMap/default/b -> /ConfigMap/default/a.',
    ],
  ])('%s', async (_what, objects, message) => {
    await expect(setStage().apply(objects)).rejects.toThrow(message);
  });
});

test('a look at the members says how they fare, and why', async () => {
  const stage = setStage();
  stage.cluster.kubelets!.images.fail('bad');
  const bad = deployment('bad', {
    template: { metadata: { labels: { app: 'bad' } }, spec: { containers: [{ name: 'bad', image: 'bad:1' }] } },
  });
  await stage.apply([settings, deployment('web'), bad], { wait: false });
  stage.simulation.advance('10s');
  const { transport, simulation } = stage;
  const members = await inspect({ transport, clock: simulation.clock, set: { name: 'shop' } });
  expect(members.map(({ ref, readiness }) => `${formatRef(ref)} ${readiness.status}: ${readiness.message}`)).toEqual([
    'configmap/settings Current: there',
    expect.stringMatching(
      /^deployment.apps\/bad Failed: 0 of 2 replicas available; Pod bad-\S+: container bad cannot pull image "bad:1": .* not found$/,
    ),
    'deployment.apps/web Current: 2 of 2 replicas available',
  ]);
});

test('a release takes away what holds load balancers and volumes, whoever made it, and nothing else', async () => {
  const stage = setStage();
  const { client, simulation } = stage;
  const service = (name: string, type: string): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { type, selector: { app: name }, ports: [{ port: 80 }] },
  });
  client.create('services', service('public', 'LoadBalancer'));
  client.create('services', service('internal', 'ClusterIP'));
  client.create('storageclasses.storage.k8s.io', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'at-once' },
    provisioner: 'ebs.csi.aws.com',
    volumeBindingMode: 'Immediate',
  });
  client.create('persistentvolumeclaims', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'disk', namespace: 'default' },
    spec: { storageClassName: 'at-once', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  const mount = { name: 'disk', mountPath: '/data' };
  const volume = { name: 'disk', persistentVolumeClaim: { claimName: 'disk' } };
  const spec = { containers: [{ name: 'db', image: 'nginx', volumeMounts: [mount] }], volumes: [volume] };
  const template = { metadata: { labels: { app: 'db' } }, spec };
  client.create('deployments.apps', deployment('db', { replicas: 1, template }));
  simulation.advance('2m');
  expect(client.list('persistentvolumes')).toHaveLength(1);
  expect((await stage.release()).outcome).toBe('succeeded');
  expect(stage.said()).toEqual([
    'service/public deleted',
    'deployment.apps/db deleted',
    'persistentvolumeclaim/disk deleted',
    'succeeded',
  ]);
  expect(client.list('persistentvolumes')).toEqual([]);
  expect(client.tryGet('services', 'default', 'internal')).toBeDefined();
});

describe('destroy', () => {
  test('deletes in reverse order, waits until all is gone, and can be done twice', async () => {
    const stage = setStage();
    await stage.apply([namespace('shop'), configMap('settings', {}, 'shop'), deployment('web', {}, 'shop')]);
    stage.said();
    await stage.destroy();
    expect(stage.said()).toMatchInlineSnapshot(`
[
  "deployment.apps/web deleted",
  "configmap/settings deleted",
  "namespace/shop deleted",
  "succeeded",
]
`);
    expect(stage.client.tryGet('namespaces', undefined, 'shop')).toBeUndefined();
    expect(stage.client.tryGet('configmaps', 'default', 'shop')).toBeUndefined();
    expect((await stage.destroy()).outcome).toBe('succeeded');
    expect(stage.said()).toEqual(['succeeded']);
  });

  test('takes what others share with it only as far as it is its own', async () => {
    const stage = setStage();
    stage.client.create('configmaps', configMap('foreign'));
    await stage.apply([settings]);
    await stage.destroy();
    expect(stage.client.tryGet('configmaps', 'default', 'foreign')).toBeDefined();
  });
});
