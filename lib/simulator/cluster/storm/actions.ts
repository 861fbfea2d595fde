/** What users do to their workloads in the middle of a storm. What the API server refuses is no news to them. */
import { controllerOf, isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import { StatusError } from '../../../kubernetes/status-error';
import type { Random } from '../../random';
import type { ResourceName } from '../client';
import { NAMESPACE, type StormWorld } from './storm-world';

type Action = (world: StormWorld, random: Random) => string | undefined;

const SCALABLE: readonly ResourceName[] = ['deployments.apps', 'statefulsets.apps'];
const ROLLABLE: readonly ResourceName[] = [...SCALABLE, 'daemonsets.apps'];
const ALL: readonly ResourceName[] = [...ROLLABLE, 'jobs.batch', 'cronjobs.batch'];

const registry = {
  scale,
  roll,
  deletePod,
  recreate,
  evict,
  changeBudget,
  addNode,
  relabelPod,
} as const satisfies Record<string, Action>;

export type ActionName = keyof typeof registry;
export const actionNames = Object.keys(registry) as readonly ActionName[];

/** @returns what was done, in words; undefined when there was nothing to do it to */
export function act(name: ActionName, world: StormWorld, random: Random): string | undefined {
  try {
    return registry[name](world, random);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return `${name}: ${error.message}`;
  }
}

function pickIn(
  world: StormWorld,
  random: Random,
  collections: readonly ResourceName[],
): { readonly collection: ResourceName; readonly object: KubernetesObject } | undefined {
  const all = collections.flatMap((collection) =>
    world.client.list(collection, { namespace: NAMESPACE }).map((object) => ({ collection, object })),
  );
  return all.length === 0 ? undefined : random.pick(all);
}

/** Changes what users want to have, and says so to the cluster. */
function patchWanted(
  world: StormWorld,
  collection: ResourceName,
  name: string,
  patch: { readonly spec: object },
): void {
  world.client.patch(collection, NAMESPACE, name, 'merge', patch);
  const key = `${collection}/${name}`;
  const wanted = world.wanted.get(key);
  if (wanted) world.wanted.set(key, { ...wanted, spec: { ...wanted.spec, ...patch.spec } });
}

function scale(world: StormWorld, random: Random): string | undefined {
  const found = pickIn(world, random, SCALABLE);
  if (!found) return undefined;
  const replicas = random.int(7);
  patchWanted(world, found.collection, found.object.metadata.name!, { spec: { replicas } });
  return `scale ${found.collection}/${found.object.metadata.name} to ${replicas}`;
}

function roll(world: StormWorld, random: Random): string | undefined {
  const found = pickIn(world, random, ROLLABLE);
  if (!found) return undefined;
  const name = found.object.metadata.name!;
  const template = { metadata: { annotations: { 'storm/restart': String(random.int(3)) } } };
  world.client.patch(found.collection, NAMESPACE, name, 'strategic', { spec: { template } });
  return `roll ${found.collection}/${name}`;
}

function deletePod(world: StormWorld, random: Random): string | undefined {
  const found = pickIn(world, random, ['pods']);
  if (!found) return undefined;
  const gracePeriodSeconds = random.pick([0, 1, 5, 30]);
  world.client.delete('pods', NAMESPACE, found.object.metadata.name!, { gracePeriodSeconds });
  return `delete pod ${found.object.metadata.name} with ${gracePeriodSeconds}s`;
}

/** Deletes a workload; whatever is missing is applied again in the end. */
function recreate(world: StormWorld, random: Random): string | undefined {
  const found = pickIn(world, random, ALL);
  if (!found) return undefined;
  const { name } = found.object.metadata;
  const propagationPolicy = random.pick(['Background', 'Foreground', 'Orphan'] as const);
  world.client.delete(found.collection, NAMESPACE, name!, { propagationPolicy });
  return `delete ${found.collection}/${name} (${propagationPolicy})`;
}

function evict(world: StormWorld, random: Random): string | undefined {
  const found = pickIn(world, random, ['pods']);
  if (!found || isTerminating(found.object)) return undefined;
  const { name } = found.object.metadata;
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: name!, namespace: NAMESPACE } };
  world.client.create('pods', eviction, { subresource: 'eviction' });
  return `evict pod ${name}`;
}

function changeBudget(world: StormWorld, random: Random): string | undefined {
  const found = pickIn(world, random, ['poddisruptionbudgets.policy']);
  if (!found) return undefined;
  const { name } = found.object.metadata;
  const minAvailable = random.int(4);
  const spec = { minAvailable, maxUnavailable: null };
  world.client.patch(found.collection, NAMESPACE, name!, 'merge', { spec });
  return `budget ${name}: at least ${minAvailable}`;
}

function addNode(world: StormWorld): string | undefined {
  if (world.cluster.store.count('nodes') >= 12) return undefined;
  world.addNode();
  return 'add a node';
}

/** A Pod is taken out of its workload for a look: its controller releases it and makes another one. */
function relabelPod(world: StormWorld, random: Random): string | undefined {
  const found = pickIn(world, random, ['pods']);
  // A Pod of a StatefulSet would keep its name to itself: its controller could never make another one.
  if (!found || isTerminating(found.object) || controllerOf(found.object)?.kind !== 'ReplicaSet') return undefined;
  const { name } = found.object.metadata;
  world.client.patch('pods', NAMESPACE, name!, 'merge', { metadata: { labels: { app: 'quarantine' } } });
  return `take pod ${name} out`;
}
