/**
 * Where volumes come from: the seam between the cluster and whoever makes real (or simulated) disks.
 * https://kubernetes.io/docs/concepts/storage/dynamic-provisioning/
 *
 * A cluster inside a simulated AWS account gets a provisioner that makes EBS volumes there; a bare cluster makes up its own
 * with {@link simulatedDisks}.
 */
import type { KubernetesObject } from '../../kubernetes/object';
import type { Simulation } from '../simulation';

export interface VolumeRequest {
  /** The name of the PersistentVolume to be, `pvc-<uid of the claim>`. */
  readonly name: string;
  readonly claim: KubernetesObject;
  readonly storageClass: KubernetesObject;
  readonly bytes: number;
  /** Where the pod that needs it will run; absent when nobody has said yet. */
  readonly zone?: string;
}

export interface ProvisionedVolume {
  /** What the driver calls it, e.g. `vol-0f1e2d3c4b5a69788`. */
  readonly handle: string;
  readonly bytes: number;
  /** The only zone in which it can be used; absent when it can be used everywhere. */
  readonly zone?: string;
}

/** Where a volume is wanted. */
export interface VolumeLocation {
  readonly handle: string;
  readonly nodeName: string;
  /** Of the node, e.g. `aws:///eu-west-1a/i-0f1e2d3c4b5a69788`; absent when the node is gone. */
  readonly providerId: string | undefined;
}

/** Everything takes time, so answers come through callbacks; an Error says why not. */
export interface VolumeProvisioner {
  create(request: VolumeRequest, done: (result: ProvisionedVolume | Error) => void): void;
  delete(handle: string, done: (error?: Error) => void): void;
  attach(location: VolumeLocation, done: (error?: Error) => void): void;
  /** Succeeds when it is not attached. */
  detach(location: VolumeLocation, done: (error?: Error) => void): void;
}

/** The name of the EBS driver, and the older one of the plugin it took over from. */
export const EBS_DRIVER = 'ebs.csi.aws.com';
export const EBS_IN_TREE = 'kubernetes.io/aws-ebs';

const CREATE_MS = 2_000;
const DELETE_MS = 1_000;
export const ATTACH_MS = 1_500;
export const DETACH_MS = 1_500;
const GIB = 1024 ** 3;

/** Disks of a cluster that stands alone: whole GiB, made in two seconds, bound to one zone like EBS volumes. */
export function simulatedDisks(simulation: Simulation): VolumeProvisioner {
  const random = simulation.random.fork('volumes');
  return {
    create({ bytes, zone }, done) {
      const handle = `vol-0${random.hex(16)}`;
      const volume = { handle, bytes: Math.ceil(bytes / GIB) * GIB, ...(zone === undefined ? {} : { zone }) };
      simulation.clock.after(CREATE_MS, () => done(volume));
    },
    delete(_handle, done) {
      simulation.clock.after(DELETE_MS, () => done());
    },
    attach(_location, done) {
      simulation.clock.after(ATTACH_MS, () => done());
    },
    detach(_location, done) {
      simulation.clock.after(DETACH_MS, () => done());
    },
  };
}
