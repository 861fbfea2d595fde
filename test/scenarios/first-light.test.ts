/**
 * The main job, as a person does it: up, look around with the real kubectl, helm and SDKs, down, and nothing is left.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeClusterCommand, EKSClient, ListNodegroupsCommand } from '@aws-sdk/client-eks';
import {
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type CommandResult, makeProject, type Project } from '../helpers/drydock';
import { helmFor, kubectlFor, type Tool } from '../helpers/kubectl';

jest.setTimeout(180_000);
// Node 20 is supported by drydock; the SDK's notice of the year 2027 is not ours to print.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

let project: Project;
let up: CommandResult;
let kubectl: Tool;
let helm: Tool;

beforeAll(async () => {
  project = makeProject();
  up = await project.drydock('up', '--output', 'json');
  const kubeconfig = JSON.parse(readFileSync(join(project.folder, '.drydock', 'kubeconfig'), 'utf8'));
  kubectl = kubectlFor({ kubeconfig });
  helm = helmFor({ kubeconfig });
});

afterAll(async () => {
  kubectl?.remove();
  helm?.remove();
  await project.remove();
});

const events = () =>
  up.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const sdk = () => {
  const { endpoint, region, credentials } = JSON.parse(
    readFileSync(join(project.folder, '.drydock', 'cloud.json'), 'utf8'),
  );
  return { endpoint, region, credentials };
};

describe('up', () => {
  test('deploys three stacks, applies the manifests and proves that different Pods answer', () => {
    expect(up.stderr).toBe('');
    expect(up.code).toBe(0);
    const created = events().filter((event) => event.type === 'stack-done');
    expect(created.map(({ stack, outcome }) => [stack, outcome])).toEqual([
      ['drydock-network', 'created'],
      ['drydock-cluster', 'created'],
      ['drydock-nodes', 'created'],
    ]);
    const answers = new Set(
      events()
        .filter((event) => event.type === 'proof')
        .map((event) => event.answer),
    );
    expect(answers.size).toBeGreaterThan(1);
    expect([...answers].every((answer) => answer.startsWith('webserver-'))).toBe(true);
    expect(events().at(-1)).toMatchObject({ type: 'result', ok: true });
  });

  test('takes virtual minutes: a cluster is not there in a moment', () => {
    const cluster = events().find((event) => event.type === 'stack-done' && event.stack === 'drydock-cluster');
    expect(cluster.cloudMs).toBeGreaterThan(8 * 60_000);
  });

  test('Services answer on loopback ports too, by different Pods', async () => {
    const { stdout } = await project.drydock('cloud', 'status');
    const url = /service +webserver-nodeport\.default\.svc\.drydock:80 +(\S+)/.exec(stdout)![1]!;
    const answers = await Promise.all(Array.from({ length: 12 }, async () => (await fetch(url)).text()));
    expect(new Set(answers).size).toBeGreaterThan(1);
  });

  test('changes nothing when it is run again', async () => {
    const again = await project.drydock('up', '--output', 'json');
    const done = again.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(done.filter((event) => event.type === 'stack-done').map((event) => event.outcome)).toEqual([
      'unchanged',
      'unchanged',
      'unchanged',
    ]);
    expect(done.filter((event) => event.type === 'object' && event.event.outcome === 'created')).toEqual([]);
    expect(again.code).toBe(0);
  });

  test('status says that everything is ready, diff that nothing differs', async () => {
    const status = await project.drydock('status');
    expect(status.stdout).toContain('deployment.apps/webserver');
    expect(status.code).toBe(0);
    const diff = await project.drydock('diff');
    expect(`${diff.code} ${diff.stdout}`).toMatch(/^0 18 unchanged/);
  });
});

describe('kubectl', () => {
  test('knows the server and sees three nodes in three zones', async () => {
    expect(await kubectl.output('version')).toContain('Server Version: v1.35');
    const zones = await kubectl.output('get', 'nodes', '-L', 'topology.kubernetes.io/zone', '--no-headers');
    expect(zones.match(/eu-west-1[abc]/g)?.sort()).toEqual(['eu-west-1a', 'eu-west-1b', 'eu-west-1c']);
  });

  test('rolls out a new image, undoes it, and never has fewer Pods available than allowed', async () => {
    const in_ = ['-n', 'tour'];
    await kubectl.output('set', 'image', 'deployment/my-deployment', 'nginx=nginx:1.11', ...in_);
    expect(await kubectl.output('rollout', 'status', 'deployment/my-deployment', ...in_)).toContain(
      'successfully rolled out',
    );
    const images = [
      'get',
      'pods',
      '-l',
      'app=my-deployment',
      '-o',
      'jsonpath={.items[*].spec.containers[0].image}',
      ...in_,
    ];
    const before = await kubectl.output('get', 'rs', ...in_, '--no-headers');
    expect(before).toMatch(/my-deployment-\S+\s+0\s+0\s+0/);
    await kubectl.output('rollout', 'undo', 'deployment/my-deployment', ...in_);
    await kubectl.output('rollout', 'status', 'deployment/my-deployment', ...in_);
    expect(await kubectl.output(...images)).not.toContain('1.11');
    expect(await kubectl.output('describe', 'deployment', 'my-deployment', ...in_)).toContain('ScalingReplicaSet');
  });

  test('scales, waits, reads logs and deletes', async () => {
    await kubectl.output('scale', 'deployment/webserver', '--replicas=4');
    await kubectl.output('wait', '--for=jsonpath={.status.readyReplicas}=4', 'deployment/webserver', '--timeout=60s');
    expect(await kubectl.output('get', 'pods', '-o', 'wide', '--no-headers')).toMatch(/Running/);
    expect((await kubectl('logs', 'my-nginx-pod', '-n', 'tour')).code).toBe(0);
    await kubectl.output('scale', 'deployment/webserver', '--replicas=3');
    expect(await kubectl.output('delete', 'pod', 'my-nginx-pod', '-n', 'tour')).toContain('deleted');
  });

  test('applies plain YAML, and hears the server refuse a Pod of apps/v1', async () => {
    const file = join(project.folder, 'wrong.yaml');
    writeFileSync(
      file,
      'apiVersion: apps/v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: c, image: nginx}]}\n',
    );
    const refused = await kubectl('apply', '-f', file);
    expect(refused.stderr).toContain('no matches for kind "Pod" in version "apps/v1"');
    expect(refused.code).toBe(1);
  });
});

test('helm installs, lists and uninstalls a chart', async () => {
  const chart = join(project.folder, 'chart');
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: hello\nversion: 0.1.0\n');
  writeFileSync(
    join(chart, 'templates', 'all.yaml'),
    [
      'apiVersion: apps/v1',
      'kind: Deployment',
      'metadata: {name: {{ .Release.Name }}}',
      'spec:',
      '  replicas: 2',
      '  selector: {matchLabels: {app: {{ .Release.Name }}}}',
      '  template:',
      '    metadata: {labels: {app: {{ .Release.Name }}}}',
      '    spec: {containers: [{name: web, image: nginx}]}',
      '',
    ].join('\n'),
  );
  await helm.output('install', 'hello', chart, '--wait', '--timeout', '60s');
  expect(await helm.output('list')).toMatch(/hello\s+default\s+1\s+.*deployed/);
  await helm.output('uninstall', 'hello', '--wait');
  expect(await helm.output('list', '-q')).toBe('');
});

test('the AWS SDK describes what the environment made', async () => {
  const eks = new EKSClient(sdk());
  const { cluster } = await eks.send(new DescribeClusterCommand({ name: 'drydock' }));
  expect(cluster).toMatchObject({ status: 'ACTIVE', version: '1.35' });
  const { nodegroups } = await eks.send(new ListNodegroupsCommand({ clusterName: 'drydock' }));
  expect(nodegroups).toHaveLength(1);
  const elb = new ElasticLoadBalancingV2Client(sdk());
  const { LoadBalancers = [] } = await elb.send(new DescribeLoadBalancersCommand({}));
  expect(LoadBalancers.map((balancer) => balancer.Type).sort()).toEqual(['application', 'network']);
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({}));
  const { TargetHealthDescriptions = [] } = await elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: TargetGroups[0]!.TargetGroupArn }),
  );
  expect(TargetHealthDescriptions.map((target) => target.TargetHealth?.State)).toContain('healthy');
});

describe('down', () => {
  test('removes everything and lists what it checked; a second time it has nothing to do', async () => {
    const down = await project.drydock('down', '--output', 'json');
    const checks = down.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter((event) => event.type === 'check');
    expect(checks.map((check) => check.what)).toEqual(
      expect.arrayContaining([
        'stacks',
        'EKS clusters',
        'load balancers',
        'network interfaces',
        'security groups',
        'volumes',
      ]),
    );
    expect(checks.flatMap((check) => check.left)).toEqual([]);
    expect(down.code).toBe(0);
    const again = await project.drydock('down');
    expect(again.stdout).toContain('nothing of the environment exists');
    expect(again.code).toBe(0);
  });
});
