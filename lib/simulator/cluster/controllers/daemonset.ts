/**
 * DaemonSet: one pod on every node that fits.
 * https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
 *
 * Each reconcile first sees to it that every node has the pod it should have, then replaces pods of an old template: as
 * many as `maxUnavailable` lets be missing, or, with `maxSurge`, by starting the new one beside the old one first.
 */
import { semanticEqual } from '../../../kubernetes/equality';
import { scaledValue } from '../../../kubernetes/int-or-string';
import { isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import { StatusError } from '../../../kubernetes/status-error';
import type { StoreEvent } from '../store';
import { omitEmpty } from './conditions';
import {
  type Controller,
  type ControllerContext,
  type ControllerDefinition,
  nameOf,
  type Requeue,
  splitName,
} from './controller';
import { daemonFit, daemonPodSpec, targetNode } from './daemon-nodes';
import { claim, indexOwnership, matcherOf, selectsAll } from './ownership';
import { podControl } from './pod-control';
import { isPodAvailable, isPodReady, nextAvailability, podFromTemplate, watchOwnedPods } from './pods';
import { currentRevision, listRevisions, REVISION_HASH, REVISIONS, truncateHistory } from './revision-history';
import { podTemplateHash } from './safe-hash';
import { slowStart } from './slow-start';

const SETS = 'daemonsets.apps';
const GENERATION = 'pod-template-generation';
const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation';
const BURST = 250;
/** A failed daemon pod is replaced after 1 s, 2 s, 4 s, ... 15 min. */
const FIRST_BACKOFF_MS = 1_000;
const LAST_BACKOFF_MS = 900_000;

export const daemonSetController: ControllerDefinition = {
  name: 'daemonset-controller',
  serviceAccount: 'daemon-set-controller',
  component: 'daemonset-controller',
  create: createDaemonSetController,
};

/** What one reconcile decided. */
interface Changes {
  readonly create: string[];
  readonly remove: KubernetesObject[];
}

interface Round {
  readonly set: KubernetesObject;
  readonly hash: string;
  readonly nodes: readonly KubernetesObject[];
  readonly fits: ReturnType<typeof daemonFit>;
  /** Its pods by node. */
  readonly onNode: ReadonlyMap<string, KubernetesObject[]>;
}

function createDaemonSetController(context: ControllerContext): Controller {
  const { store, client, events } = context;
  const { clock } = context.simulation;
  const control = podControl(context);
  /** When a failed pod may be replaced, by set and node. */
  const backoffs = new Map<string, { delayMs: number; until: number }>();
  for (const collection of ['pods', REVISIONS]) indexOwnership(store, collection);

  function reconcile(name: string): Requeue | undefined {
    const key = splitName(name);
    const set = store.get(SETS, key.namespace, key.name);
    if (!set) return undefined;
    if (selectsAll(set.spec.selector)) {
      const message = 'This daemon set is selecting all pods. A non-empty selector is required.';
      events.event(set, 'Warning', 'SelectingAll', message);
      return undefined;
    }
    const hash = podTemplateHash(set.spec.template, set.status?.collisionCount);
    const round = look(set, hash);
    keepRevision(set, hash, round);
    let failure: StatusError | undefined;
    if (!isTerminating(set)) {
      const changes = placement(round);
      if (changes.create.length + changes.remove.length === 0) rollOut(round, changes);
      failure = apply(round, changes);
    }
    writeStatus(look(set, hash));
    if (failure) throw failure;
    return nextAvailability([...round.onNode.values()].flat(), set.spec.minReadySeconds ?? 0, clock.now());
  }

  function look(set: KubernetesObject, hash: string): Round {
    const matches = matcherOf(set.spec.selector);
    const onNode = new Map<string, KubernetesObject[]>();
    for (const pod of claim({ store, client, collection: 'pods', owner: set, matches })) {
      const node = targetNode(pod) ?? '';
      const pods = onNode.get(node);
      if (pods) pods.push(pod);
      else onNode.set(node, [pod]);
    }
    return { set, hash, onNode, nodes: [...store.list('nodes')], fits: daemonFit(set.spec.template.spec) };
  }

  function keepRevision(set: KubernetesObject, hash: string, { onNode }: Round): void {
    const revisions = listRevisions(context, set);
    const current = currentRevision(context, set, revisions, { hash, labels: { [REVISION_HASH]: hash } });
    if (!current) {
      const collisionCount = (set.status?.collisionCount ?? 0) + 1;
      client.updateStatus(SETS, { ...set, status: { ...set.status, collisionCount } });
      throw new StatusError(409, 'AlreadyExists', `the revision of ${set.metadata.name} is taken`);
    }
    const inUse = new Set([...onNode.values()].flat().map((pod) => pod.metadata.labels?.[REVISION_HASH]));
    const needed = revisions.filter(({ metadata }) => inUse.has(metadata.labels?.[REVISION_HASH]));
    truncateHistory(context, set, revisions, new Set([...needed, current].map(({ metadata }) => metadata.name)));
  }

  /** Which nodes lack their pod, and which pods are too much. */
  function placement(round: Round): Changes {
    const changes: Changes = { create: [], remove: [] };
    const names = new Set<string>();
    for (const node of round.nodes) {
      const name = node.metadata.name!;
      names.add(name);
      const pods = round.onNode.get(name) ?? [];
      const { run, stay } = round.fits(node);
      if (run && pods.length === 0) changes.create.push(name);
      else if (!stay) changes.remove.push(...pods.filter((pod) => !isTerminating(pod)));
      else changes.remove.push(...surplus(round, name, pods));
    }
    for (const [node, pods] of round.onNode) {
      // Made for a node that went before they got there.
      if (!names.has(node)) changes.remove.push(...pods.filter((pod) => !pod.spec.nodeName && !isTerminating(pod)));
    }
    return changes;
  }

  /** Of the pods of one node: those that ended, and all but the oldest. */
  function surplus(round: Round, node: string, pods: readonly KubernetesObject[]): KubernetesObject[] {
    const remove: KubernetesObject[] = [];
    const running: KubernetesObject[] = [];
    for (const pod of pods) {
      if (isTerminating(pod)) continue;
      const { namespace, name } = pod.metadata;
      if (pod.status?.phase === 'Failed') {
        if (inBackoff(round.set, node)) continue;
        const message = `Found failed daemon pod ${namespace}/${name} on node ${node}, will try to kill it`;
        events.event(round.set, 'Warning', 'FailedDaemonPod', message);
        remove.push(pod);
      } else if (pod.status?.phase === 'Succeeded') {
        const message = `Found succeeded daemon pod ${namespace}/${name} on node ${node}, will try to delete it`;
        events.event(round.set, 'Normal', 'SucceededDaemonPod', message);
        remove.push(pod);
      } else running.push(pod);
    }
    const groups = maxSurge(round) === 0 ? [running] : byHash(round, running);
    return [...remove, ...groups.flatMap((group) => group.sort(oldestFirst).slice(1))];
  }

  function inBackoff(set: KubernetesObject, node: string): boolean {
    const key = `${set.metadata.uid}/${node}`;
    const now = clock.now();
    const before = backoffs.get(key);
    if (before && now < before.until) return true;
    const delayMs = before ? Math.min(before.delayMs * 2, LAST_BACKOFF_MS) : FIRST_BACKOFF_MS;
    backoffs.set(key, { delayMs, until: now + delayMs });
    context.enqueue(nameOf(set), delayMs, { background: delayMs > 60_000 });
    return false;
  }

  function rollOut(round: Round, changes: Changes): void {
    if (round.set.spec.updateStrategy?.type === 'OnDelete') return;
    if (maxSurge(round) > 0) surge(round, changes);
    else replace(round, changes);
  }

  /** Old pods that serve nobody go at once; available ones as far as few enough are missing. */
  function replace(round: Round, { remove }: Changes): void {
    let unavailable = 0;
    const candidates: KubernetesObject[] = [];
    for (const node of round.nodes) {
      if (!round.fits(node).run) continue;
      const pods = round.onNode.get(node.metadata.name!) ?? [];
      const [newPods, oldPods] = byHash(
        round,
        pods.filter((pod) => !isTerminating(pod)),
      );
      const pod = newPods![0] ?? oldPods![0];
      if (!pod || !available(round.set, pod)) unavailable++;
      if (newPods![0] || !oldPods![0]) continue;
      if (available(round.set, oldPods![0])) candidates.push(oldPods![0]);
      else remove.push(oldPods![0]);
    }
    remove.push(...candidates.slice(0, Math.max(0, maxUnavailable(round) - unavailable)));
  }

  function surge(round: Round, { create, remove }: Changes): void {
    let surging = 0;
    const candidates: string[] = [];
    for (const node of round.nodes) {
      const name = node.metadata.name!;
      const pods = (round.onNode.get(name) ?? []).filter((pod) => !isTerminating(pod));
      const [[newPod], [oldPod]] = byHash(round, pods) as [KubernetesObject[], KubernetesObject[]];
      if (!oldPod) continue;
      if (newPod) {
        if (available(round.set, newPod)) remove.push(oldPod);
        else surging++;
      } else if (available(round.set, oldPod)) candidates.push(name);
      else create.push(name);
    }
    create.push(...candidates.slice(0, Math.max(0, maxSurge(round) - surging)));
  }

  function apply({ set, hash }: Round, { create, remove }: Changes): StatusError | undefined {
    const generation = set.metadata.annotations?.[GENERATION_ANNOTATION];
    const labels = { [REVISION_HASH]: hash, ...(generation === undefined ? {} : { [GENERATION]: generation }) };
    const { error } = slowStart(Math.min(create.length, BURST), (i) => {
      const pod = podFromTemplate(set.spec.template, set);
      const metadata = { ...pod.metadata, labels: { ...pod.metadata.labels, ...labels } };
      control.create(set, { ...pod, metadata, spec: daemonPodSpec(pod.spec, create[i]!) });
    });
    const failures = remove.slice(0, BURST).map((pod) => control.remove(set, pod));
    return error ?? failures.find((each) => each !== undefined);
  }

  function writeStatus(round: Round): void {
    const { set } = round;
    const counts = { current: 0, misscheduled: 0, desired: 0, ready: 0, updated: 0, available: 0 };
    for (const node of round.nodes) {
      const [pod] = [...(round.onNode.get(node.metadata.name!) ?? [])].sort(oldestFirst);
      if (!round.fits(node).run) {
        if (pod) counts.misscheduled++;
        continue;
      }
      counts.desired++;
      if (!pod) continue;
      counts.current++;
      if (isPodReady(pod)) counts.ready++;
      if (available(set, pod)) counts.available++;
      if (pod.metadata.labels?.[REVISION_HASH] === round.hash) counts.updated++;
    }
    const { collisionCount } = set.status ?? {};
    const status = {
      currentNumberScheduled: counts.current,
      numberMisscheduled: counts.misscheduled,
      desiredNumberScheduled: counts.desired,
      numberReady: counts.ready,
      ...omitEmpty({
        observedGeneration: set.metadata.generation,
        updatedNumberScheduled: counts.updated,
        numberAvailable: counts.available,
        numberUnavailable: counts.desired - counts.available,
      }),
      ...(collisionCount === undefined ? {} : { collisionCount }),
    };
    if (!semanticEqual(status, set.status)) client.updateStatus(SETS, { ...set, status });
  }

  const available = (set: KubernetesObject, pod: KubernetesObject) =>
    isPodAvailable(pod, set.spec.minReadySeconds ?? 0, clock.now());

  return {
    watches: [
      { collection: SETS },
      { collection: 'nodes', names: (event) => (nodeChanged(event) ? [...store.list(SETS)].map(nameOf) : []) },
      watchOwnedPods({
        store,
        collection: SETS,
        group: 'apps',
        kind: 'DaemonSet',
        matches: (set, labels) => matcherOf(set.spec.selector)(labels),
      }),
    ],
    reconcile,
  };
}

/** A heartbeat changes nothing for a DaemonSet. */
function nodeChanged({ object, previous }: StoreEvent): boolean {
  return (
    !previous ||
    !semanticEqual(previous.spec?.taints, object.spec?.taints) ||
    !semanticEqual(previous.metadata.labels, object.metadata.labels)
  );
}

/** `[of the present template, of older ones]` */
function byHash({ hash }: Round, pods: readonly KubernetesObject[]): [KubernetesObject[], KubernetesObject[]] {
  const isNew = (pod: KubernetesObject) => pod.metadata.labels?.[REVISION_HASH] === hash;
  return [pods.filter(isNew), pods.filter((pod) => !isNew(pod))];
}

/** Pods that got onto their node before those that did not. */
function oldestFirst(a: KubernetesObject, b: KubernetesObject): number {
  const assigned = Number(!a.spec.nodeName) - Number(!b.spec.nodeName);
  if (assigned !== 0) return assigned;
  const [left, right] = [a.metadata.creationTimestamp!, b.metadata.creationTimestamp!];
  return left === right ? 0 : left < right ? -1 : 1;
}

/** Both percentages are of the nodes that should run a pod, rounded up. */
function desiredNodes({ nodes, fits }: Round): number {
  return nodes.filter((node) => fits(node).run).length;
}

function maxSurge(round: Round): number {
  return scaledValue(round.set.spec.updateStrategy?.rollingUpdate?.maxSurge ?? 0, desiredNodes(round), 'up');
}

function maxUnavailable(round: Round): number {
  const { maxUnavailable = 1 } = round.set.spec.updateStrategy?.rollingUpdate ?? {};
  const count = scaledValue(maxUnavailable, desiredNodes(round), 'up');
  // If both are zero nothing could ever change.
  return count === 0 && maxSurge(round) === 0 ? 1 : count;
}
