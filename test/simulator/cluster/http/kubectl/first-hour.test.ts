/** The real kubectl against a served cluster: what a person does in the first hour. */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningCluster } from '../../../../../lib/simulator/cluster/serve-cluster';
import { kubectlFor, type Tool } from '../../../../helpers/kubectl';
import { serveCluster } from '../../../../helpers/served-cluster';

jest.setTimeout(60_000);

let cluster: RunningCluster;
let kubectl: Tool;

beforeAll(async () => {
  cluster = await serveCluster();
  kubectl = kubectlFor({ kubeconfig: cluster.kubeconfig });
});

afterAll(async () => {
  await cluster.close();
  kubectl.remove();
});

const manifest = join(tmpdir(), `drydock-web-${process.pid}.yaml`);
writeFileSync(
  manifest,
  `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: nginx, image: 'nginx:1.27', ports: [{containerPort: 80}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`,
);

test('knows the server and everything it serves', async () => {
  expect(await kubectl.output('version')).toContain('Server Version: v1.35');
  const resources = await kubectl.output('api-resources');
  expect(resources).toMatch(/deployments +deploy +apps\/v1 +true +Deployment/);
  expect(await kubectl.output('get', 'nodes')).toMatch(/node-1 +Ready/);
});

test('explains a field from the OpenAPI document', async () => {
  expect(await kubectl.output('explain', 'deployment.spec.strategy.rollingUpdate')).toContain('maxSurge');
});

test('applies, waits, shows, changes and takes away a Deployment', async () => {
  expect(await kubectl.output('apply', '-f', manifest)).toBe('deployment.apps/web created\nservice/web created\n');
  await kubectl.output('rollout', 'status', 'deployment/web', '--timeout=30s');
  expect(await kubectl.output('apply', '-f', manifest)).toBe('deployment.apps/web unchanged\nservice/web unchanged\n');
  expect(await kubectl.output('get', 'deployment', 'web')).toMatch(/web +2\/2 +2 +2 /);
  expect(await kubectl.output('get', 'pods', '-o', 'wide')).toMatch(/1\/1 +Running .* node-[12] /);
  await kubectl.output('scale', 'deployment/web', '--replicas=3');
  await kubectl.output('wait', '--for=jsonpath={.status.readyReplicas}=3', 'deployment/web', '--timeout=30s');
  await kubectl.output('set', 'image', 'deployment/web', 'nginx=nginx:1.28');
  await kubectl.output('rollout', 'status', 'deployment/web', '--timeout=30s');
  await kubectl.output('rollout', 'undo', 'deployment/web');
  expect(await kubectl.output('get', 'deployment', 'web', '-o', 'jsonpath={..image}')).toBe('nginx:1.27');
  expect(await kubectl.output('describe', 'deployment', 'web')).toContain('ScalingReplicaSet');
  await kubectl.output('delete', '-f', manifest, '--timeout=30s');
  expect((await kubectl('get', 'deployment', 'web')).stderr).toContain('deployments.apps "web" not found');
});

test('sends protobuf where it is typed: create and auth', async () => {
  expect(await kubectl.output('create', 'configmap', 'settings', '--from-literal=a=b')).toContain('created');
  expect(await kubectl.output('get', 'configmap', 'settings', '-o', 'jsonpath={.data.a}')).toBe('b');
  expect(await kubectl.output('auth', 'can-i', 'delete', 'nodes')).toBe('yes\n');
  expect(await kubectl.output('auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}')).toBe('kubernetes-admin');
  expect(await kubectl.output('create', 'token', 'default')).toMatch(/^eyJ/);
});

test('watches: a Pod that comes later is seen', async () => {
  const watching = kubectl('get', 'pods', '-w', '--request-timeout=4s', '-o', 'name');
  await kubectl.output('run', 'late', '--image=nginx');
  expect((await watching).stdout).toContain('pod/late');
});

test('runs commands in a container and tells their exit code', async () => {
  await kubectl.output('run', 'box', '--image=busybox', '--', 'sleep', '3600');
  await kubectl.output('wait', '--for=condition=Ready', 'pod/box', '--timeout=30s');
  expect(await kubectl.output('exec', 'box', '--', 'echo', 'hello')).toBe('hello\n');
  const failed = await kubectl('exec', 'box', '--', 'sh', '-c', 'exit 3');
  expect(failed.code).toBe(3);
});

test('refuses what is wrong in the words of the server', async () => {
  const { code, stderr } = await kubectl('run', 'Bad_Name', '--image=nginx');
  expect(code).toBe(1);
  expect(stderr).toContain(
    '* metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of',
  );
});

test('shows what nodes and pods use', async () => {
  const deployment = join(tmpdir(), `drydock-top-${process.pid}.yaml`);
  const spec = {
    containers: [{ name: 'main', image: 'shop/api:1', resources: { requests: { cpu: '500m', memory: '200Mi' } } }],
  };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'busy', labels: { app: 'busy' } }, spec };
  writeFileSync(deployment, JSON.stringify(pod));
  await kubectl.output('apply', '-f', deployment);
  await kubectl.output('wait', '--for=condition=Ready', 'pod/busy', '--timeout=30s');
  expect(await kubectl.output('top', 'pod', '-l', 'app=busy', '--containers')).toMatch(/busy +main +50m +100Mi/);
  expect(await kubectl.output('top', 'node')).toMatch(/node-1 +\d+m +\d+% +\d+Mi +\d+%/);
  expect(await kubectl.output('get', 'nodes.metrics.k8s.io')).toMatch(/NAME +CPU +MEMORY +WINDOW/);
  await kubectl.output('delete', 'pod', 'busy');
});
