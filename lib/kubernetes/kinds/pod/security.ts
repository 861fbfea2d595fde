/**
 * As whom and with what powers containers run.
 * https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
 */
import type { ErrorList, Path } from '../../field-errors';
import { inRange, oneOf, oneOfInOrder } from '../../validation/checks';
import { printStruct } from '../../validation/go-structs';
import { byteLength } from '../../validation/names';
import { validateDescendingPath } from '../../validation/paths';
import { validateWindowsOptions } from './windows';

const MAX_ID = 2 ** 31 - 1;

function validateId(id: number | undefined, path: Path, errors: ErrorList): void {
  if (id !== undefined) inRange(id, 0, MAX_ID, path, errors);
}

const seLinuxOptions = { User: ['user', ''], Role: ['role', ''], Type: ['type', ''], Level: ['level', ''] } as const;
const profile = { Type: ['type', ''], LocalhostProfile: ['localhostProfile', null] } as const;
const securityContextStruct = {
  Capabilities: ['capabilities', null, { Add: ['add', null], Drop: ['drop', null] }],
  Privileged: ['privileged', null],
  SELinuxOptions: ['seLinuxOptions', null, seLinuxOptions],
  WindowsOptions: ['windowsOptions', null],
  RunAsUser: ['runAsUser', null],
  RunAsGroup: ['runAsGroup', null],
  RunAsNonRoot: ['runAsNonRoot', null],
  ReadOnlyRootFilesystem: ['readOnlyRootFilesystem', null],
  AllowPrivilegeEscalation: ['allowPrivilegeEscalation', null],
  ProcMount: ['procMount', null],
  SeccompProfile: ['seccompProfile', null, profile],
  AppArmorProfile: ['appArmorProfile', null, profile],
} as const;

/** Of one container. `hostUsers` is false when the Pod has a user namespace of its own. */
export function validateSecurityContext(context: any, path: Path, errors: ErrorList, hostUsers: boolean): void {
  if (!context) return;
  validateId(context.runAsUser, path.child('runAsUser'), errors);
  validateId(context.runAsGroup, path.child('runAsGroup'), errors);
  const { procMount } = context;
  if (procMount !== undefined) {
    oneOfInOrder(procMount, ['Default', 'Unmasked'], path.child('procMount'), errors);
    if (hostUsers && procMount === 'Unmasked') {
      errors.invalid(path.child('procMount'), procMount, '`hostUsers` must be false to use `Unmasked`');
    }
  }
  validateSeccompProfile(context.seccompProfile, path.child('seccompProfile'), errors);
  if (context.allowPrivilegeEscalation === false) {
    const refuse = (what: string) =>
      errors.invalid(
        path,
        printStruct(securityContextStruct, context),
        `cannot set \`allowPrivilegeEscalation\` to false and ${what}`,
      );
    if (context.privileged === true) refuse('`privileged` to true');
    for (const capability of context.capabilities?.add ?? []) {
      if (capability === 'CAP_SYS_ADMIN') refuse('`capabilities.Add` CAP_SYS_ADMIN');
    }
  }
  validateWindowsOptions(context.windowsOptions, path.child('windowsOptions'), errors);
  validateAppArmorProfile(context.appArmorProfile, path.child('appArmorProfile'), errors);
}

/** Of the Pod as a whole. */
export function validatePodSecurityContext(spec: any, path: Path, errors: ErrorList): void {
  const { securityContext: context } = spec;
  if (!context) return;
  validateId(context.fsGroup, path.child('fsGroup'), errors);
  validateId(context.runAsUser, path.child('runAsUser'), errors);
  validateId(context.runAsGroup, path.child('runAsGroup'), errors);
  context.supplementalGroups?.forEach((id: number, i: number) => {
    validateId(id, path.child('supplementalGroups').index(i), errors);
  });
  if (spec.shareProcessNamespace && spec.hostPID) {
    const rule = 'ShareProcessNamespace and HostPID cannot both be enabled';
    errors.invalid(path.child('shareProcessNamespace'), true, rule);
  }
  validateSysctls(spec, context.sysctls, path.child('sysctls'), errors);
  const word = (field: string, words: readonly string[]) => {
    if (context[field] !== undefined) oneOf(context[field], words, path.child(field), errors);
  };
  word('fsGroupChangePolicy', ['Always', 'OnRootMismatch']);
  validateSeccompProfile(context.seccompProfile, path.child('seccompProfile'), errors);
  validateWindowsOptions(context.windowsOptions, path.child('windowsOptions'), errors);
  validateAppArmorProfile(context.appArmorProfile, path.child('appArmorProfile'), errors);
  word('supplementalGroupsPolicy', ['Merge', 'Strict']);
  word('seLinuxChangePolicy', ['MountOption', 'Recursive']);
}

