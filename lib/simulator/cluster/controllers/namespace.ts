/**
 * Namespace life cycle: a namespace that is deleted takes everything in it along, pods first, and goes when it is empty.
 * https://kubernetes.io/docs/tasks/administer-cluster/namespaces/#deleting-a-namespace
 *
 * While something is left (a pod in its grace period, an object with a finalizer) the conditions of its status say what,
 * and the controller looks again after half the time it expects that to take.
 */
import { semanticEqual } from '../../../kubernetes/equality';
import { type Condition, formatTime, isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import { isNotFound, StatusError } from '../../../kubernetes/status-error';
import { withCondition } from './conditions';
import type { Controller, ControllerContext, ControllerDefinition, Requeue } from './controller';
import { deletableResources, type ServedCollection } from './served-collections';

/** How long something with a finalizer is expected to take. */
const FINALIZER_SECONDS = 15;

export const namespaceController: ControllerDefinition = {
  name: 'namespace-controller',
  serviceAccount: 'namespace-controller',
  create: createNamespaceController,
};

interface Remaining {
  /** `configmaps.` and `deployments.apps` -> how many. */
  readonly resources: Map<string, number>;
  readonly finalizers: Map<string, number>;
  readonly failures: string[];
  estimateSeconds: number;
}

function createNamespaceController(context: ControllerContext): Controller {
  const { store, client } = context;
  const { clock } = context.simulation;

  function reconcile(name: string): Requeue | undefined {
    const namespace = store.get('namespaces', undefined, name);
    if (!namespace || !isTerminating(namespace) || !namespace.spec?.finalizers?.length) return undefined;
    const remaining = deleteContent(name);
    const updated = reportProgress(namespace, remaining);
    if (remaining.resources.size > 0) return { afterMs: (remaining.estimateSeconds / 2 + 1) * 1000 };
    finalize(updated);
    return undefined;
  }

  /** Deletes all pods; and when there are none left, everything else. */
  function deleteContent(namespace: string): Remaining {
    const remaining: Remaining = { resources: new Map(), finalizers: new Map(), failures: [], estimateSeconds: 0 };
    const served = deletableResources(context).filter(({ namespaced }) => namespaced);
    const pods = served.filter(({ collection }) => collection === 'pods');
    for (const each of pods) deleteAll(namespace, each, remaining);
    if (remaining.resources.size > 0) return remaining;
    for (const each of [...served, EVENTS]) deleteAll(namespace, each, remaining);
    return remaining;
  }

  function deleteAll(namespace: string, served: ServedCollection, remaining: Remaining): void {
    const { collection, resource, group } = served;
    for (const object of [...store.list(collection, namespace)]) {
      if (isTerminating(object)) continue;
      try {
        client.delete(collection, namespace, object.metadata.name!, { propagationPolicy: 'Background' });
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        if (!isNotFound(error)) remaining.failures.push(error.message);
      }
    }
    const left = [...store.list(collection, namespace)];
    if (left.length === 0) return;
    remaining.resources.set(`${resource}.${group}`, left.length);
    const isPods = collection === 'pods';
    for (const { metadata } of left) {
      for (const finalizer of metadata.finalizers ?? []) {
        remaining.finalizers.set(finalizer, (remaining.finalizers.get(finalizer) ?? 0) + 1);
      }
      const seconds = isPods ? (metadata.deletionGracePeriodSeconds ?? 0) : FINALIZER_SECONDS;
      remaining.estimateSeconds = Math.max(remaining.estimateSeconds, seconds);
    }
  }

  function reportProgress(namespace: KubernetesObject, remaining: Remaining): KubernetesObject {
    const now = formatTime(clock.now());
    let conditions: Condition[] = namespace.status?.conditions ?? [];
    for (const condition of conditionsOf(remaining)) conditions = replaceCondition(conditions, condition, now);
    const status = { ...namespace.status, phase: 'Terminating', conditions };
    if (semanticEqual(status, namespace.status)) return namespace;
    return client.updateStatus('namespaces', { ...namespace, status });
  }

  /** Takes the finalizer out of the spec: now the namespace may go. */
  function finalize(namespace: KubernetesObject): void {
    const finalizers = namespace.spec.finalizers.filter((finalizer: string) => finalizer !== 'kubernetes');
    const next = { ...namespace, spec: { ...namespace.spec, finalizers } };
    client.update('namespaces', next, { subresource: 'finalize' });
  }

  return {
    watches: [
      {
        collection: 'namespaces',
        names: ({ type, object }) => (type !== 'DELETED' && isTerminating(object) ? [object.metadata.name!] : []),
      },
    ],
    reconcile,
  };
}

const EVENTS: ServedCollection = {
  collection: 'events',
  group: '',
  resource: 'events',
  kind: 'Event',
  namespaced: true,
};

/** True means trouble; all five are always there. */
function conditionsOf({ resources, finalizers, failures }: Remaining) {
  const list = (counts: Map<string, number>, text: (name: string, count: number) => string) =>
    [...counts]
      .map(([name, count]) => text(name, count))
      .sort()
      .join(', ');
  const condition = (type: string, trouble: string | undefined, reasons: [string, string, string]) => ({
    type,
    status: trouble === undefined ? ('False' as const) : ('True' as const),
    reason: trouble === undefined ? reasons[0] : reasons[2],
    message: trouble ?? reasons[1],
  });
  const content = list(resources, (name, count) => `${name} has ${count} resource instances`);
  const held = list(finalizers, (name, count) => `${name} in ${count} resource instances`);
  const failed = failures.length === 0 ? undefined : failures.sort().join(', ');
  return [
    condition('NamespaceDeletionDiscoveryFailure', undefined, [
      'ResourcesDiscovered',
      'All resources successfully discovered',
      'DiscoveryFailed',
    ]),
    condition('NamespaceDeletionGroupVersionParsingFailure', undefined, [
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
      'GroupVersionParsingFailed',
    ]),
    condition(
      'NamespaceDeletionContentFailure',
      failed && `Failed to delete all resource types, ${failures.length} remaining: ${failed}`,
      ['ContentDeleted', 'All content successfully deleted, may be waiting on finalization', 'ContentDeletionFailed'],
    ),
    condition('NamespaceContentRemaining', content === '' ? undefined : `Some resources are remaining: ${content}`, [
      'ContentRemoved',
      'All content successfully removed',
      'SomeResourcesRemain',
    ]),
    condition(
      'NamespaceFinalizersRemaining',
      held === '' ? undefined : `Some content in the namespace has finalizers remaining: ${held}`,
      ['ContentHasNoFinalizers', 'All content-preserving finalizers finished', 'SomeFinalizersRemain'],
    ),
  ];
}

/** In its place, so that the five keep their order. */
function replaceCondition(
  conditions: readonly Condition[],
  condition: ReturnType<typeof conditionsOf>[number],
  now: string,
): Condition[] {
  const at = conditions.findIndex(({ type }) => type === condition.type);
  const next = withCondition(conditions, condition, now).at(-1)!;
  return at < 0 ? [...conditions, next] : conditions.map((each, i) => (i === at ? next : each));
}
