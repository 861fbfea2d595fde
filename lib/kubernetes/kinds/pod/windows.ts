/**
 * Windows containers: their users, host processes, and what of Linux a Pod for Windows cannot have.
 * https://kubernetes.io/docs/concepts/windows/intro/
 */
import type { ErrorList, Path } from '../../field-errors';
import { oneOf } from '../../validation/checks';
import { check, dnsSubdomain } from '../../validation/names';

const MAX_CREDENTIAL_BYTES = 64 * 1024;
const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const dnsDomain = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;

export function validateWindowsOptions(options: any, path: Path, errors: ErrorList): void {
  if (!options) return;
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options;
  if (gmsaCredentialSpecName !== undefined) {
    check(gmsaCredentialSpecName, dnsSubdomain, path.child('gmsaCredentialSpecName'), errors);
  }
  if (gmsaCredentialSpec === '') {
    errors.invalid(path.child('gmsaCredentialSpec'), '', 'gmsaCredentialSpec cannot be an empty string');
  } else if ((gmsaCredentialSpec?.length ?? 0) > MAX_CREDENTIAL_BYTES) {
    errors.invalid(
      path.child('gmsaCredentialSpec'),
      gmsaCredentialSpec,
      'gmsaCredentialSpec size must be under 64 KiB',
    );
  }
  if (runAsUserName === undefined) return;
  for (const problem of userNameProblems(runAsUserName)) {
    errors.invalid(path.child('runAsUserName'), runAsUserName, problem);
  }
}

/** `DOMAIN\user`, the domain being optional. */
function userNameProblems(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string'];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x1f\x7f]/.test(name)) return ['runAsUserName cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const domain = parts.length === 2 ? parts[0]! : undefined;
  const user = parts.at(-1)!;
  const problems: string[] = [];
  if ((domain?.length ?? 0) >= 256) problems.push("runAsUserName's Domain length must be under 256 characters");
  if (domain !== undefined && !netBios.test(domain) && !dnsDomain.test(domain)) {
    problems.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  }
  if (user === '') problems.push("runAsUserName's User cannot be empty");
  else if (user.length > 104) problems.push("runAsUserName's User length must not be longer than 104 characters");
  if (/^[. ]+$/.test(user)) problems.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    problems.push(`runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`);
  }
  return problems;
}

/** Init containers first, then the others, then the ephemeral ones: the order of the server's walks. */
export function* containersOf(spec: any, path: Path): Generator<[container: any, path: Path]> {
  for (const list of ['initContainers', 'containers', 'ephemeralContainers']) {
    for (let i = 0; i < (spec[list]?.length ?? 0); i++) yield [spec[list][i], path.child(list).index(i)];
  }
}

export function validateHostProcesses(spec: any, path: Path, errors: ErrorList): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  let containers = 0;
  let hostProcesses = 0;
  for (const [container, at] of containersOf(spec, path)) {
    containers++;
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      const rule = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
      errors.invalid(at.child('securityContext').child('windowsOptions').child('hostProcess'), own, rule);
    }
    if (own ?? ofPod) hostProcesses++;
  }
  if (hostProcesses === 0) return;
  if (hostProcesses !== containers) {
    const rule = 'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    errors.invalid(path, '', rule);
  }
  if (!spec.hostNetwork) {
    const rule = 'hostNetwork must be true if pod contains any hostProcess containers';
    errors.invalid(path.child('hostNetwork'), false, rule);
  }
}

const NOT_ON_WINDOWS = 'cannot be set for a windows pod';
const containerFields = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
];

/** The operating system, if the Pod names one, and what it excludes. */
export function validateOperatingSystem(spec: any, path: Path, errors: ErrorList): void {
  const { os } = spec;
  if (!os) return;
  if (!os.name) errors.required(path.child('os').child('name'), 'cannot be empty');
  else if (os.name === 'linux') validateLinux(spec, path, errors);
  else if (os.name === 'windows') validateWindows(spec, path, errors);
  else oneOf(os.name, ['linux', 'windows'], path.child('os'), errors);
}

function validateLinux(spec: any, path: Path, errors: ErrorList): void {
  const refuse = (at: Path) =>
    errors.forbidden(
      at.child('securityContext').child('windowsOptions'),
      'windows options cannot be set for a linux pod',
    );
  if (spec.securityContext?.windowsOptions) refuse(path);
  for (const [container, at] of containersOf(spec, path)) if (container.securityContext?.windowsOptions) refuse(at);
}

function validateWindows(spec: any, path: Path, errors: ErrorList): void {
  const context = spec.securityContext ?? {};
  const refuse = (at: Path) => errors.forbidden(at, NOT_ON_WINDOWS);
  const refuseOfContext = (field: string) => {
    const value = context[field];
    if (value !== undefined && !(field === 'sysctls' && value.length === 0)) {
      refuse(path.child('securityContext').child(field));
    }
  };
  refuseOfContext('appArmorProfile');
  refuseOfContext('seLinuxOptions');
  if (spec.hostUsers !== undefined) refuse(path.child('hostUsers'));
  if (spec.hostPID) refuse(path.child('hostPID'));
  if (spec.hostIPC) refuse(path.child('hostIPC'));
  for (const field of ['seccompProfile', 'fsGroup', 'fsGroupChangePolicy', 'sysctls']) refuseOfContext(field);
  if (spec.shareProcessNamespace !== undefined) refuse(path.child('shareProcessNamespace'));
  for (const field of [
    'runAsUser',
    'runAsGroup',
    'supplementalGroups',
    'supplementalGroupsPolicy',
    'seLinuxChangePolicy',
  ]) {
    refuseOfContext(field);
  }
  for (const [container, at] of containersOf(spec, path)) {
    for (const field of containerFields) {
      if (container.securityContext?.[field] !== undefined) refuse(at.child('securityContext').child(field));
    }
  }
}
