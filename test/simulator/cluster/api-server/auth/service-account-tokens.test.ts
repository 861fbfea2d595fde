/** Tokens that others can verify: a pod's token, checked with the published keys by nothing but node:crypto. */
import { createPublicKey, verify } from 'node:crypto';
import { Cluster } from '../../../../../lib/simulator/cluster/cluster';
import { Door } from '../../../../../lib/simulator/cluster/http/door';

function get(cluster: Cluster, path: string, token?: string): any {
  const door = new Door(cluster.api, { serverAddress: '127.0.0.1:6443' });
  const answer = door.answer({
    method: 'GET',
    path,
    query: new URLSearchParams(),
    headers: token ? { authorization: `Bearer ${token}` } : {},
    body: new Uint8Array(),
  });
  return 'status' in answer ? { code: answer.status, ...JSON.parse(answer.body) } : undefined;
}

function tokenOfPod(cluster: Cluster): string {
  const client = cluster.clientFor('kubernetes-admin');
  client.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'busybox', command: ['sleep', 'infinity'] }] },
  });
  cluster.simulation.settle();
  return readToken(cluster);
}

function readToken(cluster: Cluster): string {
  const command = ['cat', '/var/run/secrets/kubernetes.io/serviceaccount/token'];
  return cluster.kubelets!.access.exec('default', 'p', { command }).stdout;
}

const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());

test('the token in a pod verifies with the published key and names the pod', () => {
  const cluster = new Cluster({ nodes: 1 });
  const token = tokenOfPod(cluster);
  const [header, claims, signature] = token.split('.') as [string, string, string];
  const { keys } = get(cluster, '/openid/v1/jwks', token);
  const { kid, alg } = decode(header);
  expect(alg).toBe('RS256');
  const key = createPublicKey({ format: 'jwk', key: keys.find((each: any) => each.kid === kid) });
  const isGood = verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'));
  expect(isGood).toBe(true);
  expect(decode(claims)).toMatchObject({
    iss: 'https://kubernetes.default.svc',
    sub: 'system:serviceaccount:default:default',
    'kubernetes.io': { pod: { name: 'p' }, node: { name: 'node-1' } },
  });
  // What is mounted is good for longer than it says; using it late would be noted.
  const { exp, iat, 'kubernetes.io': bound } = decode(claims);
  expect([exp - iat, bound.warnafter - iat]).toEqual([365 * 24 * 3600, 3607]);
  expect(get(cluster, '/.well-known/openid-configuration', token).issuer).toBe('https://kubernetes.default.svc');
});

test('a forged token is nobody; a deleted pod takes its token along; the file is renewed in time', () => {
  const cluster = new Cluster({ nodes: 1 });
  const token = tokenOfPod(cluster);
  const path = '/api/v1/namespaces/default/pods';
  expect(get(cluster, path, token).message).toContain('User "system:serviceaccount:default:default" cannot list');
  const [header, claims] = token.split('.') as [string, string];
  const forged = { ...decode(claims), sub: 'system:serviceaccount:kube-system:root' };
  const text = Buffer.from(JSON.stringify(forged)).toString('base64url');
  expect(get(cluster, path, `${header}.${text}.${token.split('.')[2]}`).code).toBe(401);
  cluster.simulation.advance(3000_000);
  const next = readToken(cluster);
  expect(next).not.toBe(token);
  cluster.clientFor('kubernetes-admin').delete('pods', 'default', 'p', { gracePeriodSeconds: 0 });
  cluster.simulation.settle();
  expect(get(cluster, path, next).code).toBe(401);
});

test('the same seed signs the same tokens, another seed others', () => {
  const [a, b, c] = [1, 1, 2].map((seed) => tokenOfPod(new Cluster({ nodes: 1, seed })));
  expect(a).toBe(b);
  expect(c).not.toBe(a);
});

test('a Secret for an account gets a token that lasts as long as the Secret', () => {
  const cluster = new Cluster();
  const client = cluster.clientFor('kubernetes-admin');
  const secret = (name: string, account: string) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/service-account-token',
    metadata: { name, namespace: 'default', annotations: { 'kubernetes.io/service-account.name': account } },
  });
  client.create('secrets', secret('ci', 'default'));
  client.create('secrets', secret('orphan', 'nobody'));
  cluster.simulation.settle();
  expect(client.tryGet('secrets', 'default', 'orphan')).toBeUndefined();
  const { data, metadata } = client.get('secrets', 'default', 'ci');
  expect(Buffer.from(data.namespace, 'base64').toString()).toBe('default');
  const account = client.get('serviceaccounts', 'default', 'default');
  expect(metadata.annotations!['kubernetes.io/service-account.uid']).toBe(account.metadata.uid);
  const token = Buffer.from(data.token, 'base64').toString();
  const list = () => get(cluster, '/api/v1/namespaces/default/pods', token);
  cluster.simulation.advance(30 * 24 * 3600_000);
  expect(list().message).toContain('User "system:serviceaccount:default:default" cannot list');
  client.delete('secrets', 'default', 'ci');
  expect(list().code).toBe(401);
});
