/** Webhooks inside the cluster: behind Services, answered by Pods, also for requests of controllers. */
import { OutboundCalls } from '../../../../../lib/simulator/cluster/api-server/outbound/outbound-calls';
import { Cluster } from '../../../../../lib/simulator/cluster/cluster';
import { Door } from '../../../../../lib/simulator/cluster/http/door';
import { recordRequest, replayRequest } from '../../../../../lib/simulator/journal';
import { jsonPatch } from '../../../../helpers/webhook-server';

const GROUP = 'admissionregistration.k8s.io';

/** A Deployment and a Service that answer reviews, with an image of that name. */
function install(cluster: Cluster, image: string) {
  const client = cluster.clientFor('kubernetes-admin');
  const labels = { app: 'hook' };
  client.create('deployments.apps', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'hook', namespace: 'kube-system' },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'hook', image, ports: [{ containerPort: 9443 }] }] },
      },
    },
  });
  client.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'hook', namespace: 'kube-system' },
    spec: { selector: labels, ports: [{ port: 443, targetPort: 9443 }] },
  });
  cluster.simulation.settle();
  client.create(`mutatingwebhookconfigurations.${GROUP}`, {
    apiVersion: `${GROUP}/v1`,
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'hook' },
    webhooks: [
      {
        name: 'pods.example.com',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        clientConfig: { service: { namespace: 'kube-system', name: 'hook', path: '/mutate' } },
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      },
    ],
  });
  return client;
}

const job = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'j', namespace: 'default' },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox' }] } } },
};

test('pods that a controller makes pass the webhook, too', () => {
  const cluster = new Cluster({ nodes: 1 });
  cluster.kubelets!.images.define('hook', {
    http: ({ path, body }) => {
      const { kind, apiVersion, request } = JSON.parse(body!);
      const patch = jsonPatch({ op: 'add', path: '/metadata/annotations', value: { path } });
      const response = { uid: request.uid, ...patch };
      return { status: 200, body: JSON.stringify({ kind, apiVersion, response }) };
    },
  });
  const client = install(cluster, 'hook:1');
  client.create('jobs.batch', job);
  cluster.simulation.settle();
  const [pod] = client.list('pods', { namespace: 'default' });
  expect(pod!.metadata.annotations).toEqual({ path: '/mutate?timeout=10s' });
});

test('without endpoints the controller hears of it, and goes on when they are there', () => {
  const cluster = new Cluster({ nodes: 1 });
  const client = install(cluster, 'elsewhere/hook:1');
  client.patch('deployments.apps', 'kube-system', 'hook', 'merge', { spec: { replicas: 0 } });
  cluster.simulation.settle();
  client.create('jobs.batch', job);
  cluster.simulation.advance(1_000);
  const texts = [...cluster.store.list('events')].map(({ message }) => message);
  expect(texts).toContain(
    'Error creating: Internal error occurred: failed calling webhook "pods.example.com": failed to call webhook: Post "https://hook.kube-system.svc:443/mutate?timeout=10s": no endpoints available for service "hook"',
  );
  client.patch('deployments.apps', 'kube-system', 'hook', 'merge', { spec: { replicas: 1 } });
  cluster.simulation.settle();
  expect(client.list('pods', { namespace: 'default' })).toHaveLength(1);
});

test('a request that waited for a webhook outside is replayed without it, to the same object', () => {
  const start = () => {
    const { api } = new Cluster({ controllers: false, seed: 3 });
    api.clientFor('x').create(`mutatingwebhookconfigurations.${GROUP}`, {
      apiVersion: `${GROUP}/v1`,
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'outside' },
      webhooks: [
        {
          name: 'outside.example.com',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          clientConfig: { url: 'https://127.0.0.1:1' },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        },
      ],
    });
    const root = { name: 'root', groups: ['system:masters'] };
    return { api, door: new Door(api, { serverAddress: '', authenticators: [() => root] }) };
  };
  const journal: string[] = [];
  const first = start();
  const calls = new OutboundCalls();
  const body = { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'p-' }, spec: job.spec.template.spec };
  const request = {
    method: 'POST',
    path: '/api/v1/namespaces/default/pods',
    query: new URLSearchParams(),
    headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify(body)),
    calls,
  };
  const handle = () => {
    journal.push(JSON.stringify(recordRequest(request)));
    return first.door.answer(request);
  };
  const waiting: any = handle();
  expect(first.api.store.count('pods')).toBe(0);
  const { uid } = JSON.parse(waiting.pending.body).request;
  const response = { uid, ...jsonPatch({ op: 'add', path: '/metadata/labels', value: { asked: 'yes' } }) };
  const review = { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response };
  calls.answers.set(waiting.pending.question, { status: 200, body: JSON.stringify(review) });
  expect(handle()).toMatchObject({ status: 201 });

  const again = start();
  for (const line of journal) again.door.answer(replayRequest(JSON.parse(line)));
  const podsOf = ({ api }: typeof first) => [...api.store.list('pods')];
  expect(podsOf(first)[0]!.metadata.labels).toEqual({ asked: 'yes' });
  expect(podsOf(again)).toEqual(podsOf(first));
});
