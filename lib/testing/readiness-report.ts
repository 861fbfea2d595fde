/** Whether objects are what they should be, and why not: the same verdicts as `drydock up` waits for. */
import { controllerOf, type KubernetesObject } from '../kubernetes/object';
import { type Readiness, readinessOf, type Surroundings } from '../kubernetes/readiness';
import type { Client } from '../simulator/cluster/client';

export function readinessIn(client: Client, object: KubernetesObject): Readiness {
  return readinessOf(object, surroundingsOf(client, object));
}

/** Its Pods, and the events about both. */
function surroundingsOf(client: Client, object: KubernetesObject): Surroundings {
  const { namespace, uid } = object.metadata;
  if (namespace === undefined || uid === undefined) return {};
  const pods = client.list('pods', { namespace });
  const replicaSets = object.kind === 'Deployment' ? client.list('replicasets.apps', { namespace }) : [];
  const revision = object.metadata.annotations?.['deployment.kubernetes.io/revision'];
  const current = replicaSets.find(
    (set) =>
      controllerOf(set)?.uid === uid && set.metadata.annotations?.['deployment.kubernetes.io/revision'] === revision,
  );
  const maker = object.kind === 'Deployment' ? current?.metadata.uid : uid;
  const own = pods.filter((pod) => controllerOf(pod)?.uid === maker);
  const uids = new Set([uid, current?.metadata.uid, ...own.map((pod) => pod.metadata.uid)]);
  const events = client.list('events', { namespace }).filter((event) => uids.has(event.involvedObject?.uid));
  return { pods: own, events };
}
