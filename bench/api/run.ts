/**
 * The API server on its own, through both of its doors: creates, gets, a list of 10,000 Pods, many watches, memory.
 *
 *   npm run bench -- api [--json] [--pods 10000] [--watches 1000]
 *
 * Beside each figure stands a floor, measured in the same run: JSON text there and back for the in-process door, a bare HTTPS
 * server that parses and answers the same body for the other one.
 */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../lib/clock';
import type { KubernetesObject } from '../../lib/kubernetes/object';
import { Cluster } from '../../lib/simulator/cluster/cluster';
import { createCertificateAuthority } from '../../lib/simulator/cluster/http/certificates';
import { startCluster } from '../../lib/simulator/cluster/serve-cluster';
import { heapMb, measure, measureAsync, numbers, print, type Row, rounded } from '../measure';
import { HttpsLoad } from './https-load';

const { pods, watches } = numbers({ pods: 10_000, watches: 1_000 });
const HTTPS_REQUESTS = 5_000;
const UPDATES = 50;

const template = {
  containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu: '100m', memory: '64Mi' } } }],
};
const labels = { app: 'web', 'pod-template-hash': 'abc' };
const uid = '6b8f1f5c-0000-4000-8000-000000000000';
const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid, controller: true }];

const podOf = (name: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels, ownerReferences },
  spec: template,
});

const perSecond = (count: number, seconds: number) => Math.round(count / seconds);

function inProcess(): Row[] {
  const cluster = new Cluster({ controllers: false });
  const client = cluster.clientFor('bench');
  for (let i = 0; i < 2_000; i++) client.create('pods', podOf(`warm-${i}`));
  const before = heapMb();
  const creates = measure(() => {
    for (let i = 0; i < pods; i++) client.create('pods', podOf(`p-${i}`));
  });
  const kilobytes = ((heapMb() - before) * 1000) / pods;
  const gets = measure(() => {
    for (let i = 0; i < pods; i++) client.get('pods', 'default', `p-${i}`);
  });
  const lists = measure(() => client.list('pods', { labelSelector: 'app=web' }));
  const sample = client.get('pods', 'default', 'p-0');
  const json = measure(() => {
    for (let i = 0; i < pods; i++) JSON.parse(JSON.stringify(sample));
  });
  return [
    { what: 'creates/s', value: perSecond(pods, creates.cpu), 'x JSON': rounded(creates.cpu / json.cpu), goal: 20_000 },
    { what: 'gets/s', value: perSecond(pods, gets.cpu), 'x JSON': rounded(gets.cpu / json.cpu) },
    { what: `list of ${pods}, ms`, value: rounded(lists.cpu * 1000) },
    { what: 'heap per Pod of one template, KB', value: rounded(kilobytes), goal: 2 },
    { what: `${watches} watches x ${UPDATES} updates, s`, value: rounded(fanOut(cluster)) },
  ];
}

/** CPU seconds until every watcher has heard of every change. */
function fanOut(cluster: Cluster): number {
  const client = cluster.clientFor('bench');
  const resource = cluster.api.resources.findByName('pods');
  const all = Array.from({ length: watches }, () =>
    cluster.api.watch({ resource, namespace: '', resourceVersion: String(cluster.store.revision) }),
  );
  return measure(() => {
    for (let i = 0; i < UPDATES; i++) {
      const pod = client.get('pods', 'default', `p-${i}`);
      client.updateStatus('pods', { ...pod, status: { ...pod.status, message: `${i}` } });
      for (const watch of all) watch.poll();
    }
  }).cpu;
}

async function overHttps(): Promise<Row[]> {
  const cluster = await startCluster({
    port: 0,
    http: false,
    users: new Map(),
    nodes: 0,
    speed: 1,
    controllers: false,
    serviceCidr: '10.100.0.0/16',
    seed: 1,
    wallClock: () => systemClock.now(),
    later: (ms, callback) => {
      const timer = systemClock.after(ms, callback);
      return () => timer.cancel();
    },
  });
  const load = HttpsLoad.of(cluster.url, cluster.kubeconfig);
  const path = '/api/v1/namespaces/default/pods';
  await load.send(1_000, (i) => ({ method: 'POST', path, body: podOf(`warm-${i}`) }));
  const creates = await measureAsync(() =>
    load.send(HTTPS_REQUESTS, (i) => ({ method: 'POST', path, body: podOf(`p-${i}`) })),
  );
  const gets = await measureAsync(() => load.send(HTTPS_REQUESTS, (i) => ({ method: 'GET', path: `${path}/p-${i}` })));
  const client = cluster.cluster.clientFor('bench');
  for (let i = cluster.cluster.store.count('pods'); i < pods; i++) client.create('pods', podOf(`more-${i}`));
  await load.send(1, () => ({ method: 'GET', path }));
  const list = await measureAsync(() => load.send(1, () => ({ method: 'GET', path })));
  const floor = await bareServer();
  load.close();
  await cluster.close();
  return [
    {
      what: 'creates/s',
      value: perSecond(HTTPS_REQUESTS, creates.cpu),
      'x bare server': rounded(creates.cpu / floor),
      goal: 3_000,
      'real control plane': 952,
    },
    { what: 'gets/s', value: perSecond(HTTPS_REQUESTS, gets.cpu), 'x bare server': rounded(gets.cpu / floor) },
    { what: `list of ${pods}, ms`, value: Math.round(list.cpu * 1000), goal: 150 },
  ];
}

/** CPU seconds that a server needs which only parses the body and writes it back; the client's share included, as above. */
async function bareServer(): Promise<number> {
  const authority = await createCertificateAuthority(systemClock.now());
  const { certificate, key } = await authority.signServer(['127.0.0.1']);
  const server = createServer({ cert: certificate, key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.end(JSON.stringify(JSON.parse(Buffer.concat(chunks).toString()))));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const load = new HttpsLoad({ port: (server.address() as AddressInfo).port, ca: authority.certificate });
  const send = () => load.send(HTTPS_REQUESTS, (i) => ({ method: 'POST', path: '/', body: podOf(`p-${i}`) }));
  const { cpu } = await measureAsync(send);
  load.close();
  server.close();
  return cpu;
}

async function main(): Promise<void> {
  print('in process (CPU time)', inProcess());
  print('over HTTPS (CPU time of server and client together)', await overHttps());
}

main();
