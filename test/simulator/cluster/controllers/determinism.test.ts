/** The same seed gives the same history: every write of a whole cluster, byte for byte. */
import { Cluster } from '../../../../lib/simulator/cluster/cluster';
import { template } from '../../../helpers/story';

function history(seed: number): string {
  const cluster = new Cluster({ seed, nodes: 3 });
  const client = cluster.clientFor('kubernetes-admin', 'story');
  const collections = cluster.resources
    .groups()
    .flatMap(({ versions }) => versions.flatMap(({ resources }) => resources.map(({ collection }) => collection)));
  const labels = { app: 'web' };
  const create = (resource: string, apiVersion: string, kind: string, spec: object) =>
    client.create(resource, { apiVersion, kind, metadata: { name: 'web', namespace: 'default' }, spec });
  create('services', 'v1', 'Service', { selector: labels, ports: [{ port: 80 }] });
  const selector = { matchLabels: labels };
  create('deployments.apps', 'apps/v1', 'Deployment', { replicas: 6, selector, template: template(labels) });
  const job = template({});
  create('jobs.batch', 'batch/v1', 'Job', {
    completions: 3,
    parallelism: 2,
    template: {
      spec: {
        restartPolicy: 'Never',
        containers: [{ ...job.spec.containers[0], image: 'busybox', command: ['true'] }],
      },
    },
  });
  cluster.simulation.advance('1m');
  const deployment = client.get('deployments.apps', 'default', 'web');
  const next = { ...deployment.spec, template: template(labels, 'nginx:2') };
  client.update('deployments.apps', { ...deployment, spec: next });
  cluster.simulation.advance('5s');
  cluster.kubelets!.crash('node-1');
  cluster.simulation.advance('10m');
  client.delete('deployments.apps', 'default', 'web', { propagationPolicy: 'Foreground' });
  cluster.simulation.advance('5m');
  // Its pods were told to go, but only their kubelet could say that they went - or the pod collector, without the node.
  client.delete('nodes', undefined, 'node-1');
  cluster.simulation.advance('5m');
  return [...new Set(collections)]
    .flatMap((collection) => cluster.store.eventsAfter(collection, 0) ?? [])
    .sort((a, b) => a.revision - b.revision)
    .map(({ revision, type, object }) => JSON.stringify([revision, type, object]))
    .join('\n');
}

test('two runs of one seed write the same, two seeds do not', () => {
  const first = history(3);
  expect(first.split('\n').length).toBeGreaterThan(200);
  expect(history(3)).toBe(first);
  expect(history(4)).not.toBe(first);
});

test('after all of it nothing is left behind', () => {
  const last = new Map<string, string>();
  for (const line of history(5).split('\n')) {
    const [, type, object] = JSON.parse(line);
    if (['Pod', 'ReplicaSet', 'Deployment'].includes(object.kind)) {
      last.set(
        `${object.kind}/${object.metadata.name}`,
        type === 'DELETED' ? 'gone' : (object.status?.phase ?? 'there'),
      );
    }
  }
  const left = [...last].filter(([, state]) => state !== 'gone').map(([name, state]) => `${name.slice(0, 7)} ${state}`);
  // The Job's pods stay to be looked at, as far as they did not run on the node that went.
  expect(new Set(left)).toEqual(new Set(['Pod/web Succeeded']));
});
