/**
 * What the API server itself writes into metadata, and what it does not let a client write.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
 */
import type { Draft } from '../../../kubernetes/kinds';
import { formatTime, type KubernetesObject } from '../../../kubernetes/object';
import { badRequest } from '../../../kubernetes/status-error';
import type { ServedResource } from './resources';
import type { ServerContext } from './server-context';

/** The namespace of the URL and the namespace of the object must be one; objects of the whole cluster lose theirs. */
export function checkNamespace(resource: ServedResource, draft: Draft, namespace: string): void {
  const { metadata } = draft;
  if (!metadata.namespace) {
    if (namespace !== '') metadata.namespace = namespace;
    return;
  }
  if (!resource.namespaced) delete metadata.namespace;
  else if (metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

/** The name of the URL and the name of the object must be one. */
export function checkName(draft: Draft, name: string): void {
  if (!draft.metadata.name) {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  if (draft.metadata.name !== name) {
    throw badRequest(`the name of the object (${draft.metadata.name}) does not match the name on the URL (${name})`);
  }
}

/** A new object gets its identity here, whatever the client says about it. */
export function fillSystemFields(server: ServerContext, draft: Draft): void {
  const { metadata } = draft;
  metadata.uid = server.random.uuid();
  metadata.creationTimestamp = formatTime(server.simulation.clock.now());
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
}

/** So often a generated name that is taken is replaced by another one. */
const NAME_ATTEMPTS = 8;

/**
 * `web-` becomes `web-x7k2p`. The prefix is cut so that the whole fits into 63 characters. An object with neither a name nor
 * a prefix stays nameless: validation says so, together with whatever else is wrong.
 */
export function nameObject(server: ServerContext, resource: ServedResource, draft: Draft, fallback?: string): void {
  const { metadata } = draft;
  if (metadata.name) return;
  if (metadata.generateName) {
    for (let attempt = 1; attempt <= NAME_ATTEMPTS; attempt++) {
      metadata.name = `${metadata.generateName.slice(0, 58)}${server.random.nameSuffix()}`;
      if (!server.store.get(resource.collection, metadata.namespace, metadata.name)) return;
    }
    return;
  }
  if (fallback !== undefined) metadata.name = fallback;
}

/** What an update leaves out of its metadata stays as it was; what nobody may change stays, too. */
export function keepSystemFields(next: Draft, old: KubernetesObject): void {
  const { metadata } = next;
  if (!metadata.uid) metadata.uid = old.metadata.uid;
  if (old.metadata.creationTimestamp) metadata.creationTimestamp = old.metadata.creationTimestamp;
  delete metadata.selfLink;
  if (old.metadata.deletionTimestamp) {
    metadata.deletionTimestamp = old.metadata.deletionTimestamp;
    if (old.metadata.deletionGracePeriodSeconds !== undefined) {
      metadata.deletionGracePeriodSeconds ??= old.metadata.deletionGracePeriodSeconds;
    }
  } else {
    delete metadata.deletionTimestamp;
    delete metadata.deletionGracePeriodSeconds;
  }
}

/** As the storage layer words it. */
export function uidPreconditionText(wanted: string, actual: string | undefined): string {
  return `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${actual ?? ''}`;
}
