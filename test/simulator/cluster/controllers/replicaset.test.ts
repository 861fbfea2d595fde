import { replicaSetController } from '../../../../lib/simulator/cluster/controllers/replicaset';
import { replicationControllerController } from '../../../../lib/simulator/cluster/controllers/replicationcontroller';
import { startStory, template, updateSpec } from '../../../helpers/story';

const labels = { app: 'web' };
const replicaSet = (replicas: number, spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'web', namespace: 'default' },
  spec: { replicas, selector: { matchLabels: labels }, template: template(labels), ...spec },
});
const start = (options = {}) => startStory({ controllers: [replicaSetController], ...options });

describe('ReplicaSet', () => {
  test('three pods come to be and the status says so', () => {
    const { client, pods, eventsOf, settle } = start();
    client.create('replicasets.apps', replicaSet(3));
    settle();
    expect(pods().map((pod) => pod.metadata.name)).toEqual(Array(3).fill(expect.stringMatching(/^web-[a-z0-9]{5}$/)));
    expect(pods()[0]!.metadata.ownerReferences).toEqual([
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: 'web',
        uid: client.get('replicasets.apps', 'default', 'web').metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
    expect(client.get('replicasets.apps', 'default', 'web').status).toEqual({
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      terminatingReplicas: 0,
      observedGeneration: 1,
    });
    expect(eventsOf('ReplicaSet', 'web').sort()).toEqual(
      pods()
        .map((pod) => `Normal SuccessfulCreate Created pod: ${pod.metadata.name}`)
        .sort(),
    );
  });

  test('a deleted pod is replaced, a surplus one with the same labels is adopted and one goes', () => {
    const { client, pods, settle } = start();
    client.create('replicasets.apps', replicaSet(3));
    settle();
    const first = pods()[0]!.metadata.name!;
    client.delete('pods', 'default', first);
    settle();
    expect(pods()).toHaveLength(3);
    expect(pods().map((pod) => pod.metadata.name)).not.toContain(first);

    client.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'stray', namespace: 'default', labels },
      spec: template(labels).spec,
    });
    settle();
    expect(pods()).toHaveLength(3);
    // The newcomer was not on a node yet: it is missed least.
    expect(pods().map((pod) => pod.metadata.name)).not.toContain('stray');
  });

  test('a pod whose labels stop matching is released and replaced', () => {
    const { client, pods, settle } = start();
    client.create('replicasets.apps', replicaSet(2));
    settle();
    const pod = pods()[0]!;
    client.update('pods', { ...pod, metadata: { ...pod.metadata, labels: { app: 'quarantine' } } });
    settle();
    expect(client.get('pods', 'default', pod.metadata.name!).metadata.ownerReferences).toBeUndefined();
    expect(pods('app=web')).toHaveLength(2);
  });

  test('a pod counts as available only after minReadySeconds', () => {
    const { client, cluster } = start();
    client.create('replicasets.apps', replicaSet(1, { minReadySeconds: 30 }));
    cluster.simulation.advance('10s');
    const status = () => client.get('replicasets.apps', 'default', 'web').status;
    expect([status().readyReplicas, status().availableReplicas]).toEqual([1, undefined]);
    cluster.simulation.advance('21s');
    expect(status().availableReplicas).toBe(1);
  });

  test('unready pods go before ready ones when it shrinks', () => {
    const { client, pods, settle } = start({
      broken: (pod: { metadata: { labels?: Record<string, string> } }) => pod.metadata.labels?.broken === 'yes',
    });
    client.create('replicasets.apps', replicaSet(4));
    settle();
    const victim = pods()[2]!;
    client.updateStatus('pods', {
      ...victim,
      status: { ...victim.status, conditions: [{ type: 'Ready', status: 'False' }] },
    });
    updateSpec(client, 'replicasets.apps', 'web', { replicas: 3 });
    settle();
    expect(pods().map((pod) => pod.metadata.name)).not.toContain(victim.metadata.name);
    expect(pods()).toHaveLength(3);
  });

  test('a lower pod-deletion-cost makes a pod go first', () => {
    const { client, pods, settle } = start();
    client.create('replicasets.apps', replicaSet(4));
    settle();
    const cheap = pods()[3]!;
    const annotations = { 'controller.kubernetes.io/pod-deletion-cost': '-10' };
    client.update('pods', { ...cheap, metadata: { ...cheap.metadata, annotations } });
    updateSpec(client, 'replicasets.apps', 'web', { replicas: 3 });
    settle();
    expect(pods().map((pod) => pod.metadata.name)).not.toContain(cheap.metadata.name);
  });

  test('many pods make few events: similar ones are combined', () => {
    const { client, cluster, pods, settle } = start();
    client.create('replicasets.apps', replicaSet(40));
    settle();
    expect(pods()).toHaveLength(40);
    const events = [...cluster.store.list('events')];
    expect(events).toHaveLength(10);
    expect(events[9]!.message).toMatch(/^\(combined from similar events\): Created pod: web-/);
    expect(events[9]!.count).toBe(16);
  });
});

describe('ReplicationController', () => {
  test('keeps its replicas with a plain map as selector', () => {
    const { client, pods, eventsOf, settle } = start({ controllers: [replicationControllerController] });
    client.create('replicationcontrollers', {
      apiVersion: 'v1',
      kind: 'ReplicationController',
      metadata: { name: 'web', namespace: 'default' },
      spec: { replicas: 2, selector: labels, template: template(labels) },
    });
    settle();
    expect(pods()).toHaveLength(2);
    expect(pods()[0]!.metadata.ownerReferences![0]!.kind).toBe('ReplicationController');
    expect(client.get('replicationcontrollers', 'default', 'web').status).toEqual({
      replicas: 2,
      fullyLabeledReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      observedGeneration: 1,
    });
    expect(eventsOf('ReplicationController', 'web')).toHaveLength(2);
  });
});
