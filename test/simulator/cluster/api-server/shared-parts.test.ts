/**
 * Components of the simulation write back what they read, with another status. The API server takes what is the very same
 * object as in the store as read and checked. The answer must be the one that a copy of it would get, and nothing that was
 * stored may change.
 */
import type { KubernetesObject } from '../../../../lib/kubernetes/object';
import type { Client } from '../../../../lib/simulator/cluster/client';
import { Cluster } from '../../../../lib/simulator/cluster/cluster';
import { Random } from '../../../../lib/simulator/random';

const SEEDS = [1, 2, 3];
const WRITES = 150;

interface World {
  readonly cluster: Cluster;
  readonly writers: readonly Client[];
  /** What was stored, with the text it had then. */
  readonly history: { readonly object: KubernetesObject; readonly text: string }[];
}

function world(seed: number): World {
  const cluster = new Cluster({ seed, controllers: false });
  const writers = ['kubelet', 'kube-scheduler', 'someone'].map((name) => cluster.clientFor(name));
  const [client] = writers;
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: {
      containers: [{ name: 'c', image: 'nginx', ports: [{ containerPort: 80 }], env: [{ name: 'A' }], args: [] }],
    },
  };
  for (let i = 0; i < 4; i++) {
    const metadata = { name: `p${i}`, namespace: 'default', labels: { app: 'web' }, annotations: { a: `${i}` } };
    client!.create('pods', { apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec });
  }
  client!.create('deployments.apps', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'p0', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'web' } }, template },
  });
  client!.create('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'p0' } });
  return { cluster, writers, history: [] };
}

const pick = <T>(random: Random, items: readonly T[]): T => items[random.int(items.length)]!;

function randomStatus(random: Random, resource: string, before: any): unknown {
  const condition = (type: string) => ({
    type,
    status: pick(random, ['True', 'False', 'Unknown']),
    lastTransitionTime: `2026-01-01T00:00:0${random.int(9)}Z`,
    ...(random.int(2) ? { reason: 'Because', message: '' } : {}),
    ...(resource === 'pods' && random.int(2) ? { lastProbeTime: null } : {}),
  });
  const kept = (before?.conditions ?? []).filter(() => random.int(3) > 0);
  const conditions = [...kept.filter((each: any) => each.type !== 'Ready'), condition('Ready')];
  if (random.int(8) === 0) return before;
  if (resource === 'nodes') {
    return { ...before, conditions, capacity: { cpu: pick(random, ['4', '4000m', '1']), pods: '110' }, images: [] };
  }
  if (resource !== 'pods') return { ...before, conditions, replicas: random.int(3), observedGeneration: random.int(2) };
  const ip = `10.0.0.${random.int(20)}`;
  return {
    ...before,
    phase: pick(random, ['Pending', 'Running']),
    conditions,
    ...(random.int(2) ? { podIP: ip, podIPs: [{ ip }] } : {}),
    containerStatuses: random.int(3)
      ? [
          {
            name: 'c',
            image: 'nginx',
            imageID: '',
            ready: false,
            restartCount: random.int(3),
            state: {},
            lastState: {},
          },
        ]
      : [],
  };
}

/** One random write; `form` is what the client hands over of the object that it read. */
function write(world: World, random: Random, form: <T>(object: T) => T): string {
  const resource = pick(random, ['pods', 'pods', 'pods', 'deployments.apps', 'nodes']);
  const name = resource === 'pods' ? `p${random.int(4)}` : 'p0';
  const namespace = resource === 'nodes' ? undefined : 'default';
  const stored = world.cluster.store.get(resource, namespace, name)!;
  world.history.push({ object: stored, text: JSON.stringify(stored) });
  const client = pick(random, world.writers);
  const body = { ...stored, status: randomStatus(random, resource, stored.status) } as KubernetesObject;
  if (random.int(10) === 0) body.metadata = { ...stored.metadata, labels: { app: 'other', '-bad': 'x' } };
  if (random.int(10) === 0) body.spec = { ...stored.spec, replicas: 7 };
  if (random.int(10) === 0) body.status = { ...body.status, unknown: 1 };
  try {
    return JSON.stringify(client.updateStatus(resource, form(body)));
  } catch (error) {
    return String(error);
  }
}

test.each(SEEDS)('a status write that shares parts with the store is answered like a copy of it (seed %i)', (seed) => {
  const [shared, copied] = [world(seed), world(seed)];
  const [left, right] = [new Random(seed), new Random(seed)];
  let refused = 0;
  for (let i = 0; i < WRITES; i++) {
    const answer = write(shared, left, (object) => object);
    expect(answer).toBe(write(copied, right, (object) => structuredClone(object)));
    if (!answer.startsWith('{')) refused++;
  }
  for (const { object, text } of shared.history) expect(JSON.stringify(object)).toBe(text);
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThan(WRITES / 2);
});
