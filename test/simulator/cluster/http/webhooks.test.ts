/** Webhooks outside of the cluster, called by an API server behind HTTPS. */
import { request as httpsRequest } from 'node:https';
import type { RunningCluster } from '../../../../lib/simulator/cluster/serve-cluster';
import { serveCluster } from '../../../helpers/served-cluster';
import { jsonPatch, startWebhook, type WebhookServer } from '../../../helpers/webhook-server';

const GROUP = 'admissionregistration.k8s.io';
let cluster: RunningCluster;
let webhook: WebhookServer;
let decide: (request: any) => object | undefined = () => ({ allowed: true });

beforeAll(async () => {
  cluster = await serveCluster({ nodes: 0, controllers: false });
  webhook = await startWebhook((request) => decide(request));
});

afterAll(async () => {
  await webhook.close();
  await cluster.close();
});

beforeEach(async () => {
  decide = () => ({ allowed: true });
  for (const kind of ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']) {
    await call('DELETE', `/apis/${GROUP}/v1/${kind}`);
  }
});

interface Reply {
  readonly status: number;
  readonly body: any;
  readonly warnings: string | undefined;
}

function call(method: string, path: string, body?: object, contentType = 'application/json'): Promise<Reply> {
  const { users, clusters } = cluster.kubeconfig as any;
  const decode = (text: string) => Buffer.from(text, 'base64');
  const options = {
    method,
    ca: decode(clusters[0].cluster['certificate-authority-data']),
    cert: decode(users[0].user['client-certificate-data']),
    key: decode(users[0].user['client-key-data']),
    headers: { 'content-type': contentType },
  };
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(`${cluster.url}${path}`, options, (incoming) => {
      let text = '';
      incoming.on('data', (chunk) => {
        text += chunk;
      });
      incoming.on('end', () => {
        const { statusCode, headers } = incoming;
        resolve({ status: statusCode!, body: JSON.parse(text), warnings: headers.warning });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body && JSON.stringify(body));
  });
}

function register(kind: 'Mutating' | 'Validating', name: string, overrides: object = {}) {
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] };
  return call('POST', `/apis/${GROUP}/v1/${kind.toLowerCase()}webhookconfigurations`, {
    apiVersion: `${GROUP}/v1`,
    kind: `${kind}WebhookConfiguration`,
    metadata: { name },
    webhooks: [
      {
        name: `${name}.example.com`,
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        clientConfig: { url: `${webhook.url}/${name}`, caBundle: webhook.caBundle },
        rules: [rule],
        ...overrides,
      },
    ],
  });
}

const create = (name: string, extra: object = {}, query = '') =>
  call('POST', `/api/v1/namespaces/default/configmaps${query}`, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    ...extra,
  });

test('a mutating webhook changes what is stored, and sees who asks for what', async () => {
  await register('Mutating', 'labels');
  decide = () => ({
    ...jsonPatch({ op: 'add', path: '/metadata/labels', value: { team: 'a' } }),
    warnings: ['labelled'],
  });
  const { status, body, warnings } = await create('a', { data: { x: '1' } }, '?fieldManager=me');
  expect(status).toBe(201);
  expect(body.metadata.labels).toEqual({ team: 'a' });
  expect(warnings).toBe('299 - "labelled"');
  const { request } = webhook.reviews.at(-1);
  expect(request).toMatchObject({
    kind: { group: '', version: 'v1', kind: 'ConfigMap' },
    resource: { group: '', version: 'v1', resource: 'configmaps' },
    name: 'a',
    namespace: 'default',
    operation: 'CREATE',
    userInfo: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
    object: { kind: 'ConfigMap', data: { x: '1' }, metadata: { name: 'a', uid: body.metadata.uid } },
    oldObject: null,
    dryRun: false,
    options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'me' },
  });
  // What a webhook adds belongs to nobody.
  expect(JSON.stringify(body.metadata.managedFields)).not.toContain('team');
});

test('a validating webhook refuses in its own words', async () => {
  await register('Validating', 'no');
  decide = () => ({ allowed: false, status: { code: 422, reason: 'Invalid', message: 'too blue' } });
  expect(await create('b')).toMatchObject({
    status: 422,
    body: { reason: 'Invalid', message: 'admission webhook "no.example.com" denied the request: too blue' },
  });
  decide = () => ({ allowed: false });
  expect(await create('b')).toMatchObject({
    status: 400,
    body: { message: 'admission webhook "no.example.com" denied the request without explanation' },
  });
  expect((await call('GET', '/api/v1/namespaces/default/configmaps/b')).status).toBe(404);
});

test('later changes bring earlier webhooks back, when they want to come back', async () => {
  await register('Mutating', 'first', { reinvocationPolicy: 'IfNeeded' });
  await register('Mutating', 'second');
  const seen: string[] = [];
  decide = ({ object }) => {
    const keys = Object.keys(object.data ?? {});
    seen.push(keys.join('+'));
    // The first adds nothing until the second has added its key.
    if (seen.length === 1) return { allowed: true };
    if (!keys.includes('b')) return jsonPatch({ op: 'add', path: '/data', value: { b: '1' } });
    return jsonPatch({ op: 'add', path: '/data/a', value: '1' });
  };
  const { body } = await create('again');
  expect(seen).toEqual(['', '', 'b']);
  expect(body.data).toEqual({ a: '1', b: '1' });
});

