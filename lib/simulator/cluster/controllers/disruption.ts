/**
 * PodDisruptionBudgets: how many pods of an application may be evicted right now. The API server reads the answer from the
 * status when somebody asks for an eviction.
 * https://kubernetes.io/docs/concepts/workloads/pods/disruptions/
 *
 * Left out: removing a DisruptionTarget condition that led to nothing.
 */
import { semanticEqual } from '../../../kubernetes/equality';
import { scaledValue } from '../../../kubernetes/int-or-string';
import {
  type Condition,
  controllerOf,
  formatTime,
  isTerminating,
  type KubernetesObject,
} from '../../../kubernetes/object';
import { withCondition } from './conditions';
import {
  type Controller,
  type ControllerContext,
  type ControllerDefinition,
  GATHER_MS,
  nameOf,
  type Requeue,
  splitName,
} from './controller';
import { matcherOf } from './ownership';
import { isPodActive, isPodReady, podChanged } from './pods';
import { indexPodLabels, podsSelectedBy } from './service-pods';

const BUDGETS = 'poddisruptionbudgets.policy';
/** An evicted pod that is still there after so long was not evicted after all. */
const EVICTION_TIMEOUT_MS = 120_000;

export const disruptionController: ControllerDefinition = {
  name: 'disruption-controller',
  serviceAccount: 'disruption-controller',
  component: 'controllermanager',
  create: createDisruptionController,
};

interface Expectation {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
}

