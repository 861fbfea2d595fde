/**
 * Where a Pod may run: affinities, tolerations, spreading, gates.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/
 */
import type { ErrorList, Path } from '../../field-errors';
import { oneOf, oneOfInOrder } from '../../validation/checks';
import {
  validateLabelSelector,
  validateNodeSelector,
  validateNodeSelectorTerm,
} from '../../validation/label-selectors';
import { check, dnsLabel, labelValue, qualifiedName } from '../../validation/names';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

export function validateAffinity(affinity: any, path: Path, errors: ErrorList): void {
  if (!affinity) return;
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  if (nodeAffinity) validateNodeAffinity(nodeAffinity, path.child('nodeAffinity'), errors);
  if (podAffinity) validatePodAffinity(podAffinity, path.child('podAffinity'), errors);
  if (podAntiAffinity) validatePodAffinity(podAntiAffinity, path.child('podAntiAffinity'), errors);
}

function validateWeight(weight: number | undefined, path: Path, errors: ErrorList): void {
  const value = weight ?? 0;
  if (value < 1 || value > 100) errors.invalid(path, value, 'must be in the range 1-100');
}

function validateNodeAffinity(affinity: any, path: Path, errors: ErrorList): void {
  if (affinity[REQUIRED]) validateNodeSelector(affinity[REQUIRED], path.child(REQUIRED), errors);
  affinity[PREFERRED]?.forEach(({ weight, preference }: any, i: number) => {
    const at = path.child(PREFERRED).index(i);
    validateWeight(weight, at.child('weight'), errors);
    validateNodeSelectorTerm(preference, at.child('preference'), errors, { preferred: true });
  });
}

function validatePodAffinity(affinity: any, path: Path, errors: ErrorList): void {
  affinity[REQUIRED]?.forEach((term: any, i: number) => {
    validatePodAffinityTerm(term, path.child(REQUIRED).index(i), errors);
  });
  affinity[PREFERRED]?.forEach(({ weight, podAffinityTerm }: any, i: number) => {
    const at = path.child(PREFERRED).index(i);
    validateWeight(weight, at.child('weight'), errors);
    validatePodAffinityTerm(podAffinityTerm ?? {}, at.child('podAffinityTerm'), errors);
  });
}

function validatePodAffinityTerm(term: any, path: Path, errors: ErrorList): void {
  validateLabelSelector(term.labelSelector, path.child('labelSelector'), errors);
  validateLabelSelector(term.namespaceSelector, path.child('namespaceSelector'), errors);
  for (const name of term.namespaces ?? []) check(name, dnsLabel, path.child('namespace'), errors);
  validateLabelKeys(term, path, errors);
  const { topologyKey = '' } = term;
  if (topologyKey === '') errors.required(path.child('topologyKey'), 'can not be empty');
  check(topologyKey, qualifiedName, path.child('topologyKey'), errors);
}

const NEEDS_SELECTOR = 'must not be specified when labelSelector is not set';

/** The server has already added the terms of `matchLabelKeys` to the selector when it looks. */
function validateLabelKeys(term: any, path: Path, errors: ErrorList): void {
  const { labelSelector } = term;
  for (const field of ['matchLabelKeys', 'mismatchLabelKeys']) {
    const keys: string[] = term[field] ?? [];
    if (keys.length === 0) continue;
    if (!labelSelector) errors.forbidden(path.child(field), NEEDS_SELECTOR);
    else {
      keys.forEach((key, i) => {
        check(key, qualifiedName, path.child(field).index(i), errors);
      });
    }
  }
  const matching: string[] = term.matchLabelKeys ?? [];
  if (labelSelector) {
    const seen = new Set(Object.keys(labelSelector.matchLabels ?? {}));
    for (const { key } of labelSelector.matchExpressions ?? []) {
      const i = matching.lastIndexOf(key);
      if (i >= 0 && seen.has(key)) {
        errors.invalid(path.index(i), key, 'exists in both matchLabelKeys and labelSelector');
      }
      seen.add(key);
    }
  }
  matching.forEach((key, i) => {
    if (!term.mismatchLabelKeys?.includes(key)) return;
    errors.invalid(path.child('matchLabelKeys').index(i), key, 'exists in both matchLabelKeys and mismatchLabelKeys');
  });
}

