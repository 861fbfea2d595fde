/**
 * The spec of a Pod, in a Pod itself or in a template: everything that must fit together.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec
 */
import type { ErrorList, Path } from '../../field-errors';
import type { ObjectMeta } from '../../object';
import { validateAddress } from '../../validation/addresses';
import { inRange, oneOfInOrder, requirePresent } from '../../validation/checks';
import { printStruct } from '../../validation/go-structs';
import { check, dnsLabel, dnsSubdomain, dnsSubdomainWithUnderscore, qualifiedName } from '../../validation/names';
import { validateLabels } from '../../validation/object-meta';
import {
  type ContainerContext,
  validateContainers,
  validateEphemeralContainers,
  validateInitContainers,
} from './containers';
import { validatePodResources, validateRequirements } from './resources';
import {
  validateAffinity,
  validateSchedulingGates,
  validateSpreadConstraints,
  validateTolerations,
} from './scheduling';
import { validatePodSecurityContext } from './security';
import { validateVolumes } from './volumes';
import { validateHostProcesses, validateOperatingSystem } from './windows';

export const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const NO_CLAIMS: ReadonlySet<string> = new Set();

export interface PodSpecOptions {
  /** Of the Pod; undefined in a template. */
  readonly metadata?: ObjectMeta;
}

export function validatePodSpec(spec: any, path: Path, errors: ErrorList, options: PodSpecOptions = {}): void {
  if (spec.terminationGracePeriodSeconds === undefined) errors.required(path.child('terminationGracePeriodSeconds'));
  const volumes = validateVolumes(spec.volumes, path.child('volumes'), errors, options);
  const context: ContainerContext = {
    spec,
    volumes,
    claimNames: spec.resourceClaims ? claimNamesOf(spec) : NO_CLAIMS,
    hostUsers: spec.hostUsers !== false,
  };
  if (spec.resourceClaims) validateResourceClaims(spec.resourceClaims, path.child('resourceClaims'), errors);
  validateContainers(path.child('containers'), errors, context);
  validateInitContainers(path.child('initContainers'), errors, context);
  validateEphemeralContainers(path.child('ephemeralContainers'), errors, context);
  validatePodResources(spec, path.child('resources'), errors, context.claimNames);
  if (spec.hostNetwork) validateHostNetworkPorts(spec, path, errors, options);
  requireWord(spec.restartPolicy, RESTART_POLICIES, path.child('restartPolicy'), errors);
  requireWord(spec.dnsPolicy, DNS_POLICIES, path.child('dnsPolicy'), errors);
  if (spec.nodeSelector) validateLabels(spec.nodeSelector, path.child('nodeSelector'), errors);
  validatePodSecurityContext(spec, path.child('securityContext'), errors);
  validateAffinity(spec.affinity, path.child('affinity'), errors);
  validateDns(spec, path.child('dnsConfig'), errors);
  spec.readinessGates?.forEach(({ conditionType = '' }: any, i: number) => {
    check(conditionType, qualifiedName, path.child('readinessGates').index(i).child('conditionType'), errors);
  });
  validateSchedulingGates(spec.schedulingGates, path.child('schedulingGates'), errors);
  validateSpreadConstraints(spec.topologySpreadConstraints, path.child('topologySpreadConstraints'), errors);
  validateHostProcesses(spec, path, errors);
  if (!context.hostUsers) validateUserNamespace(spec, path, errors);
  validateNames(spec, path, errors);
  validateOperatingSystem(spec, path, errors);
}

const requireWord = (value: string | undefined, words: readonly string[], path: Path, errors: ErrorList): void => {
  if (!value) errors.required(path);
  else if (!words.includes(value)) errors.notSupported(path, value, words);
};

function validateNames(spec: any, path: Path, errors: ErrorList): void {
  if (spec.serviceAccountName) check(spec.serviceAccountName, dnsSubdomain, path.child('serviceAccountName'), errors);
  if (spec.nodeName) check(spec.nodeName, dnsSubdomain, path.child('nodeName'), errors);
  if (spec.activeDeadlineSeconds !== undefined) {
    inRange(spec.activeDeadlineSeconds, 1, 2 ** 31 - 1, path.child('activeDeadlineSeconds'), errors);
  }
  if (spec.hostname) check(spec.hostname, dnsLabel, path.child('hostname'), errors);
  if (spec.subdomain) check(spec.subdomain, dnsLabel, path.child('subdomain'), errors);
  validateTolerations(spec.tolerations, path.child('tolerations'), errors);
  spec.hostAliases?.forEach(({ ip = '', hostnames }: any, i: number) => {
    const at = path.child('hostAliases').index(i);
    validateAddress(ip, at.child('ip'), errors);
    hostnames?.forEach((hostname: string, j: number) => {
      check(hostname, dnsSubdomain, at.child('hostnames').index(j), errors);
    });
  });
  if (spec.priorityClassName) check(spec.priorityClassName, dnsSubdomain, path.child('priorityClassName'), errors);
  if (spec.runtimeClassName !== undefined) {
    check(spec.runtimeClassName, dnsSubdomain, path.child('runtimeClassName'), errors);
  }
  if (spec.preemptionPolicy !== undefined) {
    validatePreemptionPolicy(spec.preemptionPolicy, path.child('preemptionPolicy'), errors);
  }
  if (spec.overhead) {
    validateRequirements({ limits: spec.overhead }, path.child('overhead'), errors, { claimNames: NO_CLAIMS });
  }
}

