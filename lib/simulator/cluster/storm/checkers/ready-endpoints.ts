/** Nobody is sent to a Pod that is not ready: an endpoint says `ready` of ready Pods only, after the time it takes to say so. */
import { isTerminating, type KubernetesObject } from '../../../../kubernetes/object';
import { isPodReady } from '../../controllers/pods';
import { type CheckerFactory, isCalm, LONGEST_RETRY_MS, PROPAGATION_MS } from './checker';

const SLICES = 'endpointslices.discovery.k8s.io';

export const readyEndpoints: CheckerFactory = (world) => {
  const { store } = world.cluster;
  /** Since when each endpoint has been wrong. */
  let wrongSince = new Map<string, number>();
  return {
    check() {
      const now = world.simulation.clock.now();
      const wrong = new Map<string, number>();
      let problem: string | undefined;
      for (const slice of store.list(SLICES)) {
        for (const { conditions, targetRef } of (slice as KubernetesObject & { endpoints?: any[] }).endpoints ?? []) {
          if (conditions?.ready !== true || targetRef?.kind !== 'Pod') continue;
          const pod = store.get('pods', targetRef.namespace, targetRef.name);
          if (pod && pod.metadata.uid === targetRef.uid && isPodReady(pod) && !isTerminating(pod)) continue;
          const key = `${slice.metadata.name}/${targetRef.uid}`;
          const since = wrongSince.get(key) ?? now;
          wrong.set(key, since);
          if (now - since < PROPAGATION_MS || !isCalm(world, LONGEST_RETRY_MS)) continue;
          const why = !pod ? 'is gone' : isTerminating(pod) ? 'is terminating' : 'is not ready';
          problem ??= `endpoint slice ${slice.metadata.name} calls pod ${targetRef.name} ready, which ${why}`;
        }
      }
      wrongSince = wrong;
      return problem;
    },
  };
};