const SYSCTL = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';
const sysctlRegex = new RegExp(SYSCTL);

function validateSysctls(spec: any, sysctls: any[] | undefined, path: Path, errors: ErrorList): void {
  const names = new Set<string>();
  sysctls?.forEach(({ name = '' }, i) => {
    const at = path.index(i).child('name');
    if (name === '') errors.required(at);
    else if (name.length > 253 || !sysctlRegex.test(name)) {
      errors.invalid(at, name, `must have at most 253 characters and match regex ${SYSCTL}`);
    } else if (names.has(name)) errors.duplicate(at, name);
    const dotted = name.replaceAll('/', '.');
    if (spec.hostNetwork && dotted.startsWith('net.')) {
      errors.invalid(at, name, "may not be specified when 'hostNetwork' is true");
    } else if (spec.hostIPC && isIpcSysctl(dotted)) {
      errors.invalid(at, name, "may not be specified when 'hostIPC' is true");
    }
    names.add(name);
  });
}

const isIpcSysctl = (name: string): boolean =>
  name === 'kernel.sem' ||
  name.startsWith('kernel.shm') ||
  name.startsWith('kernel.msg') ||
  name.startsWith('fs.mqueue.');

const LOCALHOST = 'can only be set when seccomp type is Localhost';
const seccompStruct = { Type: ['type', ''], LocalhostProfile: ['localhostProfile', null] } as const;

function validateSeccompProfile(seccomp: any, path: Path, errors: ErrorList): void {
  if (!seccomp) return;
  const { type, localhostProfile } = seccomp;
  if (!type) errors.required(path.child('type'), 'type is required when seccompProfile is set');
  else oneOfInOrder(type, ['Localhost', 'RuntimeDefault', 'Unconfined'], path.child('type'), errors);
  const at = path.child('localhostProfile');
  if (type !== 'Localhost') {
    if (localhostProfile !== undefined) errors.invalid(at, printStruct(seccompStruct, seccomp), LOCALHOST);
  } else if (localhostProfile === undefined) errors.required(at, 'must be set when seccomp type is Localhost');
  else validateDescendingPath(localhostProfile, at, errors);
}

/** PATH_MAX without the terminating zero. */
const MAX_PROFILE_BYTES = 4095;

function validateAppArmorProfile(appArmor: any, path: Path, errors: ErrorList): void {
  if (!appArmor) return;
  const { type, localhostProfile } = appArmor;
  const at = path.child('localhostProfile');
  const required = () => errors.required(at, 'must be set when AppArmor type is Localhost');
  if (!type) errors.required(path.child('type'), 'type is required when appArmorProfile is set');
  else if (type === 'Localhost') {
    if (localhostProfile === undefined) {
      required();
      return;
    }
    if (localhostProfile !== localhostProfile.trim()) {
      errors.invalid(at, localhostProfile, 'must not be padded with whitespace');
    } else if (localhostProfile === '') required();
    if (byteLength(localhostProfile) > MAX_PROFILE_BYTES) errors.tooLong(at, MAX_PROFILE_BYTES);
  } else if (type === 'RuntimeDefault' || type === 'Unconfined') {
    if (localhostProfile !== undefined) {
      errors.invalid(at, localhostProfile, 'can only be set when AppArmor type is Localhost');
    }
  } else oneOfInOrder(type, ['Localhost', 'RuntimeDefault', 'Unconfined'], path.child('type'), errors);
}
