/**
 * What a kubelet may write into the status of a Pod. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
 */
import { semanticEqual } from '../../equality';
import { type ErrorList, type Path, root } from '../../field-errors';
import type { KubernetesObject } from '../../object';
import { isDualStack, validateAddress } from '../../validation/addresses';
import { oneOf } from '../../validation/checks';
import { check, dnsSubdomain, qualifiedName } from '../../validation/names';
import { immutable } from '../../validation/object-meta';
import { validateAnnotationUpdate } from './annotations';
import { ANNOTATIONS } from './rules';

const STATUS = root('status');
const SYSTEM_CONDITIONS = new Set(['PodScheduled', 'Ready', 'Initialized']);

export function validatePodStatusUpdate(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  const status = next.status ?? {};
  const before = old.status ?? {};
  validateAnnotationUpdate(next.metadata, old.metadata, next.spec, ANNOTATIONS, errors);
  status.conditions?.forEach(({ type = '' }: any, i: number) => {
    if (SYSTEM_CONDITIONS.has(type)) return;
    check(type, qualifiedName, root('metadata').child('conditions').index(i).child('Type'), errors);
  });
  const nominated = status.nominatedNodeName;
  if (nominated && nominated !== before.nominatedNodeName) {
    check(nominated, dnsSubdomain, STATUS.child('nominatedNodeName'), errors);
  }
  immutable(status.qosClass ?? '', before.qosClass ?? '', STATUS.child('qosClass'), errors);
  const { restartPolicy } = old.spec;
  const sidecars = new Set(
    (old.spec.initContainers ?? []).filter((c: any) => c.restartPolicy === 'Always').map((c: any) => c.name),
  );
  const noContainers = new Set<string>();
  for (const [list, policy, restartable] of [
    ['containerStatuses', restartPolicy, noContainers],
    ['initContainerStatuses', restartPolicy, sidecars],
    // Nobody restarts an ephemeral container.
    ['ephemeralContainerStatuses', 'Never', noContainers],
  ] as const) {
    validateTransitions(status[list], before[list], { policy, restartable, path: STATUS.child(list) }, errors);
  }
  validateClaimStatuses(status.resourceClaimStatuses, next.spec.resourceClaims, errors);
  validatePodIps(status.podIPs, errors);
  validateHostIps(status, errors);
  validateUsers(status, errors);
  status.ephemeralContainerStatuses?.forEach(({ allocatedResourcesStatus }: any, i: number) => {
    if (!allocatedResourcesStatus?.length) return;
    const at = STATUS.child('ephemeralContainerStatuses').index(i).child('allocatedResourcesStatus');
    errors.forbidden(at, 'must not be specified in container status');
  });
}

interface TransitionRules {
  readonly policy: string;
  /** Names of containers that restart whatever the policy of the Pod. */
  readonly restartable: ReadonlySet<unknown>;
  readonly path: Path;
}

/** A container that has ended for good does not run again. */
function validateTransitions(
  after: any[] | undefined,
  before: any[] | undefined,
  { policy, restartable, path }: TransitionRules,
  errors: ErrorList,
): void {
  if (policy === 'Always') return;
  before?.forEach(({ name, state }, i) => {
    if (!state?.terminated || restartable.has(name)) return;
    if ((state.terminated.exitCode ?? 0) !== 0 && policy === 'OnFailure') return;
    for (const status of after ?? []) {
      if (status.name === name && !status.state?.terminated) {
        errors.forbidden(path.index(i).child('state'), 'may not be transitioned to non-terminated state');
      }
    }
  });
}

function validateClaimStatuses(statuses: any[] | undefined, claims: any[] | undefined, errors: ErrorList): void {
  const names = new Set<string>();
  statuses?.forEach(({ name = '', resourceClaimName }, i) => {
    const at = STATUS.child('resourceClaimStatuses').index(i).child('name');
    if (!claims?.some((claim) => claim.name === name)) {
      errors.invalid(at, name, 'must match the name of an entry in `spec.resourceClaims`');
    }
    if (names.has(name)) errors.duplicate(at, name);
    names.add(name);
    if (resourceClaimName !== undefined) check(resourceClaimName, dnsSubdomain, at, errors);
  });
}

const ONE_PER_FAMILY = 'may specify no more than one IP for each IP family';

function validatePodIps(ips: any[] | undefined, errors: ErrorList): void {
  if (!ips?.length) return;
  const path = STATUS.child('podIPs');
  ips.forEach(({ ip = '' }, i) => {
    validateAddress(ip, path.index(i), errors);
  });
  if (ips.length === 1) return;
  if (!isDualStack(ips.map(({ ip }) => ip)) || ips.length > 2) errors.invalid(path, ips, ONE_PER_FAMILY);
  repeated(ips, path, errors);
}

function validateHostIps({ hostIP = '', hostIPs }: any, errors: ErrorList): void {
  if (!hostIPs?.length) return;
  const path = STATUS.child('hostIPs');
  if (hostIP !== hostIPs[0].ip) {
    errors.invalid(path.index(0).child('ip'), hostIPs[0].ip ?? '', 'must be equal to `hostIP`');
  }
  hostIPs.forEach(({ ip = '' }: any, i: number) => {
    validateAddress(ip, path.index(i), errors);
  });
  if (hostIPs.length === 1) return;
  repeated(hostIPs, path, errors);
  if (!isDualStack(hostIPs.map(({ ip }: any) => ip)) || hostIPs.length > 2)
    errors.invalid(path, hostIPs, ONE_PER_FAMILY);
}

function repeated(ips: any[], path: Path, errors: ErrorList): void {
  ips.forEach((ip, i) => {
    if (ips.slice(0, i).some((other) => semanticEqual(other, ip))) errors.duplicate(path.index(i), ip);
  });
}

const MAX_ID = 2 ** 31 - 1;

function validateUsers(status: any, errors: ErrorList): void {
  for (const list of ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses']) {
    status[list]?.forEach(({ user, allocatedResourcesStatus }: any, i: number) => {
      const linux = user?.linux;
      const at = STATUS.child(list).index(i).child('linux');
      for (const field of ['uid', 'gid']) {
        const id = linux?.[field];
        if (id < 0 || id > MAX_ID) errors.invalid(at.child(field), id, `must be between 0 and ${MAX_ID}, inclusive`);
      }
      allocatedResourcesStatus?.forEach(({ resources }: any, j: number) => {
        resources?.forEach(({ health = '' }: any, k: number) => {
          const place = STATUS.child(list).index(i).child('allocatedResourcesStatus').index(j);
          const healthPath = place.child('resources').index(k).child('health');
          if (list !== 'ephemeralContainerStatuses') {
            oneOf(health, ['Healthy', 'Unhealthy', 'Unknown'], healthPath, errors);
          }
        });
      });
    });
  }
}
