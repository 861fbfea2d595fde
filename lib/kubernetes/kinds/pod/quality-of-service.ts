/**
 * The quality-of-service class of a Pod, from what its containers request and are limited to.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
 *
 * Guaranteed: every container has equal requests and limits of cpu and memory. BestEffort: none has any. Burstable: the rest.
 */
import { parseQuantity } from '../../quantity';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const COMPUTE = ['cpu', 'memory'] as const;

export function qosClassOf(spec: any): QosClass {
  const holders = spec.resources ? [spec] : [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  let requested = false;
  let guaranteed = true;
  for (const { resources } of holders) {
    for (const name of COMPUTE) {
      const request = amount(resources?.requests?.[name]);
      const limit = amount(resources?.limits?.[name]);
      if (request > 0n || limit > 0n) requested = true;
      if (limit <= 0n || (request > 0n && request !== limit)) guaranteed = false;
    }
  }
  if (!requested) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

const amount = (text: string | undefined): bigint => (text === undefined ? 0n : parseQuantity(text).nano);
