/**
 * What a fault is: something that strikes a running cluster, and that somebody may end again.
 * https://kubernetes.io/docs/concepts/workloads/pods/disruptions/
 */
import type { Simulation } from '../../simulation';
import type { ApiServer } from '../api-server/api-server';
import type { Client } from '../client';
import type { Kubelets } from '../kubelet/kubelets';
import type { Store } from '../store';

/** What faults may touch. */
export interface FaultWorld {
  readonly simulation: Simulation;
  readonly store: Store;
  readonly api: ApiServer;
  readonly kubelets: Kubelets;
  /** Acts as the one who operates the cluster. */
  readonly client: Client;
  /** Takes a machine away for good, with its Node object; inside AWS the instance is terminated. */
  terminateMachine(node: string): void;
}

export interface Fault {
  /** For people: `node n1 has crashed`. */
  readonly what: string;
  /** Puts right what can be put right. Ending twice is ending once. */
  end(): void;
}

/** A fault whose end runs once. */
export function fault(what: string, end: () => void = () => {}): Fault {
  let over = false;
  return {
    what,
    end() {
      if (over) return;
      over = true;
      end();
    },
  };
}

/** One fault made of several. */
export function together(what: string, faults: readonly Fault[]): Fault {
  return fault(what, () => {
    for (const each of faults) each.end();
  });
}
