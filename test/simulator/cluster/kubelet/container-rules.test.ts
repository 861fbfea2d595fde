/** What a kubelet refuses, and what a container leaves behind when it ends. */
import { kubeletWorld } from './kubelet-world';

const start = (container: Record<string, unknown>, spec: Record<string, unknown> = {}) => {
  const world = kubeletWorld();
  world.run({ ...spec, containers: [{ name: 'main', image: 'busybox', ...container }] });
  world.advance('30s');
  return world;
};
const script = (text: string) => ({ command: ['sh', '-c', text] });

test.each([
  [{ image: 'nginx' }, { runAsNonRoot: true }, 'container has runAsNonRoot and image will run as root'],
  [{ image: 'shop/api' }, { runAsNonRoot: true, runAsUser: 0 }, "container's runAsUser breaks non-root policy"],
])('a container that must not run as root and would does not start', (container, securityContext, message) => {
  const world = start(container, { securityContext });
  const where = `(pod: "web_default(${world.pod().metadata.uid})", container: main)`;
  expect(world.status().state.waiting).toEqual({
    reason: 'CreateContainerConfigError',
    message: `${message} ${where}`,
  });
});

test.each([
  [{ image: 'nginx', securityContext: { runAsUser: 101 } }],
  [{ image: 'nginxinc/nginx-unprivileged' }],
  [{ image: 'shop/api' }],
])('one that runs as somebody else does: %j', (container) => {
  expect(start(container, { securityContext: { runAsNonRoot: true } }).pod().status.phase).toBe('Running');
});

test.each([
  ['Shop/Api:1', 'invalid reference format: repository name (Shop/Api) must be lowercase'],
  ['shop/api:', 'invalid reference format'],
])('the name %s is not one of an image', (image, why) => {
  const world = start({ image });
  const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${why}`;
  expect(world.status().state.waiting).toEqual({ reason: 'InvalidImageName', message });
  expect(world.events()).toContain(`InspectFailed: ${message}`);
});

test('what a container writes to its termination log is its last word', () => {
  const world = start(script('echo "no database" > /dev/termination-log; exit 3'), { restartPolicy: 'Never' });
  expect(world.status().state.terminated).toMatchObject({ exitCode: 3, message: 'no database\n' });
});

test('without one the end of its log can be', () => {
  const policy = { terminationMessagePolicy: 'FallbackToLogsOnError' };
  const failed = start({ ...script('echo one; echo two; exit 1'), ...policy }, { restartPolicy: 'Never' });
  expect(failed.status().state.terminated.message).toBe('one\ntwo\n');
  const fine = start({ ...script('echo one'), ...policy }, { restartPolicy: 'Never' });
  expect(fine.status().state.terminated.message).toBeUndefined();
});

test('a read-only root file system can be written to in its volumes only', () => {
  const world = start(
    {
      ...script('echo a > /data/f; echo b > /tmp/f'),
      securityContext: { readOnlyRootFilesystem: true },
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    },
    { restartPolicy: 'Never', volumes: [{ name: 'data', emptyDir: {} }] },
  );
  expect(world.logs()).toBe("sh: can't create /tmp/f: Read-only file system\n");
});

test('a mounted ConfigMap follows its changes within a minute, one that is mounted by a subPath never', () => {
  const world = kubeletWorld();
  const write = (text: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'app', namespace: 'default' },
    data: { file: text },
  });
  world.client.create('configmaps', write('old'));
  const volumeMounts = [
    { name: 'config', mountPath: '/config' },
    { name: 'config', mountPath: '/one', subPath: 'file' },
  ];
  world.run({
    containers: [{ name: 'main', image: 'nginx', volumeMounts }],
    volumes: [{ name: 'config', configMap: { name: 'app' } }],
  });
  world.advance('30s');
  const read = () => world.exec(['cat', '/config/file', '/one']).stdout;
  expect(read()).toBe('oldold');
  world.client.update('configmaps', write('new'));
  world.advance('5s');
  expect(read()).toBe('oldold');
  world.advance('1m');
  expect(read()).toBe('newold');
});

test('a resize waits for room on the node, and one that no node of this size could grant says so', () => {
  const world = kubeletWorld();
  const requests = (cpu: string) => ({ resources: { requests: { cpu } } });
  const container = { name: 'main', image: 'nginx' };
  world.run({ containers: [{ ...container, ...requests('1') }] });
  world.run({ containers: [{ ...container, ...requests('2') }] }, { name: 'other' });
  world.advance('30s');
  const resize = (cpu: string) => {
    const pod = world.pod();
    const containers = pod.spec.containers.map((each: object) => ({ ...each, ...requests(cpu) }));
    world.client.update('pods', { ...pod, spec: { ...pod.spec, containers } }, { subresource: 'resize' });
    world.advance('5s');
  };
  resize('3');
  expect(world.condition('PodResizePending')).toMatchObject({
    status: 'True',
    reason: 'Deferred',
    message: "Node didn't have enough resource: cpu, requested: 3000, used: 2000, capacity: 3920",
  });
  expect(world.status().allocatedResources).toEqual({ cpu: '1' });
  world.client.delete('pods', 'default', 'other');
  world.advance('1m');
  expect(world.condition('PodResizePending')).toBeUndefined();
  expect(world.status().allocatedResources).toEqual({ cpu: '3' });
  resize('8');
  expect(world.condition('PodResizePending')).toMatchObject({
    reason: 'Infeasible',
    message: "Node didn't have enough capacity: cpu, requested: 8000, capacity: 3920",
  });
});

test('a container runs as whom its security context says', () => {
  const world = start(
    { ...script('id; whoami; id -u'), securityContext: { runAsUser: 1000 } },
    { restartPolicy: 'Never', securityContext: { runAsUser: 5, runAsGroup: 3000, fsGroup: 2000 } },
  );
  expect(world.logs()).toBe('uid=1000 gid=3000 groups=3000,2000\nwhoami: unknown uid 1000\n1000\n');
});

test('pull secrets that are not there are told of, and the pull is tried all the same', () => {
  const world = start({ image: 'nginx' }, { imagePullSecrets: [{ name: 'regcred' }] });
  expect(world.events()).toContain(
    'FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed.',
  );
  expect(world.pod().status.phase).toBe('Running');
});
