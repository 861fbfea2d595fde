/** The faults of a storm: each strikes something at random, and most end by themselves after a while. */
import { UserError } from '../../../kubernetes/user-error';
import type { Random } from '../../random';
import type { Fault } from '../faults/fault';
import type { Faults } from '../faults/faults';
import { NAMESPACE, type StormWorld } from './storm-world';

interface Strike {
  strike(faults: Faults, world: StormWorld, random: Random): Fault | undefined;
  /** Whether it comes between the API server and its clients, so that nothing can be said about delays. */
  readonly isOfApi?: boolean;
}

const CLIENTS = [
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'deployment-controller',
  'replicaset-controller',
];

const registry = {
  crashNode: onNode((faults, node) => faults.crashNode(node)),
  pauseKubelet: onNode((faults, node) => faults.pauseKubelet(node)),
  drainNode: onNode((faults, node) => faults.drainNode(node)),
  interruptSpot: onNode((faults, node, world) =>
    world.cluster.store.count('nodes') > 3 ? faults.interruptSpot(node) : undefined,
  ),
  skewClock: onNode((faults, node, _world, random) => faults.skewClock(node, (random.int(600) - 300) * 1000)),
  loseZone: {
    strike: (faults, _world, random) => faults.loseZone(`eu-west-1${random.pick(['a', 'b', 'c'])}`),
  },
  loseImage: { strike: (faults, _world, random) => faults.loseImage(random.pick(['nginx', 'busybox'])) },
  slowStart: { strike: (faults, _world, random) => faults.slowStart('nginx', (1 + random.int(30)) * 1000) },
  crashContainer: onPod((faults, pod, random) =>
    faults.crashContainer(pod, { namespace: NAMESPACE, exitCode: random.pick([0, 1, 2]) }),
  ),
  killForMemory: onPod((faults, pod) => faults.killForMemory(pod, { namespace: NAMESPACE })),
  failAttach: { strike: (faults) => faults.failAttach() },
  failApi: {
    isOfApi: true,
    strike: (faults, _world, random) =>
      faults.failApi({
        clients: [random.pick(CLIENTS)],
        rate: random.pick([0.1, 0.5, 1]),
        code: random.pick([500, 503, 429] as const),
      }),
  },
  conflict: {
    isOfApi: true,
    strike: (faults, _world, random) =>
      faults.conflict({ clients: [random.pick(CLIENTS)], rate: random.pick([0.2, 0.8]) }),
  },
  slowApi: {
    isOfApi: true,
    strike: (faults, _world, random) => faults.slowApi(1 + random.int(8_000), { clients: [random.pick(CLIENTS)] }),
  },
  dropWatches: {
    isOfApi: true,
    strike: (faults, _world, random) => faults.dropWatches({ downFor: 1 + random.int(20_000) }),
  },
} as const satisfies Record<string, Strike>;

export type StrikeName = keyof typeof registry;
export const strikeNames = Object.keys(registry) as readonly StrikeName[];
export const isStrike = (name: string): name is StrikeName => Object.hasOwn(registry, name);

const LONGEST_MS = 360_000;

/** @returns what struck, in words; undefined when there was nothing to strike */
export function strike(name: StrikeName, world: StormWorld, random: Random): string | undefined {
  const { clock } = world.simulation;
  const chosen: Strike = registry[name];
  let fault: Fault | undefined;
  try {
    fault = chosen.strike(world.cluster.faults!, world, random);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return undefined;
  }
  if (!fault) return undefined;
  const struck = fault;
  world.faults.set(struck, { isOfApi: chosen.isOfApi ?? false });
  if (chosen.isOfApi) world.calmSince = undefined;
  clock.after(random.int(LONGEST_MS), () => endFault(world, struck), { background: true });
  return struck.what;
}

export function endFault(world: StormWorld, fault: Fault): void {
  if (!world.faults.delete(fault)) return;
  fault.end();
  const isCalm = ![...world.faults.values()].some(({ isOfApi }) => isOfApi);
  if (isCalm) world.calmSince ??= world.simulation.clock.now();
}

function onNode(act: (faults: Faults, node: string, world: StormWorld, random: Random) => Fault | undefined): Strike {
  return {
    strike(faults, world, random) {
      const nodes = world.client.list('nodes').map(({ metadata }) => metadata.name!);
      const up = nodes.filter((node) => world.cluster.kubelets!.has(node));
      return up.length === 0 ? undefined : act(faults, random.pick(up), world, random);
    },
  };
}

function onPod(act: (faults: Faults, pod: string, random: Random) => Fault): Strike {
  return {
    strike(faults, world, random) {
      const pods = world.client.list('pods', { namespace: NAMESPACE });
      return pods.length === 0 ? undefined : act(faults, random.pick(pods).metadata.name!, random);
    },
  };
}