function createDisruptionController(context: ControllerContext): Controller {
  const { store, client, events } = context;
  const { clock } = context.simulation;
  indexPodLabels(store);

  function reconcile(name: string): Requeue | undefined {
    const key = splitName(name);
    const budget = store.get(BUDGETS, key.namespace, key.name);
    if (!budget) return undefined;
    const pods = podsSelectedBy(store, key.namespace!, budget.spec.selector);
    if (pods.length === 0) events.event(budget, 'Normal', 'NoPods', 'No matching pods found');
    const { disruptedPods, recheck } = pendingEvictions(budget, pods);
    const expectation = expect(budget, pods);
    const currentHealthy = pods.filter(
      (pod) => isPodActive(pod) && isPodReady(pod) && disruptedPods[pod.metadata.name!] === undefined,
    ).length;
    writeStatus(budget, { ...expectation, currentHealthy, disruptedPods });
    return recheck === undefined ? undefined : { afterMs: recheck };
  }

  /** Evictions that the API server allowed and whose pods are still there. */
  function pendingEvictions(budget: KubernetesObject, pods: readonly KubernetesObject[]) {
    const disruptedPods: Record<string, string> = {};
    let recheck: number | undefined;
    for (const [name, time] of Object.entries<string>(budget.status?.disruptedPods ?? {})) {
      const pod = pods.find(({ metadata }) => metadata.name === name);
      const left = Date.parse(time) + EVICTION_TIMEOUT_MS - clock.now();
      if (!pod || isTerminating(pod)) continue;
      if (left <= 0) {
        const message = `Pod was expected by PDB ${nameOf(budget)} to be deleted but it wasn't`;
        events.event(pod, 'Warning', 'NotDeleted', message);
        continue;
      }
      disruptedPods[name] = time;
      recheck = Math.min(recheck ?? left, left);
    }
    return { disruptedPods, recheck };
  }

  /**
   * How many pods there should be, and how many of them healthy.
   * minAvailable 50 % of a Deployment of 5: expected 5, healthy ceil(2.5) = 3; maxUnavailable 1: healthy 4.
   */
  function expect(budget: KubernetesObject, pods: readonly KubernetesObject[]): Expectation {
    const { minAvailable, maxUnavailable } = budget.spec;
    if (maxUnavailable !== undefined) {
      const expectedPods = expectedScale(budget, pods);
      const unavailable = scaledValue(maxUnavailable, expectedPods, 'up');
      return { expectedPods, desiredHealthy: Math.max(0, expectedPods - unavailable) };
    }
    if (typeof minAvailable === 'string') {
      const expectedPods = expectedScale(budget, pods);
      return { expectedPods, desiredHealthy: scaledValue(minAvailable, expectedPods, 'up') };
    }
    return { expectedPods: pods.length, desiredHealthy: minAvailable ?? 0 };
  }

  /** The sum of the replicas that the controllers of the pods ask for. */
  function expectedScale(budget: KubernetesObject, pods: readonly KubernetesObject[]): number {
    const scales = new Map<string, number>();
    let unmanaged = false;
    for (const pod of pods) {
      const scale = scaleOf(pod);
      if (scale) scales.set(scale.uid, scale.replicas);
      else unmanaged = true;
    }
    if (unmanaged) {
      const message =
        'Pods selected by this PodDisruptionBudget were found to be unmanaged. As a result, the status of the PDB cannot be ' +
        'calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" ' +
        'field of the PDB to an integer value.';
      events.event(budget, 'Warning', 'UnmanagedPods', message);
    }
    return [...scales.values()].reduce((total, replicas) => total + replicas, 0);
  }

  function scaleOf(pod: KubernetesObject): { readonly uid: string; readonly replicas: number } | undefined {
    const { namespace } = pod.metadata;
    const owner = controllerOf(pod);
    const collection = owner && SCALABLE[owner.kind];
    let found = collection ? store.get(collection, namespace, owner.name) : undefined;
    if (found?.kind === 'ReplicaSet') {
      const parent = controllerOf(found);
      if (parent?.kind === 'Deployment') found = store.get('deployments.apps', namespace, parent.name) ?? found;
    }
    return found && { uid: found.metadata.uid!, replicas: found.spec.replicas ?? 1 };
  }

  function writeStatus(
    budget: KubernetesObject,
    counts: Expectation & { readonly currentHealthy: number; readonly disruptedPods: Record<string, string> },
  ): void {
    const { expectedPods, desiredHealthy, currentHealthy, disruptedPods } = counts;
    const disruptionsAllowed = expectedPods <= 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy);
    const status = {
      ...(Object.keys(disruptedPods).length > 0 ? { disruptedPods } : {}),
      conditions: conditionsOf(budget, disruptionsAllowed > 0),
      currentHealthy,
      desiredHealthy,
      disruptionsAllowed,
      expectedPods,
      observedGeneration: budget.metadata.generation,
    };
    if (!semanticEqual(status, budget.status)) client.updateStatus(BUDGETS, { ...budget, status });
  }

  function conditionsOf({ metadata, status }: KubernetesObject, allowed: boolean): Condition[] {
    const condition = {
      type: 'DisruptionAllowed',
      status: allowed ? 'True' : 'False',
      reason: allowed ? 'SufficientPods' : 'InsufficientPods',
      message: '',
    } as const;
    return withCondition(status?.conditions, condition, formatTime(clock.now())).map((each) =>
      each.type === condition.type ? { ...each, observedGeneration: metadata.generation! } : each,
    );
  }

  return {
    watches: [
      { collection: BUDGETS },
      {
        collection: 'pods',
        gatherMs: GATHER_MS,
        *names({ type, object, previous }) {
          if (type === 'MODIFIED' && previous && !podChanged(previous, object)) return;
          for (const budget of store.list(BUDGETS, object.metadata.namespace)) {
            const matches = matcherOf(budget.spec.selector);
            if (matches(object.metadata.labels) || (previous && matches(previous.metadata.labels)))
              yield nameOf(budget);
          }
        },
      },
      ...Object.values({ ...SCALABLE, Deployment: 'deployments.apps' }).map((collection) => ({
        collection,
        *names({ object, previous }: { object: KubernetesObject; previous?: KubernetesObject }) {
          if (previous?.spec.replicas === object.spec.replicas) return;
          for (const budget of store.list(BUDGETS, object.metadata.namespace)) yield nameOf(budget);
        },
      })),
    ],
    reconcile,
  };
}

const SCALABLE: Readonly<Record<string, string>> = {
  ReplicaSet: 'replicasets.apps',
  ReplicationController: 'replicationcontrollers',
  StatefulSet: 'statefulsets.apps',
};
