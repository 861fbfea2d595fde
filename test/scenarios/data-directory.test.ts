/** A local cloud with a data directory survives being killed: what it acknowledged is there again, with the same names. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateVpcCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { makeProject, type Project } from '../helpers/drydock';

jest.setTimeout(60_000);
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

let project: Project;
beforeAll(() => {
  project = makeProject();
});
afterAll(() => project.remove());

const cloud = () => JSON.parse(readFileSync(join(project.folder, '.drydock', 'cloud.json'), 'utf8'));
const ec2 = () => {
  const { endpoint, region, credentials } = cloud();
  return new EC2Client({ endpoint, region, credentials });
};
const vpcIds = async () => (await ec2().send(new DescribeVpcsCommand({}))).Vpcs?.map((vpc) => vpc.VpcId);

async function killAndStartAgain(): Promise<void> {
  process.kill(cloud().pid, 'SIGKILL');
  const { code, stderr } = await project.drydock('cloud', 'start', '--data-dir', 'data');
  expect(`${code} ${stderr}`).toBe('0 ');
}

test('what was acknowledged before a kill is there after it', async () => {
  await project.drydock('cloud', 'start', '--data-dir', 'data', '--seed', '7');
  const { Vpc } = await ec2().send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }));
  const before = { ids: await vpcIds(), account: cloud().account };
  expect(before.ids).toContain(Vpc?.VpcId);
  await killAndStartAgain();
  expect({ ids: await vpcIds(), account: cloud().account }).toEqual(before);
});

test('a last line that the kill cut off was never acknowledged, and is left out', async () => {
  const before = await vpcIds();
  const file = join(project.folder, 'data', 'journal.jsonl');
  writeFileSync(file, `${readFileSync(file, 'utf8')}{"at":17674`);
  await killAndStartAgain();
  expect(await vpcIds()).toEqual(before);
});

test('a journal that cannot be read is refused and left as it is', async () => {
  await project.drydock('cloud', 'stop');
  const file = join(project.folder, 'data', 'journal.jsonl');
  const broken = `not a journal\n${readFileSync(file, 'utf8')}`;
  writeFileSync(file, broken);
  const { code, stderr } = await project.drydock('cloud', 'start', '--data-dir', 'data');
  expect(code).toBe(1);
  expect(stderr).toContain('is not the journal of a local cloud');
  expect(readFileSync(file, 'utf8')).toBe(broken);
});
