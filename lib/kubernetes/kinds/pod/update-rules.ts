/**
 * What may change about a Pod that exists: images, deadlines, more tolerations, fewer gates; of a gated Pod also where it may
 * run. https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement
 */
import { semanticEqual } from '../../equality';
import type { ErrorList, Path } from '../../field-errors';
import type { KubernetesObject } from '../../object';
import { carryEmpties } from '../../schema/go-form';
import { inRange } from '../../validation/checks';
import { printDiff } from '../../validation/internal-diff';
import { validateAnnotationUpdate } from './annotations';
import { ANNOTATIONS, SPEC, validatePodMetadataAndSpec } from './rules';
import { validateTolerations } from './scheduling';

const UPDATABLE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,' +
  '`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

export function validatePodUpdate(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  validatePodMetadataAndSpec(next, errors);
  validateAnnotationUpdate(next.metadata, old.metadata, next.spec, ANNOTATIONS, errors);
  const after = next.spec;
  const before = old.spec;
  for (const list of ['containers', 'initContainers']) {
    if (!validateSameContainers(after[list], before[list], SPEC.child(list), errors)) return;
  }
  if (!validateDeadline(after.activeDeadlineSeconds, before.activeDeadlineSeconds, errors)) return;
  validateMoreTolerations(after.tolerations, before.tolerations, SPEC.child('tolerations'), errors);
  validateFewerGates(after.schedulingGates, before.schedulingGates, SPEC.child('schedulingGates'), errors);
  if (semanticEqual(after, before)) return;
  const rest = withoutMutableFields(after, before);
  if (before.schedulingGates?.length) validateGatedPod(rest, before, errors);
  if (!semanticEqual(rest, before))
    errors.forbidden(SPEC, `${UPDATABLE}\n${printDiff('io.k8s.api.core.v1.PodSpec', before, rest)}`);
}

/** False when their number changed; then there is nothing to compare. */
function validateSameContainers(after: any[] = [], before: any[] = [], path: Path, errors: ErrorList): boolean {
  if (after.length !== before.length) {
    errors.forbidden(path, 'pod updates may not add or remove containers');
    return false;
  }
  after.forEach(({ image = '' }, i) => {
    const at = path.index(i).child('image');
    if (image === '') errors.required(at);
    if (image !== image.trim()) errors.invalid(at, image, 'must not have leading or trailing whitespace');
  });
  return true;
}

/** A deadline may be set, and then only come nearer. */
function validateDeadline(after: number | undefined, before: number | undefined, errors: ErrorList): boolean {
  const at = SPEC.child('activeDeadlineSeconds');
  if (after === undefined) {
    if (before !== undefined) errors.invalid(at, null, 'must not update from a positive integer to nil value');
    return true;
  }
  if (after < 0 || after > 2 ** 31 - 1) {
    inRange(after, 0, 2 ** 31 - 1, at, errors);
    return false;
  }
  if (before !== undefined && before < after) {
    errors.invalid(at, after, 'must be less than or equal to previous value');
    return false;
  }
  return true;
}

function validateMoreTolerations(after: any[] = [], before: any[] = [], path: Path, errors: ErrorList): void {
  const same = (a: any, b: any) => semanticEqual({ ...a, tolerationSeconds: 0 }, { ...b, tolerationSeconds: 0 });
  if (before.every((old) => after.some((next) => same(next, old)))) validateTolerations(after, path, errors);
  else errors.forbidden(path, 'existing toleration can not be modified except its tolerationSeconds');
}

function validateFewerGates(after: any[] = [], before: any[] = [], path: Path, errors: ErrorList): void {
  after.forEach(({ name }, i) => {
    if (before.some((gate) => gate.name === name)) return;
    const rule = `only deletion is allowed, but found new scheduling gate '${name}'`;
    errors.forbidden(path.index(i).child('name'), rule);
  });
}

/** The new spec with everything that may change put back: what still differs must not. */
function withoutMutableFields(after: any, before: any): any {
  const put = (rest: any, field: string) => {
    if (before[field] === undefined) delete rest[field];
    else rest[field] = before[field];
  };
  const rest = { ...after };
  carryEmpties(after, rest);
  for (const list of ['containers', 'initContainers']) {
    if (!after[list]) continue;
    rest[list] = after[list].map((container: any, i: number) => ({ ...container, image: before[list][i].image }));
  }
  for (const field of ['activeDeadlineSeconds', 'schedulingGates', 'tolerations']) put(rest, field);
  // A grace period below zero was once accepted; it may be mended.
  if (before.terminationGracePeriodSeconds < 0 && after.terminationGracePeriodSeconds === 1) {
    rest.terminationGracePeriodSeconds = before.terminationGracePeriodSeconds;
  }
  return rest;
}

/** While gates hold a Pod back, it may be narrowed down where it will run. */
function validateGatedPod(rest: any, before: any, errors: ErrorList): void {
  const selector = before.nodeSelector ?? {};
  if (!semanticEqual(rest.nodeSelector, before.nodeSelector)) {
    if (Object.keys(selector).some((key) => rest.nodeSelector?.[key] !== selector[key])) {
      const rule = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
      errors.invalid(SPEC.child('nodeSelector'), rest.nodeSelector, rule);
    }
    if (before.nodeSelector === undefined) delete rest.nodeSelector;
    else rest.nodeSelector = before.nodeSelector;
  }
  const oldAffinity = before.affinity?.nodeAffinity;
  const newAffinity = rest.affinity?.nodeAffinity;
  if (semanticEqual(newAffinity, oldAffinity)) return;
  validateNarrowerAffinity(newAffinity, oldAffinity, SPEC.child('affinity').child('nodeAffinity'), errors);
  const { nodeAffinity: _, ...others } = rest.affinity ?? {};
  if (oldAffinity) rest.affinity = { ...others, nodeAffinity: oldAffinity };
  else if (before.affinity === undefined && Object.keys(others).length === 0) delete rest.affinity;
  else rest.affinity = others;
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

function validateNarrowerAffinity(next: any, old: any, path: Path, errors: ErrorList): void {
  const before: any[] = old?.[REQUIRED]?.nodeSelectorTerms ?? [];
  if (before.length === 0) return;
  const after: any[] = next?.[REQUIRED]?.nodeSelectorTerms ?? [];
  const at = path.child(REQUIRED).child('nodeSelectorTerms');
  if (before.length !== after.length) {
    errors.invalid(at, after, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed');
    return;
  }
  before.forEach((term, i) => {
    if (hasOnlyAdditions(after[i], term)) return;
    errors.invalid(at.index(i), after[i], 'only additions are allowed (no mutations or deletions)');
  });
}

function hasOnlyAdditions(next: any, old: any): boolean {
  const fields = ['matchExpressions', 'matchFields'];
  if (fields.every((field) => !old[field]?.length)) return fields.every((field) => !next[field]?.length);
  return fields.every((field) => {
    const kept = (next[field] ?? []).slice(0, old[field]?.length ?? 0);
    return semanticEqual(kept, old[field] ?? []);
  });
}
