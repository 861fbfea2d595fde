/** A person asks for a certificate with kubectl, another approves it, and it opens the door. */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeRequest, requestObject } from '../../../helpers/certificate-request';
import { kubectlFor } from '../../../helpers/kubectl';
import { serveCluster } from '../../../helpers/served-cluster';

jest.setTimeout(60_000);

test('kubectl certificate approve makes a user', async () => {
  const cluster = await serveCluster({ nodes: 0 });
  const admin = kubectlFor({ kubeconfig: cluster.kubeconfig });
  const { request, key } = await makeRequest('CN=ann, O=devs');
  const file = join(tmpdir(), `drydock-csr-${process.pid}.json`);
  const spec = { signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] };
  writeFileSync(file, JSON.stringify(requestObject('ann', request, spec)));
  await admin.output('create', '-f', file);
  expect(await admin.output('get', 'csr')).toMatch(/ann .* kubernetes-admin +<none> +Pending/);
  expect(await admin.output('certificate', 'approve', 'ann')).toContain('ann approved');
  await admin.output('wait', 'csr/ann', '--for=jsonpath={.status.certificate}', '--timeout=20s');
  expect(await admin.output('get', 'csr')).toContain('Approved,Issued');
  const certificate = await admin.output('get', 'csr', 'ann', '-o', 'jsonpath={.status.certificate}');
  const config = structuredClone(cluster.kubeconfig) as any;
  config.users[0].user = {
    'client-certificate-data': certificate,
    'client-key-data': Buffer.from(key).toString('base64'),
  };
  const ann = kubectlFor({ kubeconfig: config });
  expect(await ann.output('auth', 'whoami')).toMatch(
    /Username +ann\nGroups +\[devs system:authenticated\]\nExtra: authentication.kubernetes.io\/credential-id +\[X509SHA256=[0-9a-f]{64}\]/,
  );
  expect((await ann('get', 'pods')).stderr).toContain('User "ann" cannot list resource "pods"');
  admin.remove();
  ann.remove();
  await cluster.close();
});
