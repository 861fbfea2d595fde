/**
 * Volumes that cannot be attached: the attach limit of an instance is reached, or the volume hangs on another one.
 * https://docs.aws.amazon.com/ebs/latest/userguide/ebs-attaching-volume.html
 */
import { type Fault, type FaultWorld, fault } from './fault';

export interface AttachFailureOptions {
  /** @default every node */
  readonly node?: string;
}

/** Persistent volumes cannot be attached for Pods that start from now on. */
export function failAttach({ kubelets }: FaultWorld, { node }: AttachFailureOptions = {}): Fault {
  kubelets.failAttach(node, true);
  return fault(`volumes cannot be attached${node === undefined ? '' : ` to ${node}`}`, () =>
    kubelets.failAttach(node, false),
  );
}
