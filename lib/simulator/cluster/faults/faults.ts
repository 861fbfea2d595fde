/**
 * The registry of faults: `cluster.faults.crashNode('n1')` strikes, `.end()` of what it returns puts it right.
 * https://kubernetes.io/docs/concepts/workloads/pods/disruptions/
 */
import { conflict, dropWatches, failApi, slowApi } from './api-faults';
import { crashContainer, killForMemory, loseImage, slowStart } from './container-faults';
import { drainNode } from './drain';
import type { Fault, FaultWorld } from './fault';
import { crashNode, loseZone, pauseKubelet, skewClock } from './node-faults';
import { interruptSpot } from './spot-interruption';
import { failAttach } from './volume-faults';

const registry = {
  crashNode,
  drainNode,
  pauseKubelet,
  loseZone,
  skewClock,
  interruptSpot,
  loseImage,
  crashContainer,
  killForMemory,
  slowStart,
  failApi,
  conflict,
  slowApi,
  dropWatches,
  failAttach,
} as const;

type Registry = typeof registry;
type Strike<F> = F extends (world: FaultWorld, ...args: infer Args) => Fault ? (...args: Args) => Fault : never;

/** Every fault as a method; each strikes at once. */
export type Faults = { readonly [Name in keyof Registry]: Strike<Registry[Name]> } & {
  /** What has struck and was not ended, oldest first. */
  readonly active: readonly Fault[];
  /** Ends everything that has struck. */
  endAll(): void;
};

export const faultNames = Object.keys(registry) as readonly (keyof Registry)[];

export function createFaults(world: FaultWorld): Faults {
  const struck = new Set<Fault>();
  const remember = (fault: Fault): Fault => {
    const remembered: Fault = {
      what: fault.what,
      end() {
        struck.delete(remembered);
        fault.end();
      },
    };
    struck.add(remembered);
    return remembered;
  };
  const methods = faultNames.map((name) => {
    const strike = registry[name] as (world: FaultWorld, ...args: readonly unknown[]) => Fault;
    return [name, (...args: readonly unknown[]) => remember(strike(world, ...args))];
  });
  return {
    ...(Object.fromEntries(methods) as Omit<Faults, 'active' | 'endAll'>),
    get active() {
      return [...struck];
    },
    endAll() {
      for (const fault of [...struck]) fault.end();
    },
  };
}