export const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function validateTolerations(tolerations: any[] | undefined, path: Path, errors: ErrorList): void {
  tolerations?.forEach(({ key, operator = '', value = '', effect, tolerationSeconds }, i) => {
    const at = path.index(i);
    if (key) check(key, qualifiedName, at.child('key'), errors);
    if (!key && operator !== 'Exists') {
      const rule = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.invalid(at.child('operator'), operator, rule);
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.invalid(at.child('effect'), effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set");
    }
    validateTolerationOperator(operator, value, at.child('operator'), errors);
    if (effect) oneOfInOrder(effect, TAINT_EFFECTS, at.child('effect'), errors);
  });
}

function validateTolerationOperator(operator: string, value: string, path: Path, errors: ErrorList): void {
  switch (operator) {
    case '':
    case 'Equal': {
      const messages = labelValue(value);
      if (messages.length > 0) errors.invalid(path, value, messages.join(';'));
      break;
    }
    case 'Exists':
      if (value !== '') errors.invalid(path, value, "value must be empty when `operator` is 'Exists'");
      break;
    case 'Lt':
    case 'Gt':
      // Known, but behind a gate that is closed.
      errors.notSupported(path, operator, ['Equal', 'Exists', 'Lt', 'Gt']);
      break;
    default:
      errors.notSupported(path, operator, ['Equal', 'Exists']);
  }
}

export function validateSpreadConstraints(constraints: any[] | undefined, path: Path, errors: ErrorList): void {
  constraints?.forEach((constraint, i) => {
    const at = path.index(i);
    const { maxSkew = 0, topologyKey = '', whenUnsatisfiable = '', minDomains } = constraint;
    if (maxSkew <= 0) errors.invalid(at.child('maxSkew'), maxSkew, 'must be greater than zero');
    if (topologyKey === '') errors.required(at.child('topologyKey'), 'can not be empty');
    oneOf(whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway'], at.child('whenUnsatisfiable'), errors);
    const repeated = constraints
      .slice(i + 1)
      .some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable);
    if (repeated) {
      errors.duplicate(at.child('{topologyKey, whenUnsatisfiable}'), `{${topologyKey}, ${whenUnsatisfiable}}`);
    }
    if (minDomains !== undefined) {
      if (minDomains <= 0) errors.invalid(at.child('minDomains'), minDomains, 'must be greater than zero');
      if (whenUnsatisfiable !== 'DoNotSchedule') {
        const rule = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
        errors.invalid(at.child('minDomains'), minDomains, rule);
      }
    }
    for (const policy of ['nodeAffinityPolicy', 'nodeTaintsPolicy']) {
      if (constraint[policy] !== undefined) oneOf(constraint[policy], ['Honor', 'Ignore'], at.child(policy), errors);
    }
    validateSpreadKeys(constraint, at.child('matchLabelKeys'), errors);
    validateLabelSelector(constraint.labelSelector, at.child('labelSelector'), errors);
  });
}

/** Here, too, the terms of the keys are already in the selector; once is fine, twice is not. */
function validateSpreadKeys({ matchLabelKeys, labelSelector }: any, path: Path, errors: ErrorList): void {
  if (!matchLabelKeys?.length) return;
  if (!labelSelector) errors.forbidden(path, NEEDS_SELECTOR);
  matchLabelKeys.forEach((key: string, i: number) => {
    check(key, qualifiedName, path.index(i), errors);
    const inLabels = Object.hasOwn(labelSelector?.matchLabels ?? {}, key) ? 1 : 0;
    const inExpressions = (labelSelector?.matchExpressions ?? []).filter((term: any) => term.key === key).length;
    if (inLabels + inExpressions > 1) {
      errors.invalid(path.index(i), key, 'exists in both matchLabelKeys and labelSelector');
    }
  });
}

export function validateSchedulingGates(gates: any[] | undefined, path: Path, errors: ErrorList): void {
  const names = new Set<string>();
  gates?.forEach(({ name = '' }, i) => {
    check(name, qualifiedName, path.index(i), errors);
    if (names.has(name)) errors.duplicate(path.index(i), name);
    names.add(name);
  });
}
