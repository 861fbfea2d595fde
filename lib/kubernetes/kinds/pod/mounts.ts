/**
 * What a container mounts of the volumes of its Pod, and which it sees as raw devices.
 * https://kubernetes.io/docs/concepts/storage/volumes/
 */
import type { ErrorList, Path } from '../../field-errors';
import { oneOf, requirePresent } from '../../validation/checks';
import { validateDescendingPath } from '../../validation/paths';
import type { Volumes } from './volumes';

export function validateMounts(container: any, volumes: Volumes, path: Path, errors: ErrorList): void {
  const mounts: any[] | undefined = container.volumeMounts;
  const devices: any[] | undefined = container.volumeDevices;
  if (mounts?.length) {
    const at = path.child('volumeMounts');
    const paths = new Set<string>();
    mounts.forEach((mount, i) => {
      validateMount(mount, at.index(i), errors, { volumes, paths, devices });
      validateSubPaths(mount, at, at.index(i), errors);
      validatePropagation(mount, container, at, errors);
    });
  }
  if (devices?.length) validateDevices(devices, mounts ?? [], volumes, path.child('volumeDevices'), errors);
}

interface MountContext {
  readonly volumes: Volumes;
  /** Mount paths so far. */
  readonly paths: Set<string>;
  readonly devices: any[] | undefined;
}

function validateMount(mount: any, path: Path, errors: ErrorList, { volumes, paths, devices }: MountContext): void {
  const { name = '', mountPath = '' } = mount;
  requirePresent(name, path.child('name'), errors);
  const volume = volumes.get(name);
  if (!volume) errors.notFound(path.child('name'), name);
  requirePresent(mountPath, path.child('mountPath'), errors);
  if (paths.has(mountPath)) errors.invalid(path.child('mountPath'), mountPath, 'must be unique');
  paths.add(mountPath);
  if (devices?.some((device) => device.name === name)) {
    errors.invalid(path.child('name'), name, 'must not already exist in volumeDevices');
  }
  if (devices?.some((device) => device.devicePath === mountPath)) {
    errors.invalid(path.child('mountPath'), mountPath, 'must not already exist as a path in volumeDevices');
  }
}

/** The paths of these messages lack the index of the mount; so they do in the real server. */
function validateSubPaths({ subPath, subPathExpr }: any, list: Path, own: Path, errors: ErrorList): void {
  if (subPath) validateDescendingPath(subPath, list.child('subPath'), errors);
  if (!subPathExpr) return;
  if (subPath) {
    errors.invalid(own.child('subPathExpr'), subPathExpr, 'subPathExpr and subPath are mutually exclusive');
  }
  validateDescendingPath(subPathExpr, list.child('subPathExpr'), errors);
}

function validatePropagation(mount: any, container: any, list: Path, errors: ErrorList): void {
  const { mountPropagation, recursiveReadOnly, readOnly } = mount;
  if (mountPropagation !== undefined) {
    const at = list.child('mountPropagation');
    oneOf(mountPropagation, ['Bidirectional', 'HostToContainer', 'None'], at, errors);
    if (mountPropagation === 'Bidirectional' && !container.securityContext?.privileged) {
      errors.forbidden(at, 'Bidirectional mount propagation is available only to privileged containers');
    }
  }
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return;
  const at = list.child('recursiveReadOnly');
  if (recursiveReadOnly !== 'Enabled' && recursiveReadOnly !== 'IfPossible') {
    oneOf(recursiveReadOnly, ['Disabled', 'Enabled', 'IfPossible'], at, errors);
    return;
  }
  if (!readOnly) errors.forbidden(at, 'may only be specified when readOnly is true');
  if (mountPropagation !== undefined && mountPropagation !== 'None') {
    errors.forbidden(at, 'may only be specified when mountPropagation is None or not specified');
  }
}

function validateDevices(devices: any[], mounts: any[], volumes: Volumes, path: Path, errors: ErrorList): void {
  const names = new Set<string>();
  const paths = new Set<string>();
  devices.forEach(({ name = '', devicePath = '' }, i) => {
    const at = path.index(i);
    const volume = volumes.get(name);
    requirePresent(name, at.child('name'), errors);
    if (names.has(name)) errors.invalid(at.child('name'), name, 'must be unique');
    if (!volume) errors.notFound(at.child('name'), name);
    else if (!volume.persistentVolumeClaim && !volume.ephemeral) {
      const rule = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
      errors.invalid(at.child('name'), name, rule);
    }
    requirePresent(devicePath, at.child('devicePath'), errors);
    if (paths.has(devicePath)) errors.invalid(at.child('devicePath'), devicePath, 'must be unique');
    if (devicePath.split('/').includes('..')) {
      errors.invalid(at.child('devicePath'), devicePath, "can not contain backsteps ('..')");
    } else paths.add(devicePath);
    if (mounts.some((mount) => mount.name === name)) {
      errors.invalid(at.child('name'), name, 'must not already exist in volumeMounts');
    }
    if (mounts.some((mount) => mount.mountPath === devicePath)) {
      errors.invalid(at.child('devicePath'), devicePath, 'must not already exist as a path in volumeMounts');
    }
    if (name) names.add(name);
  });
}
