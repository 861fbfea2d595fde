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
