/** Events as a test reads them: one flat record each, oldest first. */
import type { KubernetesObject } from '../kubernetes/object';
import type { Client } from '../simulator/cluster/client';

export interface EventLine {
  readonly type: 'Normal' | 'Warning';
  /** `Scheduled`, `SuccessfulCreate`, ... */
  readonly reason: string;
  /** Kind and name: `Pod/web-x7k2p`. */
  readonly about: string;
  readonly namespace: string;
  readonly message: string;
  readonly count: number;
  /** Milliseconds since 1970: when it was seen last. */
  readonly at: number;
}

export interface EventFilter {
  /** `Deployment/web`, or a kind alone. */
  readonly about?: string;
  readonly reason?: string;
  readonly namespace?: string;
}

export function eventLines(client: Client, filter: EventFilter = {}): EventLine[] {
  const events = client.list('events', filter.namespace === undefined ? {} : { namespace: filter.namespace });
  return events
    .map(lineOf)
    .filter(({ about, reason }) => isAbout(about, filter.about) && (filter.reason ?? reason) === reason)
    .sort((a, b) => a.at - b.at);
}

function isAbout(about: string, wanted: string | undefined): boolean {
  return wanted === undefined || about === wanted || about.startsWith(`${wanted}/`);
}

function lineOf(event: KubernetesObject): EventLine {
  const { involvedObject, metadata } = event;
  const at = event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? metadata.creationTimestamp;
  return {
    type: event.type,
    reason: event.reason ?? '',
    about: `${involvedObject?.kind}/${involvedObject?.name}`,
    namespace: metadata.namespace ?? '',
    message: event.message ?? '',
    count: event.series?.count ?? event.count ?? 1,
    at: Date.parse(at ?? ''),
  };
}