test('nobody there: the failure policy decides', async () => {
  const nobody = { clientConfig: { url: 'https://127.0.0.1:1/x' } };
  await register('Validating', 'gone', nobody);
  const text =
    'failed calling webhook "gone.example.com": failed to call webhook: Post "https://127.0.0.1:1/x?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused';
  expect(await create('c')).toMatchObject({
    status: 500,
    body: { reason: 'InternalError', message: `Internal error occurred: ${text}` },
  });
  await call('DELETE', `/apis/${GROUP}/v1/validatingwebhookconfigurations/gone`);
  await register('Validating', 'gone', { ...nobody, failurePolicy: 'Ignore' });
  expect((await create('c')).status).toBe(201);
});

test('a certificate of a stranger, an answer too late, an answer to another question', async () => {
  await register('Validating', 'odd', { clientConfig: { url: webhook.url }, timeoutSeconds: 1 });
  const failure = async () => (await create('d')).body.message;
  const prefix = 'Internal error occurred: failed calling webhook "odd.example.com": ';
  const post = `${prefix}failed to call webhook: Post "${webhook.url}?timeout=1s": `;
  expect(await failure()).toBe(
    `${post}tls: failed to verify certificate: x509: certificate signed by unknown authority`,
  );
  await call('DELETE', `/apis/${GROUP}/v1/validatingwebhookconfigurations/odd`);
  await register('Validating', 'odd', { timeoutSeconds: 1 });
  decide = () => undefined;
  expect(await failure()).toBe(`${post.replace('?timeout', '/odd?timeout')}context deadline exceeded`);
  decide = () => ({ uid: 'x', allowed: true });
  expect(await failure()).toMatch(
    /received invalid webhook response: expected response\.uid="[0-9a-f-]{36}", got "x"$/,
  );
});

test('dry runs need webhooks without side effects; selectors and conditions narrow the circle', async () => {
  await register('Validating', 'narrow', {
    matchConditions: [{ name: 'blue', expression: "has(object.data) && object.data.color == 'blue'" }],
    objectSelector: { matchLabels: { asked: 'yes' } },
  });
  decide = () => ({ allowed: false });
  const labels = { asked: 'yes' };
  const blue = { data: { color: 'blue' } };
  expect((await create('e', { metadata: { name: 'e', labels } })).status).toBe(201);
  expect((await create('f', blue)).status).toBe(201);
  expect((await create('g', { ...blue, metadata: { name: 'g', labels } })).status).toBe(400);
  await register('Mutating', 'effects', {
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['secrets'] }],
    sideEffects: 'NoneOnDryRun',
  });
  decide = ({ dryRun }) => ({ allowed: dryRun });
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } };
  expect((await call('POST', '/api/v1/namespaces/default/secrets?dryRun=All', secret)).status).toBe(201);
  expect((await call('POST', '/api/v1/namespaces/default/secrets', secret)).status).toBe(400);
});

test('a rule for one version means the others, and sees the object in its own', async () => {
  await register('Validating', 'scaler', {
    rules: [
      {
        apiGroups: ['autoscaling'],
        apiVersions: ['v2'],
        operations: ['CREATE'],
        resources: ['horizontalpodautoscalers'],
      },
    ],
  });
  const { status } = await call('POST', '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers', {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'h' },
    spec: {
      maxReplicas: 3,
      targetCPUUtilizationPercentage: 50,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' },
    },
  });
  expect(status).toBe(201);
  const { request } = webhook.reviews.at(-1);
  expect(request).toMatchObject({ kind: { version: 'v2' }, requestKind: { version: 'v1' } });
  expect(request.object.apiVersion).toBe('autoscaling/v2');
  expect(request.object.spec.metrics[0].resource.target.averageUtilization).toBe(50);
});

test('deleting many asks about each, and none is lost when one may not go', async () => {
  await register('Validating', 'keep', {
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['DELETE'], resources: ['configmaps'] }],
  });
  for (const name of ['k1', 'k2', 'k3']) await create(name, { metadata: { name, labels: { many: 'yes' } } });
  decide = ({ oldObject }) => ({ allowed: oldObject.metadata.name !== 'k2' });
  const path = '/api/v1/namespaces/default/configmaps?labelSelector=many';
  expect((await call('DELETE', path)).status).toBe(400);
  const left = (await call('GET', path)).body.items.map(({ metadata }: any) => metadata.name);
  expect(left).toEqual(['k2', 'k3']);
});

