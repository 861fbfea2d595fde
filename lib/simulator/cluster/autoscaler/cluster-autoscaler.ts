/**
 * The cluster autoscaler: node groups grow for pods that fit nowhere, and shrink when nodes are not needed.
 * https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md
 *
 * It looks within ten seconds of a change. Up: a group is chosen (by the seed) among those whose next machine would take at
 * least one pod, and gets as many machines as the pods need. Down: see scale-down.ts. What it does is told as events of the
 * pods, the nodes and of the ConfigMap kube-system/cluster-autoscaler-status, which shows its state.
 *
 * Left out: other expanders than `random`, groups that are balanced with similar ones, limits of cores and memory, back-off
 * of groups whose machines do not come.
 */
import { controllerOf, isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import { findCondition } from '../controllers/conditions';
import type { Controller, ControllerContext, ControllerDefinition, Requeue } from '../controllers/controller';
import { isPodFinished } from '../controllers/pods';
import { histogram } from '../scheduler/fit-error';
import type { Scheduler } from '../scheduler/scheduler';
import type { NodeGroup } from './node-group';
import { ScaleDown } from './scale-down';
import { StatusConfigMap } from './status-config-map';

const SCAN = 'scan';
const SCAN_MS = 10_000;
/** Pods of a lower priority are nobody's reason for a machine. */
const EXPENDABLE_BELOW = -10;

export interface AutoscalerOptions {
  readonly scheduler: Scheduler;
  /** The groups at the moment. */
  readonly groups: () => readonly NodeGroup[];
}

export function clusterAutoscaler({ scheduler, groups }: AutoscalerOptions): ControllerDefinition {
  return {
    name: 'cluster-autoscaler',
    serviceAccount: 'cluster-autoscaler',
    create: (context) => createClusterAutoscaler(context, scheduler, groups),
  };
}

function createClusterAutoscaler(
  context: ControllerContext,
  scheduler: Scheduler,
  groupsNow: () => readonly NodeGroup[],
): Controller {
  const { store, events } = context;
  const { clock } = context.simulation;
  const random = context.simulation.random.fork('cluster-autoscaler');
  const status = new StatusConfigMap(context);
  const scaleDown = new ScaleDown(context, scheduler, status);
  /** What each pod was told last. */
  const told = new Map<string, string>();

  function reconcile(): Requeue | undefined {
    const groups = groupsNow();
    if (groups.length === 0) return undefined;
    const pods = pendingPods();
    const grew = pods.length > 0 && scaleUp(groups, pods);
    if (grew) scaleDown.grewAt = clock.now();
    // While something is on its way nobody is sent home.
    const isGrowing = groups.some((group) => upcomingOf(group) > 0);
    const isShrinking = scaleDown.look(groups, !isGrowing && pods.length === 0);
    status.write(groups, { scaleUp: isGrowing, candidates: scaleDown.candidates });
    return isGrowing || isShrinking || pods.length > 0 ? { afterMs: SCAN_MS, background: true } : undefined;
  }

  function pendingPods(): KubernetesObject[] {
    const pending: KubernetesObject[] = [];
    for (const pod of store.list('pods')) if (isPending(pod)) pending.push(pod);
    return pending.sort((a, b) => (a.metadata.uid! < b.metadata.uid! ? -1 : 1));
  }

  function upcomingOf(group: NodeGroup): number {
    let registered = 0;
    for (const node of store.list('nodes')) if (group.owns(node)) registered++;
    return Math.max(0, group.targetSize() - registered);
  }

  /** @returns whether a group grew */
  function scaleUp(groups: readonly NodeGroup[], pods: readonly KubernetesObject[]): boolean {
    const companions = daemonPods();
    const answers = groups.map((group) => {
      const upcoming = upcomingOf(group);
      const atMost = Math.max(0, group.maxSize - group.targetSize());
      const answer = scheduler.whatIf.withNewNodes(pods, { template: group.template(), companions, upcoming, atMost });
      return { group, ...answer };
    });
    const waiting = new Set(answers.flatMap((answer) => answer.waiting));
    const options = answers.filter(({ nodes, helped }) => nodes > 0 && helped.some((pod) => !waiting.has(pod)));
    const chosen = options.length > 0 ? random.pick(options) : undefined;
    if (chosen) grow(chosen.group, chosen.nodes, chosen.helped);
    for (const pod of pods) {
      if (waiting.has(pod) || chosen?.helped.includes(pod)) continue;
      const reasons = new Map<string, number>();
      for (const { refused } of answers) {
        for (const reason of refused.get(pod) ?? []) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
      // Another group can take it: the next look decides.
      if (reasons.size === 0) continue;
      tell(pod, 'NotTriggerScaleUp', `pod didn't trigger scale-up: ${histogram(reasons)}`);
    }
    return chosen !== undefined;
  }

  function grow(group: NodeGroup, by: number, helped: readonly KubernetesObject[]): void {
    const before = group.targetSize();
    const after = before + by;
    status.event(
      'ScaledUpGroup',
      `Scale-up: setting group ${group.name} size to ${after} instead of ${before} (max: ${group.maxSize})`,
    );
    group.increase(by);
    status.event(
      'ScaledUpGroup',
      `Scale-up: group ${group.name} size set to ${after} instead of ${before} (max: ${group.maxSize})`,
    );
    const message = `pod triggered scale-up: [{${group.name} ${before}->${after} (max: ${group.maxSize})}]`;
    for (const pod of helped) tell(pod, 'TriggeredScaleUp', message);
  }

  function tell(pod: KubernetesObject, reason: string, message: string): void {
    const uid = pod.metadata.uid!;
    if (told.get(uid) === message) return;
    told.set(uid, message);
    events.event(pod, 'Normal', reason, message);
  }

  /** What DaemonSets put on every new node, if it fits there. */
  function daemonPods(): KubernetesObject[] {
    return store.sorted('daemonsets.apps').map(({ metadata, spec }) => {
      const { namespace, name } = metadata;
      const tolerations = [...(spec.template.spec.tolerations ?? []), ...DAEMON_TOLERATIONS];
      return {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...spec.template.metadata, namespace: namespace!, name: name! },
        spec: { ...spec.template.spec, tolerations },
      };
    });
  }

  return {
    watches: [
      {
        collection: 'pods',
        gatherMs: SCAN_MS,
        names: ({ type, object }) => {
          if (type === 'DELETED') told.delete(object.metadata.uid!);
          const isNews =
            type === 'DELETED' ? Boolean(object.spec.nodeName) : isPending(object) || isPodFinished(object);
          return isNews && groupsNow().length > 0 ? [SCAN] : [];
        },
      },
      { collection: 'nodes', gatherMs: SCAN_MS, names: ({ type }) => (type === 'MODIFIED' ? [] : [SCAN]) },
    ],
    reconcile,
  };
}

const DAEMON_TOLERATIONS = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];

/** A pod that the scheduler found no place for, and that is worth a machine. */
function isPending(pod: KubernetesObject): boolean {
  const { spec, status } = pod;
  if (spec.nodeName || status?.nominatedNodeName || isTerminating(pod) || isPodFinished(pod)) return false;
  if ((spec.priority ?? 0) < EXPENDABLE_BELOW || controllerOf(pod)?.kind === 'DaemonSet') return false;
  return findCondition(status?.conditions, 'PodScheduled')?.reason === 'Unschedulable';
}
