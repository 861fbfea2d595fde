/** Whose owners are all gone goes, too. What is already on its way out may take as long as its node or finalizers take. */
import { isTerminating } from '../../../../kubernetes/object';
import { type CheckerFactory, isCalm, LONGEST_RETRY_MS } from './checker';

const PATIENCE_MS = 60_000;
const DEPENDENTS = [
  'pods',
  'replicasets.apps',
  'jobs.batch',
  'endpointslices.discovery.k8s.io',
  'controllerrevisions.apps',
];
const OWNERS = [
  'replicasets.apps',
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'jobs.batch',
  'cronjobs.batch',
  'services',
  'nodes',
  'endpoints',
];

export const garbage: CheckerFactory = (world) => {
  const { store } = world.cluster;
  let orphanSince = new Map<string, number>();
  return {
    check() {
      const now = world.simulation.clock.now();
      const known = new Set<string>();
      for (const owner of OWNERS) for (const { metadata } of store.list(owner)) known.add(metadata.uid!);
      const orphans = new Map<string, number>();
      for (const collection of DEPENDENTS) {
        for (const object of store.list(collection)) {
          const { uid = '', name, ownerReferences = [] } = object.metadata;
          if (ownerReferences.length === 0 || isTerminating(object)) continue;
          if (ownerReferences.some((owner) => known.has(owner.uid))) continue;
          const since = orphanSince.get(uid) ?? now;
          orphans.set(uid, since);
          if (now - since < PATIENCE_MS || !isCalm(world, LONGEST_RETRY_MS)) continue;
          return `${collection}/${name} is still there, its owner ${ownerReferences[0]!.kind} ${ownerReferences[0]!.name} is gone`;
        }
      }
      orphanSince = orphans;
      return undefined;
    },
  };
};
