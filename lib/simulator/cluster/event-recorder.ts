/**
 * Writes Events: what `kubectl describe` and `kubectl get events` show of the work of a component.
 * https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
 *
 * As in client-go's recorder, three rules keep one busy object from flooding the cluster:
 * - *count*: the same event again only raises `count` and `lastTimestamp` of the first;
 * - *combine*: from the 10th different message of one reason about one object within 10 minutes on, the messages become
 *   one event, `(combined from similar events): <the latest>`;
 * - *spam filter*: one object gets a burst of 25 events, then one every 5 minutes.
 *
 * Left out: recorders of the new kind (`events.k8s.io` series), which count with `series` in place of `count`.
 */
import type { Clock } from '../../clock';
import { formatMicroTime, formatTime, type KubernetesObject } from '../../kubernetes/object';
import { isAlreadyExists, isNotFound, StatusError } from '../../kubernetes/status-error';
import type { Random } from '../random';
import type { Client } from './client';

const COMBINE_FROM = 10;
const COMBINE_WINDOW_MS = 600_000;
const SPAM_BURST = 25;
const SPAM_REFILL_MS = 300_000;
/** How many objects and events a recorder remembers. */
const MEMORY = 4096;
const COMBINED_PREFIX = '(combined from similar events): ';

export type EventSeverity = 'Normal' | 'Warning';

/** The object that an event is about. Any stored object will do. */
export type Involved = Pick<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'> & {
  /** The part it is about, e.g. `spec.containers{nginx}`. */
  readonly fieldPath?: string;
};

export interface EventRecorder {
  /**
   * @param reason one CamelCase word for machines
   * @param message one sentence for people
   * @param host where it was seen, for a recorder that several nodes share. @default the recorder's own host
   */
  event(involved: Involved, type: EventSeverity, reason: string, message: string, host?: string): void;
}

export interface EventRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /** Who reports, e.g. `replicaset-controller`. */
  readonly component: string;
  /** Where it runs, for components of a node. */
  readonly host?: string;
  /**
   * The reporter uses the events.k8s.io API (as the scheduler does): `eventTime`, `action` and `reportingInstance` are set,
   * `source` and `count` are not.
   */
  readonly action?: string;
}

interface Observation {
  readonly name: string;
  readonly firstTimestamp: string;
  count: number;
}

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, clock, component } = options;
  const random = options.random.fork(`events/${component}/${options.host ?? ''}`);
  const observed = new RecentMap<Observation>(MEMORY);
  const similar = new RecentMap<{ readonly messages: Set<string>; last: number }>(MEMORY);
  const budgets = new RecentMap<{ tokens: number; last: number }>(MEMORY);

  /** The message to show, and the key under which equal events are counted. */
  const combine = (about: string, message: string): { message: string; key: string } => {
    const now = clock.now();
    let record = similar.get(about);
    if (!record || now - record.last > COMBINE_WINDOW_MS) record = { messages: new Set(), last: now };
    record.messages.add(message);
    record.last = now;
    similar.set(about, record);
    if (record.messages.size < COMBINE_FROM) return { message, key: `${about}|${message}` };
    const [oldest] = record.messages;
    record.messages.delete(oldest!);
    return { message: COMBINED_PREFIX + message, key: about };
  };

  const isSpam = (subject: string): boolean => {
    const now = clock.now();
    const budget = budgets.get(subject) ?? { tokens: SPAM_BURST, last: now };
    budget.tokens = Math.min(SPAM_BURST, budget.tokens + (now - budget.last) / SPAM_REFILL_MS);
    budget.last = now;
    budgets.set(subject, budget);
    if (budget.tokens < 1) return true;
    budget.tokens--;
    return false;
  };

  /** `web-1.18b2f4c8d1e0a300`: the object's name and the nanosecond. */
  const eventName = (involvedName: string) => {
    const nanoseconds = BigInt(clock.now()) * 1_000_000n + BigInt(random.int(1_000_000));
    return `${involvedName}.${nanoseconds.toString(16)}`;
  };

  const create = (involved: Involved, fields: Record<string, unknown>): string => {
    const namespace = involved.metadata.namespace ?? 'default';
    const name = eventName(involved.metadata.name!);
    const event = { apiVersion: 'v1', kind: 'Event', metadata: { name, namespace }, ...fields };
    try {
      client.create('events', event);
    } catch (error) {
      if (isAlreadyExists(error)) return create(involved, fields);
      throw error;
    }
    return name;
  };

  const record = (
    involved: Involved,
    type: EventSeverity,
    reason: string,
    original: string,
    host = options.host,
  ): void => {
    const { uid, name, namespace, resourceVersion } = involved.metadata;
    const subject = `${involved.apiVersion}|${involved.kind}|${namespace ?? ''}|${name}|${uid}`;
    const { message, key } = combine(`${subject}|${involved.fieldPath ?? ''}|${type}|${reason}`, original);
    const now = formatTime(clock.now());
    const before = observed.get(key);
    const observation: Observation = before ?? { name: '', firstTimestamp: now, count: 0 };
    observation.count++;
    if (isSpam(subject)) return;
    if (before && before.name !== '') {
      const patch = { count: observation.count, lastTimestamp: now, message };
      try {
        client.patch('events', namespace ?? 'default', before.name, 'strategic', patch);
        return;
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    const { apiVersion, kind, fieldPath } = involved;
    const created = create(involved, {
      involvedObject: {
        kind,
        ...(namespace === undefined ? {} : { namespace }),
        name,
        uid,
        apiVersion,
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        ...(fieldPath === undefined ? {} : { fieldPath }),
      },
      reason,
      message,
      type,
      reportingComponent: component,
      ...(options.action === undefined
        ? {
            source: { component, ...(host === undefined ? {} : { host }) },
            firstTimestamp: observation.firstTimestamp,
            lastTimestamp: now,
            count: observation.count,
            eventTime: null,
            reportingInstance: host ?? '',
          }
        : {
            source: {},
            firstTimestamp: null,
            lastTimestamp: null,
            eventTime: formatMicroTime(clock.now()),
            action: options.action,
            reportingInstance: `${component}-${host ?? 'control-plane'}`,
          }),
    });
    observed.set(key, { ...observation, name: created });
  };

  return {
    event(involved, type, reason, message, host) {
      try {
        record(involved, type, reason, message, host);
      } catch (error) {
        // Events are best effort: one that is refused (its namespace is being deleted, say) is lost.
        if (!(error instanceof StatusError)) throw error;
      }
    },
  };
}

/** A map that forgets what was not used for longest. */
class RecentMap<V> {
  private readonly entries = new Map<string, V>();

  constructor(private readonly limit: number) {}

  get(key: string): V | undefined {
    return this.entries.get(key);
  }

  set(key: string, value: V): void {
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size > this.limit) {
      const [oldest] = this.entries.keys();
      this.entries.delete(oldest!);
    }
  }
}
