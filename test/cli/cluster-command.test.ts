/** `drydock cluster` as its user sees it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClusterCommandOptions, runCluster } from '../../lib/cli/cluster-command';

const folder = mkdtempSync(join(tmpdir(), 'drydock-cluster-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const options: ClusterCommandOptions = {
  port: 0,
  http: true,
  nodes: 0,
  speed: 1,
  controllers: false,
  serviceCidr: '10.100.0.0/16',
  seed: 1,
};

test('writes a kubeconfig that opens the door', async () => {
  const kubeconfig = join(folder, 'kubeconfig');
  const cluster = await runCluster({ ...options, kubeconfig });
  try {
    const config = JSON.parse(readFileSync(kubeconfig, 'utf8'));
    expect(config.clusters[0].cluster.server).toBe(cluster.url);
    const headers = { authorization: `Bearer ${config.users[0].user.token}` };
    const namespaces: any = await (await fetch(`${cluster.url}/api/v1/namespaces`, { headers })).json();
    expect(namespaces.items.map((each: any) => each.metadata.name)).toContain('kube-system');
  } finally {
    await cluster.close();
  }
});

test('knows the users of a token file, and nobody else', async () => {
  const tokenFile = join(folder, 'tokens.csv');
  writeFileSync(tokenFile, 'secret,ada,ada-uid,"system:masters,team"\nweak,bob,bob-uid\n');
  const cluster = await runCluster({ ...options, tokenFile });
  const ask = async (authorization?: string) => {
    const response = await fetch(`${cluster.url}/api/v1/nodes`, authorization ? { headers: { authorization } } : {});
    return { status: response.status, message: ((await response.json()) as any).message };
  };
  try {
    expect((await ask('Bearer secret')).status).toBe(200);
    expect(await ask('Bearer weak')).toEqual({
      status: 403,
      message: 'nodes is forbidden: User "bob" cannot list resource "nodes" in API group "" at the cluster scope',
    });
    expect(await ask('Bearer wrong')).toEqual({ status: 401, message: 'Unauthorized' });
    expect((await ask()).message).toContain('User "system:anonymous" cannot list resource "nodes"');
  } finally {
    await cluster.close();
  }
});

test('says which line of a token file is wrong', async () => {
  const tokenFile = join(folder, 'bad.csv');
  writeFileSync(tokenFile, 'secret,ada,1\nonly-a-token\n');
  await expect(runCluster({ ...options, tokenFile })).rejects.toMatchObject({
    code: 'BadTokenFile',
    message: expect.stringContaining('bad.csv, line 2'),
    hint: expect.stringContaining('token,user,uid'),
  });
});

test('says that a port is in use', async () => {
  const taken = await new Promise<Server>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
  });
  try {
    const { port } = taken.address() as { port: number };
    await expect(runCluster({ ...options, port })).rejects.toMatchObject({
      code: 'PortInUse',
      message: `port ${port} is already in use`,
    });
  } finally {
    taken.close();
  }
});
