/**
 * A cluster that was built elsewhere: only objects come and go, and what else is there stays.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { makeProject, type Project } from '../helpers/drydock';
import { realClient } from '../helpers/real-clients';

jest.setTimeout(180_000);
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

let project: Project;
beforeAll(() => {
  project = makeProject();
});
afterAll(() => project.remove());

const state = (file: string) => join(project.folder, '.drydock', file);
const sdk = () => {
  const { endpoint, region, credentials } = JSON.parse(readFileSync(state('cloud.json'), 'utf8'));
  return { endpoint, region, credentials };
};

test('manifests come to it and go again, and the cluster stays as it was', async () => {
  // The platform team's work: a cluster with something of its own, of which this folder then knows nothing.
  mkdirSync(join(project.folder, 'platform'));
  writeFileSync(
    join(project.folder, 'platform', 'settings.yaml'),
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: kube-system}\n' +
      'data: {endpoint: "at ${stack-output:drydock-cluster.ClusterEndpoint}"}\n',
  );
  expect((await project.drydock('cloud', 'start')).code).toBe(0);
  expect((await project.drydock('up', '--manifests', 'platform')).code).toBe(0);
  // An output of a stack stands in the object as its value, and the same value is what `diff` compares.
  const kubectl = promisify(execFile)(realClient('kubectl'), [
    '--kubeconfig',
    state('kubeconfig'),
    ...'get configmap settings -n kube-system -o jsonpath={.data.endpoint}'.split(' '),
  ]);
  expect((await kubectl).stdout).toMatch(/^at https:\/\//);
  expect((await project.drydock('diff', '--manifests', 'platform')).code).toBe(0);
  rmSync(state('environment.json'));
  const { Stacks } = await new CloudFormationClient(sdk()).send(
    new DescribeStacksCommand({ StackName: 'drydock-cluster' }),
  );
  const role = Stacks![0]!.Outputs!.find(({ OutputKey }) => OutputKey!.includes('AdminRoleArn'))!.OutputValue!;

  const missing = await project.drydock('up', '--cluster', 'nowhere');
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain('there is no EKS cluster nowhere');

  const there = ['--cluster', 'drydock', '--role-arn', role];
  expect((await project.drydock('diff', ...there)).code).toBe(2);
  const up = await project.drydock('up', ...there);
  expect(up.stdout).toMatch(/✓ GET http:\S+ .* → 200 webserver-/);
  expect(up.stdout).not.toContain('stack/');
  expect(up.code).toBe(0);
  expect((await project.drydock('status')).stdout).toMatch(/deployment.apps\/webserver +Current/);

  const down = await project.drydock('down');
  expect(down.stdout).toMatch(/✓ load balancers +none left/);
  expect(down.code).toBe(0);
  const { cluster } = await new EKSClient(sdk()).send(new DescribeClusterCommand({ name: 'drydock' }));
  expect(cluster!.status).toBe('ACTIVE');
});
