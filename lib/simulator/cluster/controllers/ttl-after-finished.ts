/**
 * Removes a finished Job, with its pods, `ttlSecondsAfterFinished` after its end.
 * https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/
 */
import { isTerminating } from '../../../kubernetes/object';
import { findCondition } from './conditions';
import { type ControllerDefinition, splitName } from './controller';

export const ttlAfterFinishedController: ControllerDefinition = {
  name: 'ttl-after-finished-controller',
  serviceAccount: 'ttl-after-finished-controller',
  create: ({ store, client, simulation }) => ({
    watches: [{ collection: 'jobs.batch' }],
    reconcile(key) {
      const { namespace, name } = splitName(key);
      const job = store.get('jobs.batch', namespace, name);
      const ttl: number | undefined = job?.spec.ttlSecondsAfterFinished;
      if (!job || ttl === undefined || isTerminating(job)) return undefined;
      const end = ['Complete', 'Failed']
        .map((type) => findCondition(job.status?.conditions, type))
        .find((condition) => condition?.status === 'True');
      if (!end) return undefined;
      const left = Date.parse(end.lastTransitionTime!) + ttl * 1000 - simulation.clock.now();
      if (left > 0) return { afterMs: left, background: true };
      const preconditions = { uid: job.metadata.uid };
      client.delete('jobs.batch', namespace, name, { propagationPolicy: 'Foreground', preconditions });
      return undefined;
    },
  }),
};
