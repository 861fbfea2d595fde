/**
 * Creates the objects that every cluster starts with. They are the same in each: the first cluster of a process has them made by
 * its whole pipeline, later ones take those over with an identity and a time of their own.
 */
import { formatTime, type KubernetesObject } from '../../../../kubernetes/object';
import type { Client, ResourceName } from '../../client';
import type { Store } from '../../store';

export interface SeedContext {
  readonly client: Client;
  readonly store: Store;
  readonly newUid: () => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const made = new Map<string, KubernetesObject>();

/** @param object always the same for one name */
export function seed({ client, store, newUid, now }: SeedContext, collection: ResourceName, object: any): void {
  const { namespace, name } = object.metadata;
  const key = `${collection}/${namespace ?? ''}/${name}`;
  const known = made.get(key);
  if (!known) {
    made.set(key, client.create(collection, object));
    return;
  }
  const { resourceVersion: _, ...metadata } = known.metadata;
  const time = formatTime(now());
  store.put(collection, {
    ...known,
    metadata: {
      ...metadata,
      uid: newUid(),
      creationTimestamp: time,
      managedFields: metadata.managedFields?.map((entry) => ({ ...entry, time })),
    } as KubernetesObject['metadata'],
  });
}
