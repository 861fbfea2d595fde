/** https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#update-strategies */
import type { KubernetesObject } from '../object';
import { current, inProgress, type Readiness, type Surroundings } from './readiness';
import { explainWithPods } from './workload-pods';

export function statefulSetReadiness(statefulSet: KubernetesObject, surroundings: Surroundings): Readiness {
  const { spec, status = {} } = statefulSet;
  const wanted: number = spec.replicas ?? 1;
  const notYet = unfinished(spec, status, wanted);
  return notYet ? explainWithPods(inProgress(notYet), surroundings) : current(`${wanted} of ${wanted} replicas ready`);
}

function unfinished(spec: any, status: any, wanted: number): string | undefined {
  const { replicas = 0, readyReplicas = 0, updatedReplicas = 0, currentRevision, updateRevision } = status;
  if (readyReplicas < wanted) return `${readyReplicas} of ${wanted} replicas ready`;
  if (replicas > wanted) return `${replicas - wanted} surplus replicas to stop`;
  // With OnDelete the update waits for whoever deletes the Pods.
  if (spec.updateStrategy?.type === 'OnDelete') return undefined;
  // Ordinals below the partition keep the old revision: 5 replicas, partition 3 means that 2 are to be updated.
  const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  const toUpdate = Math.max(0, wanted - partition);
  if (updatedReplicas < toUpdate) return `${updatedReplicas} of ${toUpdate} replicas updated`;
  if (partition === 0 && currentRevision !== updateRevision) return 'finishing the update';
  return undefined;
}
