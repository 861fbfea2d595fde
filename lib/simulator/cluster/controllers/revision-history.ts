/**
 * ControllerRevisions: the templates that a StatefulSet or DaemonSet had, numbered, so that `kubectl rollout history` and
 * `undo` work for them as well.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/controller-revision-v1/
 */
import { semanticEqual } from '../../../kubernetes/equality';
import type { KubernetesObject } from '../../../kubernetes/object';
import { isAlreadyExists, isNotFound } from '../../../kubernetes/status-error';
import type { ControllerContext } from './controller';
import { claim, controllerReference, matcherOf } from './ownership';

export const REVISIONS = 'controllerrevisions.apps';
/** On pods: which revision they are of. */
export const REVISION_HASH = 'controller-revision-hash';

/** What a revision keeps: a patch that puts the template back. */
export function templatePatch(owner: KubernetesObject): object {
  return { spec: { template: { ...owner.spec.template, $patch: 'replace' } } };
}

/** The template that a revision kept. */
export function templateOf(revision: KubernetesObject): any {
  const { $patch: _patch, ...template } = revision.data.spec.template;
  return template;
}

/** Its revisions, oldest first. */
export function listRevisions({ store, client }: ControllerContext, owner: KubernetesObject): KubernetesObject[] {
  const matches = matcherOf(owner.spec.selector);
  const revisions = claim({ store, client, collection: REVISIONS, owner, matches });
  return revisions.sort((a, b) => a.revision - b.revision);
}

export interface RevisionName {
  readonly hash: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * The revision of the present template: the newest one, an older one that gets the next number (that is what undo comes
 * to), or a new one. Undefined when its name is taken by something else: then the hash has to change.
 */
export function currentRevision(
  context: ControllerContext,
  owner: KubernetesObject,
  revisions: readonly KubernetesObject[],
  { hash, labels }: RevisionName,
): KubernetesObject | undefined {
  const data = templatePatch(owner);
  const newest = revisions[revisions.length - 1];
  const equal = revisions.filter((revision) => semanticEqual(revision.data, data)).pop();
  if (equal && equal === newest) return equal;
  const revision = (newest?.revision ?? 0) + 1;
  if (equal) return context.client.update(REVISIONS, { ...equal, revision });
  const { namespace, name } = owner.metadata;
  try {
    return context.client.create(REVISIONS, {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name: `${name}-${hash}`,
        namespace,
        labels: { ...owner.spec.template.metadata?.labels, ...labels },
        ownerReferences: [controllerReference(owner)],
      },
      data,
      revision,
    });
  } catch (error) {
    if (isAlreadyExists(error)) return undefined;
    throw error;
  }
}

/** Deletes the oldest revisions beyond the limit that no pod and no status needs. */
export function truncateHistory(
  { client }: ControllerContext,
  owner: KubernetesObject,
  revisions: readonly KubernetesObject[],
  needed: ReadonlySet<string | undefined>,
): void {
  const free = revisions.filter(({ metadata }) => !needed.has(metadata.name));
  const surplus = free.length - (owner.spec.revisionHistoryLimit ?? 10);
  for (const { metadata } of surplus > 0 ? free.slice(0, surplus) : []) {
    try {
      client.delete(REVISIONS, metadata.namespace, metadata.name!);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** JSON as Go writes it: keys sorted, and what could hurt in HTML escaped. The text over which hashes are taken. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value)).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const record = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.keys(record)
      .sort()
      .map((key) => [key, sorted(record[key])]),
  );
}
