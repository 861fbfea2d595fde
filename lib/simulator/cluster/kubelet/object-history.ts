/**
 * How ConfigMaps and Secrets were a moment ago. A kubelet brings what it has mounted up to date when it synchronizes the pod, once
 * a minute; until then containers see the files of before.
 * https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import type { ChangeFeed } from '../change-feed';
import type { ClusterContext } from '../context';

export const SYNC_PERIOD_MS = 60_000;

interface Version {
  readonly object: KubernetesObject | undefined;
  /** When something else took its place. */
  readonly until: number;
}

export class ObjectHistory {
  private readonly versions = new Map<string, Version[]>();

  constructor(private readonly context: ClusterContext) {}

  /** Remembers what changes in these collections. */
  follow(feed: ChangeFeed, ...collections: readonly string[]): void {
    for (const collection of collections) {
      feed.follow(collection, (object, previous) => {
        const { namespace, name } = (object ?? previous)!.metadata;
        this.remember(keyOf(collection, namespace, name!), previous);
      });
    }
  }

  /** The object as it was at a time within the last period. */
  at(collection: string, namespace: string | undefined, name: string, time: number): KubernetesObject | undefined {
    const version = this.versions.get(keyOf(collection, namespace, name))?.find(({ until }) => until > time);
    return version ? version.object : this.context.store.get(collection, namespace, name);
  }

  private remember(key: string, object: KubernetesObject | undefined): void {
    const now = this.context.simulation.clock.now();
    const kept = (this.versions.get(key) ?? []).filter(({ until }) => until > now - SYNC_PERIOD_MS);
    this.versions.set(key, [...kept, { object, until: now }]);
    this.context.simulation.clock.after(SYNC_PERIOD_MS, () => this.forget(key), { background: true });
  }

  private forget(key: string): void {
    const now = this.context.simulation.clock.now();
    const kept = (this.versions.get(key) ?? []).filter(({ until }) => until > now - SYNC_PERIOD_MS);
    if (kept.length > 0) this.versions.set(key, kept);
    else this.versions.delete(key);
  }
}

const keyOf = (collection: string, namespace: string | undefined, name: string) =>
  `${collection}/${namespace ?? ''}/${name}`;
