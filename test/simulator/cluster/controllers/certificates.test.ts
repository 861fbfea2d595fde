/** From a certificate request to a certificate, and to its end. */
import { X509Certificate } from 'node:crypto';
import { Cluster } from '../../../../lib/simulator/cluster/cluster';
import { makeRequest, requestObject } from '../../../helpers/certificate-request';

const REQUESTS = 'certificatesigningrequests.certificates.k8s.io';
const CLIENT = { signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] };
const KUBELET = {
  signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
  usages: ['digital signature', 'client auth'],
};

function start() {
  const cluster = new Cluster();
  const client = cluster.clientFor('ann');
  const settle = () => cluster.simulation.settle();
  const approve = (name: string) => {
    const request = client.get(REQUESTS, undefined, name);
    const conditions = [{ type: 'Approved', status: 'True', reason: 'Test', message: 'fine' }];
    client.update(REQUESTS, { ...request, status: { conditions } }, { subresource: 'approval' });
    settle();
    return client.get(REQUESTS, undefined, name).status;
  };
  return { cluster, client, settle, approve };
}

const certificateOf = ({ certificate }: any) => new X509Certificate(Buffer.from(certificate, 'base64'));

test('an approved request gets a certificate, for as long as it asked', async () => {
  const { client, settle, approve, cluster } = start();
  const { request } = await makeRequest('CN=ann, O=devs');
  client.create(REQUESTS, requestObject('ann', request, { ...CLIENT, expirationSeconds: 3600 }));
  settle();
  expect(client.get(REQUESTS, undefined, 'ann').status).toEqual({});
  const certificate = certificateOf(approve('ann'));
  expect(certificate.subject).toBe('O=devs\nCN=ann'.split('\n').reverse().join('\n'));
  expect(certificate.issuer).toBe('CN=kubernetes');
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(
    Date.parse(certificate.validTo) - Math.floor(cluster.simulation.clock.now() / 1000) * 1000,
  ).toBeLessThanOrEqual(3600_000);
  expect(cluster.signingAuthority.tryIdentify(certificate.raw)).toEqual({
    commonName: 'ann',
    organizations: ['devs'],
  });
  cluster.simulation.advance(3601_000);
  expect(cluster.signingAuthority.tryIdentify(certificate.raw)).toBeUndefined();
});

test('a signer says what it does not sign', async () => {
  const { client, approve } = start();
  const { request } = await makeRequest('CN=ann');
  client.create(REQUESTS, requestObject('server', request, { ...CLIENT, usages: ['server auth'] }));
  expect(approve('server')).toMatchObject({
    conditions: [
      { type: 'Approved' },
      {
        type: 'Failed',
        reason: 'SignerValidationFailure',
        message: 'invalid usage for client certificate: server auth',
      },
    ],
  });
  const serving = { signerName: 'kubernetes.io/kubelet-serving', usages: ['digital signature', 'server auth'] };
  const node = await makeRequest('CN=system:node:n1, O=system:nodes');
  client.create(REQUESTS, requestObject('nameless', node.request, serving));
  expect(approve('nameless').conditions[1].message).toBe('DNS or IP subjectAltName is required');
  const named = await makeRequest('CN=system:node:n1, O=system:nodes', ['n1.internal']);
  client.create(REQUESTS, requestObject('named', named.request, serving));
  expect(certificateOf(approve('named')).subjectAltName).toBe('DNS:n1.internal');
});

test('kubelets are approved when they may be; everybody else waits', async () => {
  const { cluster, client, settle } = start();
  const { request } = await makeRequest('CN=system:node:n1, O=system:nodes');
  // The clients of a simulation may do everything, so this one may ask for any node.
  client.create(REQUESTS, requestObject('n1', request, KUBELET));
  settle();
  const { status } = client.get(REQUESTS, undefined, 'n1');
  expect(status.conditions).toMatchObject([
    {
      type: 'Approved',
      reason: 'AutoApproved',
      message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
    },
  ]);
  expect(cluster.signingAuthority.tryIdentify(certificateOf(status).raw)).toEqual({
    commonName: 'system:node:n1',
    organizations: ['system:nodes'],
  });
});

test('requests are parsed: no key proof, no masters, no nonsense', async () => {
  const { client } = start();
  const create = (request: string) => client.create(REQUESTS, requestObject('x', request, CLIENT));
  const { request } = await makeRequest('CN=root, O=system:masters');
  expect(() => create(request)).toThrow(
    'certificatesigningrequests.certificates.k8s.io "x" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
  );
  const text = Buffer.from((await makeRequest('CN=ann')).request, 'base64').toString();
  const [begin, ...body] = text.trim().split('\n');
  const der = Buffer.from(body.slice(0, -1).join(''), 'base64');
  // The common name: `ann` becomes `anm`.
  der[der.indexOf('ann') + 2]! -= 1;
  const forged = `${begin}\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  expect(() => create(Buffer.from(forged).toString('base64'))).toThrow('x509: ECDSA verification failure');
  const cut = `${begin}\n${der.subarray(0, 40).toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  expect(() => create(Buffer.from(cut).toString('base64'))).toThrow('asn1: syntax error: data truncated');
  expect(() => create(btoa('hello'))).toThrow('PEM block type must be CERTIFICATE REQUEST');
});

test('decided requests go after an hour, forgotten ones after a day', async () => {
  const { cluster, client, approve } = start();
  const { request } = await makeRequest('CN=ann');
  for (const name of ['done', 'waiting']) client.create(REQUESTS, requestObject(name, request, CLIENT));
  approve('done');
  const names = () => client.list(REQUESTS).map(({ metadata }) => metadata.name);
  cluster.simulation.advance(3599_000);
  expect(names()).toEqual(['done', 'waiting']);
  cluster.simulation.advance(10_000);
  expect(names()).toEqual(['waiting']);
  cluster.simulation.advance(24 * 3600_000);
  expect(names()).toEqual([]);
});
