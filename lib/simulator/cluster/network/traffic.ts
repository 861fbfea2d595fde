/**
 * Steady requests on the virtual clock, and what became of each: the way to see that a rolling update drops none, or at
 * which hop it does.
 *
 * Example: 50 requests a second during a roll-out of 20 virtual seconds are 1,000 requests; `report().failed` says how
 * many of them ended where.
 */
import type { Timer } from '../../../clock';
import type { Simulation } from '../../simulation';
import type { Store } from '../store';
import type { Hop, NetworkFailureReason, NetworkRequest, NetworkResult } from './network';
import { explainFailure } from './traffic-explanation';

export interface TrafficOptions extends NetworkRequest {
  /** @default 10 */
  readonly perSecond?: number;
}

export interface FailedRequest {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly hop: Hop | 'answer';
  readonly reason: NetworkFailureReason | `HTTP ${number}`;
  readonly message: string;
  /** What the cluster did at that time that explains it, and what to do about it. */
  readonly why?: string;
  /** The way it took, up to where it ended. */
  readonly path: readonly string[];
}

export interface TrafficReport {
  readonly sent: number;
  /** Answered with a status below 500. */
  readonly answered: number;
  readonly failed: number;
  /** Answers by pod, `<namespace>/<name>`. */
  readonly byPod: Readonly<Record<string, number>>;
  /** Failures by `<hop>: <reason>`. */
  readonly byFailure: Readonly<Record<string, number>>;
  /** In sentences: what was answered, and where and why the others ended. */
  readonly summary: readonly string[];
  /** The first 100 failures. */
  readonly failures: readonly FailedRequest[];
}

export interface Traffic {
  report(): TrafficReport;
  stop(): TrafficReport;
}

const KEPT_FAILURES = 100;

/** Where requests are sent into: the cluster's network, or the public one in front of it. */
export interface TrafficNetwork {
  request(request: NetworkRequest): NetworkResult;
}

/** Sends requests until it is stopped. `settle()` does not wait for them. @param store where failures are explained from */
export function startTraffic(
  network: TrafficNetwork,
  simulation: Simulation,
  options: TrafficOptions,
  store?: Store,
): Traffic {
  const { perSecond = 10, ...request } = options;
  const { clock } = simulation;
  const failures: FailedRequest[] = [];
  const byPod: Record<string, number> = {};
  const byFailure: Record<string, number> = {};
  const byReason = new Map<string, number>();
  const startedAt = clock.now();
  let sent = 0;
  let failed = 0;
  let timer: Timer | undefined;

  const fail = (failure: Omit<FailedRequest, 'time'>) => {
    failed++;
    const key = `${failure.hop}: ${failure.reason}`;
    byFailure[key] = (byFailure[key] ?? 0) + 1;
    if (failures.length >= KEPT_FAILURES) return;
    const why = store && explainFailure(store, failure);
    const sentence = `at hop ${failure.hop}: ${why ?? failure.message}`;
    byReason.set(sentence, (byReason.get(sentence) ?? 0) + 1);
    failures.push({ time: clock.now(), ...failure, ...(why === undefined ? {} : { why }) });
  };
  const send = () => {
    sent++;
    const { response, failure, path } = network.request(request);
    if (failure) fail({ ...failure, path });
    else if (response!.status >= 500) {
      const { status, body } = response!;
      fail({ hop: 'answer', reason: `HTTP ${status}`, message: body.slice(0, 200), path });
    } else {
      const pod = /^pod (\S+)/.exec(path[path.length - 1] ?? '')?.[1] ?? 'unknown';
      byPod[pod] = (byPod[pod] ?? 0) + 1;
    }
    schedule();
  };
  // Counted from the start, so that rates that do not divide a second stay exact.
  const schedule = () => {
    const due = startedAt + ((sent + 1) * 1000) / perSecond;
    timer = clock.after(Math.max(0, due - clock.now()), send, { background: true });
  };
  schedule();

  const report = (): TrafficReport => ({
    sent,
    answered: sent - failed,
    failed,
    byPod: { ...byPod },
    byFailure: { ...byFailure },
    summary: [
      `${sent - failed} of ${sent} requests were answered`,
      ...[...byReason].map(([sentence, count]) => `${count} ended ${sentence}`),
    ],
    failures: [...failures],
  });
  return {
    report,
    stop() {
      timer?.cancel();
      return report();
    },
  };
}
