/**
 * Two more ways to change a Pod: adding a container to debug it, and resizing what it may use.
 * https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/
 * https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/
 */
import { semanticEqual } from '../../equality';
import { type ErrorList, type Path, quote } from '../../field-errors';
import type { KubernetesObject } from '../../object';
import { printDiff } from '../../validation/internal-diff';
import type { Draft } from '../kind-definition';
import { isMirrorPod, validateAnnotationUpdate } from './annotations';
import { qosClassOf } from './quality-of-service';
import { ANNOTATIONS, SPEC, validatePodMetadataAndSpec } from './rules';

/** Ephemeral containers are added, never changed or removed. */
export function validateEphemeralContainersUpdate(
  next: KubernetesObject,
  old: KubernetesObject,
  errors: ErrorList,
): void {
  validatePodMetadataAndSpec(next, errors);
  validateAnnotationUpdate(next.metadata, old.metadata, next.spec, ANNOTATIONS, errors);
  if (isMirrorPod(old.metadata)) {
    errors.errors.length = 0;
    errors.forbidden('', 'static pods do not support ephemeral containers');
    return;
  }
  const path = SPEC.child('ephemeralContainers');
  for (const before of old.spec.ephemeralContainers ?? []) {
    const after = next.spec.ephemeralContainers?.find(({ name }: any) => name === before.name);
    const subject = `existing ephemeral containers ${quote(before.name)}`;
    if (!after) errors.forbidden(path, `${subject} may not be removed\n`);
    else if (!semanticEqual(after, before)) {
      errors.forbidden(
        path,
        `${subject} may not be changed\n${printDiff('io.k8s.api.core.v1.EphemeralContainer', before, after)}`,
      );
    }
  }
}

const CONTAINER_LISTS = ['containers', 'initContainers'] as const;

/**
 * A resize says what containers may use; whatever else differs is not heard: `{ name: 'c', image: 'other' }` changes nothing.
 * Containers that come, go or change places are left as they are, for validation to refuse.
 */
export function keepOnlyResize(next: Draft, old: KubernetesObject): void {
  const wanted = next.spec;
  if (CONTAINER_LISTS.some((list) => (wanted[list]?.length ?? 0) !== (old.spec[list]?.length ?? 0))) return;
  next.spec = { ...old.spec };
  for (const list of CONTAINER_LISTS) if (old.spec[list]) next.spec[list] = resized(wanted[list], old.spec[list]);
}

function resized(wanted: any[], old: any[]): any[] {
  if (wanted.some(({ name }, i) => name !== old[i].name)) return wanted;
  return wanted.map(({ resources, resizePolicy }, i) => {
    const { resources: _resources, resizePolicy: _resizePolicy, ...rest } = old[i];
    return { ...rest, ...(resources ? { resources } : {}), ...(resizePolicy ? { resizePolicy } : {}) };
  });
}

const isSidecar = (container: any): boolean => container.restartPolicy === 'Always';

/** Only cpu and memory of containers and sidecars change, within the Pod's class of service. */
export function validateResize(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  validatePodMetadataAndSpec(next, errors);
  const refusal = whyNotResizable(next, old);
  if (refusal) {
    errors.errors.length = 0;
    errors.forbidden('', refusal);
    return;
  }
  for (const list of ['containers', 'initContainers']) {
    if ((next.spec[list]?.length ?? 0) !== (old.spec[list]?.length ?? 0)) {
      errors.forbidden(
        SPEC.child(list),
        `${list === 'containers' ? 'containers' : 'initContainers'} may not be added or removed on resize`,
      );
      return;
    }
  }
  const before = old.status?.qosClass ?? qosClassOf(old.spec);
  if (before !== qosClassOf(next.spec)) {
    errors.invalid(SPEC, next.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing');
  }
  if (!isSupportedByNode(old)) errors.forbidden(SPEC, 'Pod running on node without support for resize');
  for (const [list, applies] of [
    ['initContainers', isSidecar],
    ['containers', () => true],
  ] as const) {
    old.spec[list]?.forEach((container: any, i: number) => {
      if (applies(container)) validateContainerResize(next.spec[list][i], container, SPEC.child(list).index(i), errors);
    });
  }
  validateOnlyResourcesChanged(next, old, errors);
}

function whyNotResizable(next: KubernetesObject, old: KubernetesObject): string | undefined {
  const hasPodLevel = ({ spec }: KubernetesObject) =>
    Object.keys(spec.resources?.requests ?? {}).length + Object.keys(spec.resources?.limits ?? {}).length > 0;
  if (hasPodLevel(next) || hasPodLevel(old)) return 'pods with pod-level resources cannot be resized';
  if (isMirrorPod(old.metadata)) return 'static pods cannot be resized';
  return old.spec.os?.name === 'windows' ? 'windows pods cannot be resized' : undefined;
}

/** Kubelets that can resize report the resources of running containers. */
function isSupportedByNode({ status }: KubernetesObject): boolean {
  const running = status?.containerStatuses?.find(({ state }: any) => state?.running);
  return running === undefined || running.resources !== undefined;
}

function validateContainerResize(next: any, old: any, path: Path, errors: ErrorList): void {
  const at = path.child('resources');
  for (const list of ['requests', 'limits']) {
    const removed = Object.keys(old.resources?.[list] ?? {}).some(
      (name) => next.resources?.[list]?.[name] === undefined,
    );
    if (removed) errors.forbidden(at.child(list), `resource ${list} cannot be removed`);
  }
}

function validateOnlyResourcesChanged(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  const before = errors.length;
  const rest = { ...next.spec };
  for (const list of ['containers', 'initContainers']) {
    if (!next.spec[list]) continue;
    rest[list] = next.spec[list].map((container: any, i: number) => {
      const was = old.spec[list][i];
      const resizable = list === 'containers' || isSidecar(container);
      const same = resizable ? withResourcesOf(container, was) : container;
      if (!semanticEqual(same, was)) errors.forbidden(SPEC, rulesFor(list, resizable));
      return same;
    });
  }
  if (errors.length === before && before === 0 && !semanticEqual(rest, old.spec)) {
    errors.forbidden(SPEC, 'only cpu and memory resources are mutable');
  }
}

function rulesFor(list: string, resizable: boolean): string {
  if (list === 'containers') return 'only cpu and memory resources are mutable';
  return resizable
    ? 'only cpu and memory resources for sidecar containers are mutable'
    : 'resources for non-sidecar init containers are immutable';
}

/** The container with the cpu and memory that it had. */
function withResourcesOf(container: any, old: any): any {
  const restored = (list: string) => {
    const was = old.resources?.[list];
    if (!was) return undefined;
    const { cpu: _cpu, memory: _memory, ...others } = container.resources?.[list] ?? {};
    const kept = Object.fromEntries(['cpu', 'memory'].filter((name) => was[name]).map((name) => [name, was[name]]));
    return { ...others, ...kept };
  };
  const { limits: _limits, requests: _requests, ...resources } = container.resources ?? {};
  const limits = restored('limits');
  const requests = restored('requests');
  return {
    ...container,
    resources: { ...resources, ...(limits ? { limits } : {}), ...(requests ? { requests } : {}) },
  };
}
