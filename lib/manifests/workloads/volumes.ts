/**
 * What can be mounted: a construct that holds data (ConfigMap, Secret, claim), the source of a volume as the wire has it, or the
 * name of a volume that the Pod has already. A mount brings its volume along; the same source in two containers is one volume.
 * https://kubernetes.io/docs/concepts/storage/volumes/
 */
import type * as corev1 from '../../kubernetes/types/core-v1.generated';
import type { AtMostOne } from '../../kubernetes/types/shapes';
import { UserError } from '../../kubernetes/user-error';

/** Omit that keeps a union a union. */
type WithoutName<T> = T extends unknown ? Omit<T, 'name'> : never;

/** A volume without its name: `{ emptyDir: {} }`, `{ hostPath: { path: '/var/log' } }`. */
export type VolumeSource = WithoutName<corev1.Volume>;

/** Anything that knows which volume holds its data. */
export interface Storage {
  asVolume(): corev1.Volume;
}

/** A string is the name of a volume, or of a claim template of a StatefulSet. */
export type Mountable = string | Storage | VolumeSource;

/** A mount with more to say than where: `{ volume: settings, subPath: 'app.conf', readOnly: true }`. */
export type MountOptions = Omit<corev1.VolumeMount, 'name' | 'mountPath'> & { volume: Mountable };

/** What stands at which path of a container. */
export type Mounts = Readonly<Record<string, Mountable | MountOptions>>;

/** The sources of several volumes by name, or volumes as the wire has them. */
export type Volumes = readonly corev1.Volume[] | Readonly<Record<string, VolumeSource>>;

export function listVolumes(volumes: Volumes): corev1.Volume[] {
  if (isList(volumes)) return [...volumes];
  return Object.entries(volumes).map(([name, source]) => ({ name, ...source }) as corev1.Volume);
}

/** The mount, and its volume in the Pod. */
export function mountOf(pod: corev1.PodSpec, mountPath: string, what: Mountable | MountOptions): corev1.VolumeMount {
  if (!isOptions(what)) return { name: volumeName(pod, mountPath, what), mountPath };
  const { volume, ...options } = what;
  return { name: volumeName(pod, mountPath, volume), mountPath, ...options };
}

const isList = (volumes: Volumes): volumes is readonly corev1.Volume[] => Array.isArray(volumes);
const isOptions = (what: Mountable | MountOptions): what is MountOptions =>
  typeof what === 'object' && 'volume' in what;
const isStorage = (what: Mountable): what is Storage => typeof what === 'object' && 'asVolume' in what;

function volumeName(pod: corev1.PodSpec, mountPath: string, what: Mountable): string {
  if (typeof what === 'string') return what;
  const wanted = isStorage(what) ? what.asVolume() : ({ name: nameFor(mountPath, what), ...what } as corev1.Volume);
  pod.volumes ??= [];
  for (let count = 1; ; count++) {
    const name = count === 1 ? wanted.name : `${wanted.name}-${count}`;
    const taken = pod.volumes.find((volume) => volume.name === name);
    if (taken === undefined) {
      pod.volumes.push({ ...wanted, name });
      return name;
    }
    // An emptyDir is a directory of its own, wherever it is written out; everything else is one place by whatever path.
    if (!('emptyDir' in wanted) && sameSource(taken, wanted)) return name;
  }
}

const sameSource = (a: corev1.Volume, b: corev1.Volume) =>
  JSON.stringify({ ...a, name: '' }) === JSON.stringify({ ...b, name: '' });

/** What the source is called, else its path: `/var/cache/nginx` becomes `var-cache-nginx`. */
function nameFor(mountPath: string, source: AtMostOne<Record<never, never>>): string {
  const { persistentVolumeClaim, configMap, secret } = source as Partial<Record<string, Record<string, string>>>;
  const known = persistentVolumeClaim?.claimName ?? configMap?.name ?? secret?.secretName;
  const name = volumeNameOf(known ?? mountPath);
  if (name !== '') return name;
  throw new UserError(
    'VolumeWithoutName',
    `no name for the volume at "${mountPath}" can be made from its path`,
    'Put the volume into `volumes` under a name, and mount that name.',
  );
}

/** A DNS label of at most 63 characters, as the names of volumes must be. */
export const volumeNameOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 64)
    .replaceAll(/^-|-$/g, '')
    .slice(0, 63);
