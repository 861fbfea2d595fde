/** Nodes: the machines. https://kubernetes.io/docs/concepts/architecture/nodes/ */

import { type ErrorList, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { isDualStack, validateRange } from '../validation/addresses';
import { oneOfInOrder } from '../validation/checks';
import { printStruct } from '../validation/go-structs';
import { check, labelValue, qualifiedName } from '../validation/names';
import { age } from './cells';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';
import { roundToMilli } from './pod/defaults';
import { validateResourceAmount } from './pod/resources';
import { TAINT_EFFECTS } from './pod/scheduling';

const ROLE_PREFIX = 'node-role.kubernetes.io/';

const METADATA = root('metadata');
const taintStruct = {
  Key: ['key', ''],
  Value: ['value', ''],
  Effect: ['effect', ''],
  TimeAdded: ['timeAdded', null],
} as const;

function validate({ spec = {}, status }: KubernetesObject, errors: ErrorList): void {
  validateTaints(spec.taints, errors);
  validateAmounts(status, errors);
  validatePodCidrs(spec.podCIDRs, errors);
}

/** The path lacks the spec, as the real one does. */
function validateTaints(taints: any[] | undefined, errors: ErrorList): void {
  const seen = new Set<string>();
  taints?.forEach((taint, i) => {
    const { key = '', value = '', effect } = taint;
    const at = METADATA.child('taints').index(i);
    check(key, qualifiedName, at.child('key'), errors);
    const messages = labelValue(value);
    if (messages.length > 0) errors.invalid(at.child('value'), value, messages.join(';'));
    if (!effect) errors.required(at.child('effect'));
    else oneOfInOrder(effect, TAINT_EFFECTS, at.child('effect'), errors);
    const pair = `${effect} ${key}`;
    if (seen.has(pair))
      errors.duplicate(at, printStruct(taintStruct, taint), 'taints must be unique by key and effect pair');
    seen.add(pair);
  });
}

function validateAmounts(status: any, errors: ErrorList): void {
  for (const list of ['capacity', 'allocatable']) {
    for (const name in status?.[list]) {
      validateResourceAmount(name, status[list][name], root('status').child(list).child(name), errors);
    }
  }
}

function validatePodCidrs(ranges: string[] | undefined, errors: ErrorList): void {
  if (!ranges?.length) return;
  const at = root('spec').child('podCIDRs');
  ranges.forEach((range, i) => {
    validateRange(range, at.index(i), errors);
  });
  if (ranges.length === 1) return;
  if (ranges.length > 2 || !isDualStack(ranges.map((range) => range.split('/')[0]!))) {
    errors.invalid(at, ranges, 'may specify no more than one CIDR for each IP family');
  }
  ranges.forEach((range, i) => {
    if (ranges.indexOf(range) < i) errors.duplicate(at.index(i), range);
  });
}

function validateUpdate(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  validateAmounts(next.status, errors);
  const seen = new Set<string>();
  next.status?.addresses?.forEach(({ type, address }: any, i: number) => {
    const key = `${type} ${address}`;
    if (seen.has(key)) {
      errors.duplicate(root('status').child('addresses').index(i), { Type: type, Address: address });
    }
    seen.add(key);
  });
  const rule = (field: string) => `node updates may not change ${field} except from "" to valid`;
  const before: string[] = old.spec?.podCIDRs ?? [];
  const after: string[] = next.spec?.podCIDRs ?? [];
  const at = root('spec').child('podCIDRs');
  if (before.length > 0) {
    if (before.length !== after.length) errors.forbidden(at, rule('podCIDR'));
    else {
      before.forEach((range, i) => {
        if (range !== after[i]) errors.forbidden(at, rule('podCIDR'));
      });
    }
  }
  if (old.spec?.providerID && old.spec.providerID !== next.spec?.providerID) {
    errors.forbidden(root('spec').child('providerID'), rule('providerID'));
  }
  validateTaints(next.spec?.taints, errors);
  if (next.spec?.externalID !== old.spec?.externalID) {
    errors.forbidden(root('spec').child('externalID'), 'may not be updated');
  }
}

/** One range in two spellings, as with cluster IPs. */
function alignPodCidrs({ spec }: Draft): void {
  if (!spec) return;
  if (spec.podCIDR && spec.podCIDRs?.[0] !== spec.podCIDR) spec.podCIDRs = [spec.podCIDR];
  if (spec.podCIDRs?.length) spec.podCIDR = spec.podCIDRs[0];
}

export const node = defineKind({
  apiVersion: 'v1',
  kind: 'Node',
  resource: 'nodes',
  namespaced: false,
  defaults: (draft) => {
    alignPodCidrs(draft);
    const { status } = draft;
    if (!status) return;
    roundToMilli(status.capacity);
    roundToMilli(status.allocatable);
    // What is there is what can be used, unless the node says less.
    if (!status.allocatable && status.capacity) status.allocatable = { ...status.capacity };
  },
  // Dynamic kubelet configuration is gone; what still asks for it is not heard.
  prepareForCreate: ({ spec }) => delete spec?.configSource,
  prepareForUpdate: ({ spec }) => delete spec?.configSource,
  status: { keptOnCreate: true, validate: validateUpdate },
  validate,
  validateUpdate,
  warnings: ({ spec }) => [
    ...(spec?.configSource ? ['spec.configSource: the feature is deprecated since v1.22, removed in v1.24'] : []),
    ...(spec?.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
  ],
  selectableFields: { 'spec.unschedulable': (object) => String(object.spec?.unschedulable ?? false) },
  cells: (object, context) => {
    const info = object.status?.nodeInfo ?? {};
    return [
      object.metadata.name!,
      readiness(object),
      roles(object),
      age(object, context),
      info.kubeletVersion ?? '',
      address(object, 'InternalIP'),
      address(object, 'ExternalIP'),
      info.osImage || '<unknown>',
      info.kernelVersion || '<unknown>',
      info.containerRuntimeVersion || '<unknown>',
    ];
  },
});

/** `Ready`, `NotReady,SchedulingDisabled`, `Unknown`. */
function readiness({ spec, status }: KubernetesObject): string {
  const ready = (status?.conditions ?? []).find((condition: any) => condition.type === 'Ready');
  const word = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec?.unschedulable ? `${word},SchedulingDisabled` : word;
}

function roles({ metadata }: KubernetesObject): string {
  const found = new Set<string>();
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX) && key !== ROLE_PREFIX) found.add(key.slice(ROLE_PREFIX.length));
    else if (key === 'kubernetes.io/role' && value !== '') found.add(value);
  }
  return found.size === 0 ? '<none>' : [...found].sort().join(',');
}

function address({ status }: KubernetesObject, type: string): string {
  return (status?.addresses ?? []).find((found: any) => found.type === type)?.address ?? '<none>';
}
