/**
 * Holds back a pod until somebody has removed all of its scheduling gates.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/
 */
import { reject, type SchedulerPlugin } from '../framework';

const NAME = 'SchedulingGates';
const REASON_GATED = 'waiting for scheduling gates';

export const schedulingGates: SchedulerPlugin = {
  name: NAME,
  preEnqueue: (pod) => (pod.object.spec.schedulingGates?.length > 0 ? reject(NAME, REASON_GATED) : undefined),
};
