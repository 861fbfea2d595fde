/** The registry of checkers: what always holds, whatever strikes. */
import { acknowledgedWrites } from './acknowledged-writes';
import type { CheckerFactory } from './checker';
import { disruptionBudgets } from './disruption-budgets';
import { garbage } from './garbage';
import { nodeCapacity } from './node-capacity';
import { podAddresses } from './pod-addresses';
import { readyEndpoints } from './ready-endpoints';
import { watchOrder } from './watch-order';

export const checkers: Readonly<Record<string, CheckerFactory>> = {
  'disruption budgets': disruptionBudgets,
  'node capacity': nodeCapacity,
  'pod addresses': podAddresses,
  'ready endpoints': readyEndpoints,
  garbage,
  'acknowledged writes': acknowledgedWrites,
  'watch order': watchOrder,
};
