/**
 * Taint eviction: a pod leaves a node with a NoExecute taint that it does not tolerate - at once, or when the time for
 * which it tolerates it is over.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
 *
 * Nearly every pod tolerates `not-ready` and `unreachable` for 300 seconds, because the API server says so for it.
 */
import { semanticEqual } from '../../../kubernetes/equality';
import { isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import { isNotFound } from '../../../kubernetes/status-error';
import { type Toleration, tolerates } from '../scheduler/tolerations';
import type { StoreEvent } from '../store';
import {
  type Controller,
  type ControllerContext,
  type ControllerDefinition,
  nameOf,
  type Requeue,
  splitName,
} from './controller';
import { withDisruptionTarget } from './disruption-target';
import { isPodFinished } from './pods';
import { indexPodsByNode, podsOnNode } from './pods-by-node';

export const taintEvictionController: ControllerDefinition = {
  name: 'taint-eviction-controller',
  serviceAccount: 'node-controller',
  component: 'taint-eviction-controller',
  create: createTaintEvictionController,
};

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

function createTaintEvictionController(context: ControllerContext): Controller {
  const { store, client, events } = context;
  const { clock } = context.simulation;
  indexPodsByNode(store);
  /** Since when a pod stands on a tainted node, by its uid. */
  const waiting = new Map<string, number>();

  function reconcile(name: string): Requeue | undefined {
    const key = splitName(name);
    const pod = store.get('pods', key.namespace, key.name);
    const node = pod?.spec.nodeName && store.get('nodes', undefined, pod.spec.nodeName);
    if (!pod || !node || isTerminating(pod) || isPodFinished(pod)) return undefined;
    const uid = pod.metadata.uid!;
    const seconds = secondsToStay(noExecuteTaints(node), pod.spec.tolerations ?? []);
    if (seconds === Number.POSITIVE_INFINITY) {
      if (waiting.delete(uid))
        events.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${name}`);
      return undefined;
    }
    const since = waiting.get(uid) ?? clock.now();
    waiting.set(uid, since);
    const left = since + seconds * 1000 - clock.now();
    if (left > 0) return { afterMs: left };
    waiting.delete(uid);
    evict(pod);
    return undefined;
  }

  function evict(pod: KubernetesObject): void {
    events.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${nameOf(pod)}`);
    const why = { reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' };
    try {
      client.updateStatus('pods', withDisruptionTarget(pod, why, clock.now()));
      client.delete('pods', pod.metadata.namespace, pod.metadata.name!);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  return {
    watches: [
      { collection: 'nodes', names: (event) => (taintsChanged(event) ? podNames(event.object) : []) },
      { collection: 'pods', names: ({ type, object, previous }) => podChanged(type, object, previous) },
    ],
    reconcile,
  };

  function podNames(node: KubernetesObject): string[] {
    return podsOnNode(store, node.metadata.name!).map(nameOf);
  }

  /** Only what stands on a tainted node is of interest. */
  function podChanged(type: string, pod: KubernetesObject, previous: KubernetesObject | undefined): string[] {
    if (type === 'DELETED') waiting.delete(pod.metadata.uid!);
    const { nodeName, tolerations } = pod.spec;
    if (type === 'DELETED' || !nodeName) return [];
    if (previous?.spec.nodeName === nodeName && previous?.spec.tolerations === tolerations) return [];
    const node = store.get('nodes', undefined, nodeName);
    return node && noExecuteTaints(node).length > 0 ? [nameOf(pod)] : [];
  }
}

function noExecuteTaints(node: KubernetesObject): Taint[] {
  return (node.spec?.taints ?? []).filter((taint: Taint) => taint.effect === 'NoExecute');
}

function taintsChanged({ type, object, previous }: StoreEvent): boolean {
  if (type === 'DELETED') return false;
  return !semanticEqual(noExecuteTaints(object), previous ? noExecuteTaints(previous) : []);
}

/** How long a pod may stay; 0 when one taint is not tolerated, infinite when all are for ever. */
function secondsToStay(taints: readonly Taint[], tolerations: readonly Toleration[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (const taint of taints) {
    const used = tolerations.find((toleration) => tolerates(toleration, taint));
    if (!used) return 0;
    least = Math.min(least, Math.max(0, used.tolerationSeconds ?? Number.POSITIVE_INFINITY));
  }
  return least;
}
