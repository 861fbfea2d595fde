import { targetNode } from '../../../../lib/simulator/cluster/controllers/daemon-nodes';
import { daemonSetController } from '../../../../lib/simulator/cluster/controllers/daemonset';
import { startStory, template, updateSpec } from '../../../helpers/story';

const labels = { app: 'agent' };
const SETS = 'daemonsets.apps';
const set = (spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent', namespace: 'default' },
  spec: { selector: { matchLabels: labels }, template: template(labels), ...spec },
});

function start(nodes = 3, options: object = {}) {
  const story = startStory({ controllers: [daemonSetController], ...options });
  const addNode = (name: string, node: { labels?: Record<string, string>; taints?: object[] } = {}) =>
    story.client.create('nodes', {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, ...(node.labels ? { labels: node.labels } : {}) },
      spec: { ...(node.taints ? { taints: node.taints } : {}) },
    });
  for (let i = 0; i < nodes; i++) addNode(`node-${i}`);
  const on = () =>
    story
      .pods()
      .map((pod) => targetNode(pod))
      .sort();
  const get = () => story.client.get(SETS, 'default', 'agent');
  return { ...story, addNode, on, get };
}

describe('DaemonSet', () => {
  test('runs one pod on every node, also on one that comes later', () => {
    const { client, addNode, on, get, pods, settle } = start(2);
    client.create(SETS, set());
    settle();
    expect(on()).toEqual(['node-0', 'node-1']);
    addNode('node-9');
    settle();
    expect(on()).toEqual(['node-0', 'node-1', 'node-9']);
    expect(get().status).toMatchObject({
      currentNumberScheduled: 3,
      desiredNumberScheduled: 3,
      numberReady: 3,
      numberAvailable: 3,
      updatedNumberScheduled: 3,
      numberMisscheduled: 0,
    });
    expect(pods()[0]!.metadata.labels).toMatchObject({
      'controller-revision-hash': expect.stringMatching(/^[a-z0-9]+$/),
      'pod-template-generation': '1',
    });
    expect(pods()[0]!.spec.tolerations.map((each: { key: string }) => each.key)).toEqual(
      expect.arrayContaining(['node.kubernetes.io/not-ready', 'node.kubernetes.io/unschedulable']),
    );
  });

  test('keeps to its node selector and away from taints it does not tolerate', () => {
    const { client, addNode, on, settle } = start(0);
    addNode('plain');
    addNode('gpu', { labels: { accelerator: 'gpu' } });
    addNode('reserved', {
      labels: { accelerator: 'gpu' },
      taints: [{ key: 'team', value: 'ml', effect: 'NoSchedule' }],
    });
    const pod = template(labels);
    client.create(SETS, set({ template: { ...pod, spec: { ...pod.spec, nodeSelector: { accelerator: 'gpu' } } } }));
    settle();
    expect(on()).toEqual(['gpu']);
  });

  test('an update replaces as many pods at a time as may be missing', () => {
    const { client, cluster, pods, get, settle } = start(4);
    client.create(SETS, set());
    settle();
    updateSpec(client, SETS, 'agent', { template: template(labels, 'nginx:2') });
    const ready: number[] = [];
    cluster.simulation.until(() => {
      ready.push(pods().filter((pod) => pod.status?.conditions?.some(isReady)).length);
      return get().status.updatedNumberScheduled === 4 && get().status.numberAvailable === 4;
    });
    expect(Math.min(...ready)).toBe(3);
    expect(new Set(pods().map((pod) => pod.spec.containers[0].image))).toEqual(new Set(['nginx:2']));
    expect(client.list('controllerrevisions.apps').map((each) => each.revision)).toEqual(
      expect.arrayContaining([1, 2]),
    );
  });

  test('with maxSurge the new pod comes before the old one goes', () => {
    const { client, cluster, pods, get, settle } = start(2);
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    client.create(SETS, set({ updateStrategy }));
    settle();
    updateSpec(client, SETS, 'agent', { template: template(labels, 'nginx:2') });
    const ready: number[] = [];
    cluster.simulation.until(() => {
      ready.push(pods().filter((pod) => pod.status?.conditions?.some(isReady)).length);
      return get().status.updatedNumberScheduled === 2 && pods().length === 2;
    });
    expect(Math.min(...ready)).toBe(2);
    settle();
    expect(pods().map((pod) => pod.spec.containers[0].image)).toEqual(['nginx:2', 'nginx:2']);
  });

  test('a pod that failed is replaced, and the event says so', () => {
    const { client, eventsOf, pods, settle } = start(1);
    client.create(SETS, set());
    settle();
    const [pod] = pods();
    client.updateStatus('pods', { ...pod!, status: { ...pod!.status, phase: 'Failed' } });
    settle();
    expect(pods()).toHaveLength(1);
    expect(pods()[0]!.metadata.name).not.toBe(pod!.metadata.name);
    expect(eventsOf('DaemonSet', 'agent')).toContain(
      `Warning FailedDaemonPod Found failed daemon pod default/${pod!.metadata.name} on node node-0, will try to kill it`,
    );
  });
});

const isReady = (each: { type: string; status: string }) => each.type === 'Ready' && each.status === 'True';
