/**
 * A pod goes where its requests still fit, and rather where much is free (LeastAllocated).
 * https://kubernetes.io/docs/concepts/scheduling-eviction/resource-bin-packing/
 *
 * Limits and actual usage play no part: only requests count.
 */
import { MAX_NODE_SCORE, type Rejection, reject, rejectUnresolvable, type SchedulerPlugin } from '../framework';
import type { NodeInfo } from '../node-info';
import type { PodInfo } from '../pod-info';

const NAME = 'NodeResourcesFit';
const MAX_POINTS = MAX_NODE_SCORE;
const TOO_MANY_PODS = reject(NAME, 'Too many pods');
const known = new Map<string, Rejection>();

export const nodeResourcesFit: SchedulerPlugin = {
  name: NAME,
  weight: 1,
  requeueOn: ['NodeAdd', 'NodeUpdate', 'AssignedPodDelete', 'PodUpdate'],

  preFilter(pod) {
    return { filter: (node) => filter(pod, node) };
  },

  preScore(pod) {
    return { score: (node) => leastAllocated(pod, node) };
  },
};

function filter(pod: PodInfo, node: NodeInfo): Rejection | undefined {
  const { milliCpu, memory, ephemeralStorage, scalars } = pod.requests;
  if (
    node.pods.size < node.podLimit &&
    (milliCpu === 0 || milliCpu <= node.milliCpu - node.requestedCpu) &&
    (memory === 0 || memory <= node.memory - node.requestedMemory) &&
    (ephemeralStorage === 0 || ephemeralStorage <= node.ephemeralStorage - node.requestedEphemeralStorage) &&
    !scalars
  ) {
    return undefined;
  }
  return shortages(pod, node);
}

/** The slow path: everything that is short, in the order cpu, memory, ephemeral-storage, extended resources. */
function shortages({ requests }: PodInfo, node: NodeInfo): Rejection | undefined {
  const short: string[] = [];
  let impossible = false;
  const check = (name: string, wanted: number, offered: number, requested: number) => {
    if (wanted === 0 || wanted <= offered - requested) return;
    short.push(`Insufficient ${name}`);
    if (wanted > offered) impossible = true;
  };
  const tooMany = node.pods.size >= node.podLimit;
  check('cpu', requests.milliCpu, node.milliCpu, node.requestedCpu);
  check('memory', requests.memory, node.memory, node.requestedMemory);
  check('ephemeral-storage', requests.ephemeralStorage, node.ephemeralStorage, node.requestedEphemeralStorage);
  for (const [name, wanted] of requests.scalars ?? []) {
    check(name, wanted, node.scalars?.get(name) ?? 0, node.requestedScalars?.get(name) ?? 0);
  }
  if (!tooMany && short.length === 0) return undefined;
  if (tooMany && short.length === 0) return TOO_MANY_PODS;
  const reasons = tooMany ? [...TOO_MANY_PODS.reasons, ...short] : short;
  const key = `${impossible}|${reasons.join('|')}`;
  let rejection = known.get(key);
  if (!rejection) {
    rejection = impossible ? rejectUnresolvable(NAME, ...reasons) : reject(NAME, ...reasons);
    known.set(key, rejection);
  }
  return rejection;
}

/**
 * The mean share of CPU and memory that is free once the pod is there, in per cent.
 * Example: 4 cores with 1 requested, 8 GiB with 4 GiB requested, pod 1 core and 2 GiB: (50 + 25) / 2 = 37.
 */
function leastAllocated(pod: PodInfo, node: NodeInfo): number {
  const cpu = freeShare(node.milliCpu, node.scoreCpu + pod.scoreCpu);
  const memory = freeShare(node.memory, node.scoreMemory + pod.scoreMemory);
  if (node.milliCpu === 0 && node.memory === 0) return 0;
  if (node.milliCpu === 0) return memory;
  if (node.memory === 0) return cpu;
  return Math.floor((cpu + memory) / 2);
}

function freeShare(capacity: number, requested: number): number {
  if (capacity === 0 || requested > capacity) return 0;
  return Math.floor(((capacity - requested) * MAX_POINTS) / capacity);
}
