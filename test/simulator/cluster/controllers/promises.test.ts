/** What workload controllers promise, whatever happens in whatever order: a few dozen seeds of a stormy rollout. */
import type { KubernetesObject } from '../../../../lib/kubernetes/object';
import { Cluster } from '../../../../lib/simulator/cluster/cluster';
import { Random } from '../../../../lib/simulator/random';
import { template } from '../../../helpers/story';

const labels = { app: 'web' };
const REPLICAS = 8;
/** 25 % of 8 may be missing, 25 % may be too many. */
const LEAST = 6;
const MOST = 10;

const isReady = (pod: KubernetesObject) =>
  !pod.metadata.deletionTimestamp &&
  pod.status?.conditions?.some(
    (each: { type: string; status: string }) => each.type === 'Ready' && each.status === 'True',
  );

function rollout(seed: number) {
  const cluster = new Cluster({ seed, nodes: 4 });
  const client = cluster.clientFor('kubernetes-admin', 'storm');
  const chance = new Random(seed).fork('storm');
  const get = () => client.get('deployments.apps', 'default', 'web');
  client.create('deployments.apps', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: REPLICAS, selector: { matchLabels: labels }, template: template(labels) },
  });
  cluster.simulation.until(() => get().status?.availableReplicas === REPLICAS);
  const before = cluster.store.revision;
  for (let step = 0; step < 4; step++) {
    const images = ['nginx:1', 'nginx:2', 'nginx:3'];
    const deployment = get();
    client.update('deployments.apps', {
      ...deployment,
      spec: { ...deployment.spec, template: template(labels, chance.pick(images)) },
    });
    cluster.simulation.advance(500 + chance.int(8_000));
  }
  cluster.simulation.settle();
  return { cluster, get, before };
}

/** The objects of a collection after each of its changes, from a revision on. */
function* timeline(cluster: Cluster, collection: string, after: number): Iterable<readonly KubernetesObject[]> {
  const objects = new Map<string, KubernetesObject>();
  for (const { revision, type, object } of cluster.store.eventsAfter(collection, 0)!) {
    if (type === 'DELETED') objects.delete(object.metadata.uid!);
    else objects.set(object.metadata.uid!, object);
    if (revision > after) yield [...objects.values()];
  }
}

describe.each(Array.from({ length: 20 }, (_, i) => i + 1))(
  'a Deployment that changes its mind again and again (seed %i)',
  (seed) => {
    const { cluster, get, before } = rollout(seed);

    test('never has fewer ready pods, nor asks for more in all, than its strategy allows', () => {
      for (const pods of timeline(cluster, 'pods', before)) {
        expect(pods.filter(isReady).length).toBeGreaterThanOrEqual(LEAST);
      }
      for (const replicaSets of timeline(cluster, 'replicasets.apps', before)) {
        const wanted = replicaSets.reduce((total, { spec }) => total + spec.replicas, 0);
        expect(wanted).toBeLessThanOrEqual(MOST);
      }
    });

    test('ends with the pods of its last template, and a status that says so', () => {
      const image = get().spec.template.spec.containers[0].image;
      const pods = [...cluster.store.list('pods', 'default')];
      expect(pods.map((pod) => pod.spec.containers[0].image)).toEqual(Array(REPLICAS).fill(image));
      expect(get().status).toMatchObject({
        replicas: REPLICAS,
        updatedReplicas: REPLICAS,
        availableReplicas: REPLICAS,
        observedGeneration: get().metadata.generation,
      });
    });
  },
);