describe('conversion by a webhook', () => {
  const path = (version: string, name = '') =>
    `/apis/example.com/${version}/namespaces/default/gears${name && `/${name}`}`;
  const versionOf = (name: string, storage: boolean) => ({
    name,
    storage,
    served: true,
    schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
  });

  /** v1 has `teeth: "12"`, v2 `wheel: {teeth: 12}`. */
  const convert = ({ desiredAPIVersion, objects }: any) => ({
    result: { status: 'Success' },
    convertedObjects: objects.map(({ teeth, wheel, ...rest }: any) => ({
      ...rest,
      apiVersion: desiredAPIVersion,
      ...(desiredAPIVersion.endsWith('v1')
        ? { teeth: String(wheel?.teeth ?? teeth) }
        : { wheel: { teeth: Number(teeth ?? wheel.teeth) } }),
    })),
  });

  beforeAll(async () => {
    const { status } = await call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'gears.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'gears', singular: 'gear', kind: 'Gear', listKind: 'GearList' },
        versions: [versionOf('v1', false), versionOf('v2', true)],
        conversion: {
          strategy: 'Webhook',
          webhook: {
            conversionReviewVersions: ['v1'],
            clientConfig: { url: `${webhook.url}/convert`, caBundle: webhook.caBundle },
          },
        },
      },
    });
    expect(status).toBe(201);
  });

  const gear = (name: string, extra: object, version = 'v1') => ({
    apiVersion: `example.com/${version}`,
    kind: 'Gear',
    metadata: { name },
    ...extra,
  });

  test('writes in one version, reads in the other', async () => {
    decide = convert;
    const created = await call('POST', path('v1'), gear('a', { teeth: '12' }));
    expect(created).toMatchObject({ status: 201, body: { apiVersion: 'example.com/v1', teeth: '12' } });
    expect((await call('GET', path('v2', 'a'))).body).toMatchObject({ wheel: { teeth: 12 } });
    const patched = await call('PATCH', path('v1', 'a'), { teeth: '24' }, 'application/merge-patch+json');
    expect(patched).toMatchObject({ status: 200, body: { teeth: '24' } });
    expect(patched.body.metadata.resourceVersion).not.toBe(created.body.metadata.resourceVersion);
    await call('POST', path('v2'), gear('b', { wheel: { teeth: 7 } }, 'v2'));
    const before = webhook.reviews.length;
    const { body } = await call('GET', path('v1'));
    expect(body.items.map(({ teeth }: any) => teeth)).toEqual(['24', '7']);
    // A list is one question.
    expect(webhook.reviews.length - before).toBe(1);
  });

  test('watches see the version they asked for, also later', async () => {
    decide = convert;
    await call('POST', path('v2'), gear('w', { wheel: { teeth: 1 } }, 'v2'));
    const events = watchTeeth(`${path('v1')}?watch=true&fieldSelector=metadata.name%3Dw`);
    expect(await events.next()).toEqual('ADDED 1');
    await call('PATCH', path('v2', 'w'), { wheel: { teeth: 2 } }, 'application/merge-patch+json');
    expect(await events.next()).toEqual('MODIFIED 2');
    events.close();
  });

  test('a webhook that fails fails the request, and nothing is written', async () => {
    decide = () => ({ result: { status: 'Failed', message: 'no idea' }, convertedObjects: [] });
    const { status, body } = await call('POST', path('v1'), gear('c', { teeth: '1' }));
    expect(status).toBe(500);
    expect(body.message).toBe('conversion webhook for example.com/v1, Kind=Gear failed: no idea');
    expect((await call('GET', path('v2', 'c'))).status).toBe(404);
    decide = (request) => {
      const answer = convert(request);
      answer.convertedObjects[0].metadata = { ...answer.convertedObjects[0].metadata, name: 'other' };
      return answer;
    };
    expect((await call('POST', path('v1'), gear('c', { teeth: '1' }))).body.message).toBe(
      'conversion webhook for example.com/v1, Kind=Gear failed: returned invalid object: metadata.name must not be changed',
    );
  });

  function watchTeeth(url: string) {
    const waiting: ((text: string) => void)[] = [];
    const seen: string[] = [];
    let rest = '';
    const { users, clusters } = cluster.kubeconfig as any;
    const decode = (text: string) => Buffer.from(text, 'base64');
    const outgoing = httpsRequest(
      `${cluster.url}${url}`,
      {
        ca: decode(clusters[0].cluster['certificate-authority-data']),
        cert: decode(users[0].user['client-certificate-data']),
        key: decode(users[0].user['client-key-data']),
      },
      (incoming) => {
        incoming.on('data', (chunk) => {
          rest += chunk;
          const lines = rest.split('\n');
          rest = lines.pop()!;
          for (const line of lines) {
            const { type, object } = JSON.parse(line);
            const text = `${type} ${object.teeth}`;
            const next = waiting.shift();
            if (next) next(text);
            else seen.push(text);
          }
        });
        incoming.on('error', () => {});
      },
    );
    outgoing.on('error', () => {});
    outgoing.end();
    return {
      next: () =>
        new Promise<string>((resolve) => {
          const known = seen.shift();
          if (known === undefined) waiting.push(resolve);
          else resolve(known);
        }),
      close: () => outgoing.destroy(),
    };
  }
});
