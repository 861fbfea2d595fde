/** What all kubelets of a cluster share. */
import type { Random } from '../../random';
import type { Client } from '../client';
import type { ClusterContext } from '../context';
import type { EventRecorder } from '../event-recorder';
import type { ImageRegistry } from '../images/image-registry';
import type { Network } from '../network/network';
import type { KubeletLatencies } from './latencies';
import type { VolumeSources } from './volume-sources';

export interface KubeletServices {
  readonly context: ClusterContext;
  readonly client: Client;
  readonly events: EventRecorder;
  readonly images: ImageRegistry;
  readonly network: Network;
  readonly volumes: VolumeSources;
  readonly latencies: KubeletLatencies;
  readonly random: Random;
}

/** A step's duration with its share of chance, in whole milliseconds. */
export function latencyOf({ latencies, random }: KubeletServices, duration: number): number {
  const { jitter } = latencies;
  return jitter === 0 ? duration : Math.round(duration * (1 - jitter + 2 * jitter * random.fraction()));
}