export function validatePreemptionPolicy(policy: string | undefined, path: Path, errors: ErrorList): void {
  if (requirePresent(policy, path, errors)) oneOfInOrder(policy, ['PreemptLowerPriority', 'Never'], path, errors);
}

const claimNamesOf = (spec: any): Set<string> =>
  new Set(spec.resourceClaims.map(({ name }: any) => name).filter(Boolean));

const resourceClaimStruct = {
  Name: ['name', ''],
  ResourceClaimName: ['resourceClaimName', null],
  ResourceClaimTemplateName: ['resourceClaimTemplateName', null],
} as const;

function validateResourceClaims(claims: any[], path: Path, errors: ErrorList): void {
  const names = new Set<string>();
  claims.forEach((claim, i) => {
    const { name, resourceClaimName, resourceClaimTemplateName } = claim;
    const at = path.index(i);
    if (!name) errors.required(at.child('name'));
    else if (names.has(name)) errors.duplicate(at.child('name'), name);
    else {
      check(name, dnsLabel, at.child('name'), errors);
      names.add(name);
    }
    const shown = () => printStruct(resourceClaimStruct, claim);
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
      const rule = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
      errors.invalid(at, shown(), rule);
    }
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
      errors.invalid(at, shown(), 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`');
    }
    if (resourceClaimName !== undefined) check(resourceClaimName, dnsSubdomain, at.child('resourceClaimName'), errors);
    if (resourceClaimTemplateName !== undefined) {
      check(resourceClaimTemplateName, dnsSubdomain, at.child('resourceClaimTemplateName'), errors);
    }
  });
}

/** On the host's network a container's port is the host's port. In a template it may be left to the Pod. */
function validateHostNetworkPorts(spec: any, path: Path, errors: ErrorList, { metadata }: PodSpecOptions): void {
  spec.containers?.forEach((container: any, i: number) => {
    container.ports?.forEach(({ hostPort = 0, containerPort = 0 }: any, j: number) => {
      if (hostPort === containerPort || (metadata === undefined && hostPort === 0)) return;
      const at = path.child('containers').index(i).child('ports').index(j).child('hostPort');
      errors.invalid(at, hostPort, 'must match `containerPort` when `hostNetwork` is true');
    });
  });
}

/** With a user namespace of its own a Pod cannot share the host's other namespaces. */
function validateUserNamespace(spec: any, path: Path, errors: ErrorList): void {
  const rule = 'when `hostUsers` is false';
  if (spec.hostNetwork) errors.forbidden(path.child('hostNetwork'), rule);
  if (spec.hostPID) errors.forbidden(path.child('hostPID'), rule);
  if (spec.hostIPC) errors.forbidden(path.child('hostIPC'), rule);
}

/** Limits of the name resolution of Linux' libc. */
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARACTERS = 2048;

function validateDns({ dnsPolicy, dnsConfig }: any, path: Path, errors: ErrorList): void {
  if (dnsPolicy === 'None' && !dnsConfig) {
    errors.required(path, 'must provide `dnsConfig` when `dnsPolicy` is None');
    return;
  }
  if (!dnsConfig) return;
  const { nameservers = [], searches = [], options } = dnsConfig;
  if (dnsPolicy === 'None' && !nameservers?.length) {
    errors.required(path.child('nameservers'), 'must provide at least one DNS nameserver when `dnsPolicy` is None');
    return;
  }
  if (nameservers.length > MAX_NAMESERVERS) {
    errors.invalid(path.child('nameservers'), nameservers, `must not have more than ${MAX_NAMESERVERS} nameservers`);
  }
  nameservers.forEach((server: string, i: number) => {
    validateAddress(server, path.child('nameservers').index(i), errors);
  });
  if (searches.length > MAX_SEARCHES) {
    errors.invalid(path.child('searches'), searches, `must not have more than ${MAX_SEARCHES} search paths`);
  }
  if (searches.join(' ').length > MAX_SEARCH_CHARACTERS) {
    const rule = `must not have more than ${MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list`;
    errors.invalid(path.child('searches'), searches, rule);
  }
  searches.forEach((search: string, i: number) => {
    if (search === '.') return;
    check(search.replace(/\.$/, ''), dnsSubdomainWithUnderscore, path.child('searches').index(i), errors);
  });
  options?.forEach(({ name }: any, i: number) => {
    requirePresent(name, path.child('options').index(i), errors, 'must not be empty');
  });
}
