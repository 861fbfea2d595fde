import type { KubernetesObject } from '../../../../lib/kubernetes/object';
import { endpointSliceController } from '../../../../lib/simulator/cluster/controllers/endpoint-slice';
import { endpointsController } from '../../../../lib/simulator/cluster/controllers/endpoints';
import { garbageCollector } from '../../../../lib/simulator/cluster/controllers/garbage-collector';
import { replicaSetController } from '../../../../lib/simulator/cluster/controllers/replicaset';
import { startStory, template, updateSpec } from '../../../helpers/story';

const labels = { app: 'web' };
const service = (spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', labels: { team: 'shop' } },
  spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }], ...spec },
});
const replicaSet = (replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'web', namespace: 'default' },
  spec: { replicas, selector: { matchLabels: labels }, template: template(labels) },
});

function start(options: object = {}) {
  const controllers = [endpointsController, endpointSliceController, replicaSetController, garbageCollector];
  const story = startStory({ controllers, ...options });
  const slices = () =>
    story.client
      .list('endpointslices.discovery.k8s.io', { namespace: 'default' })
      .filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === 'web');
  const endpoints = () => story.client.get('endpoints', 'default', 'web');
  return { ...story, slices, endpoints };
}

const addresses = (slices: readonly KubernetesObject[]) =>
  slices.flatMap((slice) => (slice.endpoints ?? []).map((endpoint: any) => endpoint.addresses[0]));

describe('the endpoints of a Service', () => {
  test('are the ready pods that its selector finds', () => {
    const { client, slices, endpoints, pods, settle } = start();
    client.create('services', service());
    client.create('replicasets.apps', replicaSet(2));
    settle();
    const ips = pods().map((pod) => pod.status.podIP);
    expect(slices()).toHaveLength(1);
    expect(slices()[0]).toMatchObject({
      metadata: {
        name: expect.stringMatching(/^web-[a-z0-9]{5}$/),
        labels: {
          team: 'shop',
          'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
          'kubernetes.io/service-name': 'web',
        },
        annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': '2026-01-01T00:00:01Z' },
        ownerReferences: [{ kind: 'Service', name: 'web', controller: true, blockOwnerDeletion: true }],
      },
      addressType: 'IPv4',
      ports: [{ name: '', protocol: 'TCP', port: 8080 }],
    });
    expect(slices()[0]!.endpoints[0]).toMatchObject({
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: expect.stringMatching(/^node-/),
      targetRef: { kind: 'Pod', namespace: 'default' },
    });
    expect(addresses(slices()).sort()).toEqual([...ips].sort());
    expect(
      endpoints()
        .subsets[0].addresses.map((address: { ip: string }) => address.ip)
        .sort(),
    ).toEqual([...ips].sort());
    expect(endpoints().subsets[0].ports).toEqual([{ port: 8080, protocol: 'TCP' }]);
    expect(endpoints().metadata.labels).toEqual({
      team: 'shop',
      'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
    });
  });

  test('a pod that is not ready is listed as such, one on its way out as terminating', () => {
    const { client, cluster, slices, endpoints, pods } = start({ stopMs: 20_000 });
    client.create('services', service());
    client.create('replicasets.apps', replicaSet(1));
    cluster.simulation.advance('500ms');
    expect(slices()[0]!.endpoints ?? []).toEqual([]);
    cluster.simulation.advance('1s');
    const [pod] = pods();
    client.updateStatus('pods', {
      ...pod!,
      status: { ...pod!.status, conditions: [{ type: 'Ready', status: 'False' }] },
    });
    cluster.simulation.advance('1s');
    expect(slices()[0]!.endpoints[0].conditions).toEqual({ ready: false, serving: false, terminating: false });
    expect(endpoints().subsets[0].addresses).toBeUndefined();
    expect(endpoints().subsets[0].notReadyAddresses).toHaveLength(1);
    client.delete('pods', 'default', pod!.metadata.name!);
    cluster.simulation.advance('1s');
    expect(slices()[0]!.endpoints[0].conditions).toMatchObject({ ready: false, terminating: true });
  });

  test('a Service that finds nothing has one empty slice, which gets its endpoints later under the same name', () => {
    const { client, slices, settle } = start();
    client.create('services', service());
    settle();
    expect(slices()).toHaveLength(1);
    const [empty] = slices();
    expect([empty!.endpoints ?? [], empty!.ports ?? []]).toEqual([[], []]);
    client.create('replicasets.apps', replicaSet(1));
    settle();
    expect(slices().map((slice) => slice.metadata.name)).toEqual([empty!.metadata.name]);
    expect(addresses(slices())).toHaveLength(1);
  });

  test('more than a hundred endpoints are spread over several slices; they go with the Service', () => {
    const { client, slices, settle } = start();
    client.create('services', service());
    client.create('replicasets.apps', replicaSet(120));
    settle();
    expect(
      slices()
        .map((slice) => slice.endpoints.length)
        .sort(),
    ).toEqual([100, 20]);
    updateSpec(client, 'replicasets.apps', 'web', { replicas: 60 });
    settle();
    expect(addresses(slices())).toHaveLength(60);
    client.delete('services', 'default', 'web');
    settle();
    expect(slices()).toEqual([]);
    expect(client.tryGet('endpoints', 'default', 'web')).toBeUndefined();
  });

  test('a named target port is looked up on each pod', () => {
    const { client, slices, settle } = start();
    client.create('services', service({ ports: [{ name: 'http', port: 80, targetPort: 'web' }] }));
    for (const containerPort of [8080, 9090]) {
      const { spec } = template(labels);
      const containers = [{ ...spec.containers[0]!, ports: [{ name: 'web', containerPort }] }];
      client.create('pods', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `p${containerPort}`, namespace: 'default', labels },
        spec: { ...spec, containers },
      });
    }
    settle();
    expect(
      slices()
        .map((slice) => slice.ports[0].port)
        .sort(),
    ).toEqual([8080, 9090]);
  });
});

test('an Endpoints object holds a thousand addresses and says when there are more', () => {
  const { client, endpoints, settle } = start();
  client.create('services', service());
  client.create('replicasets.apps', replicaSet(1_003));
  settle();
  const count = () => endpoints().subsets[0].addresses.length;
  expect(count()).toBe(1_000);
  expect(endpoints().metadata.annotations).toMatchObject({ 'endpoints.kubernetes.io/over-capacity': 'truncated' });
  updateSpec(client, 'replicasets.apps', 'web', { replicas: 900 });
  settle();
  expect(count()).toBe(900);
  expect(endpoints().metadata.annotations).not.toHaveProperty(['endpoints.kubernetes.io/over-capacity']);
});
