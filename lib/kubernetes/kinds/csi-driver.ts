/** CSIDrivers: how a storage driver wants to be treated. https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/csi-driver-v1/ */

import { semanticEqual } from '../equality';
import { type ErrorList, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { oneOf, requirePresent } from '../validation/checks';
import { immutable } from '../validation/object-meta';
import { age } from './cells';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';

function defaults({ spec }: Draft): void {
  spec.attachRequired ??= true;
  spec.podInfoOnMount ??= false;
  spec.storageCapacity ??= false;
  spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
  if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent'];
  spec.requiresRepublish ??= false;
  spec.seLinuxMount ??= false;
}

const SPEC = root('spec');
const TOKENS_IN_CONTEXT =
  'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes';
const MODES = ['Ephemeral', 'Persistent'];

function validate({ spec = {} }: KubernetesObject, errors: ErrorList): void {
  for (const field of ['podInfoOnMount', 'storageCapacity']) requirePresent(spec[field], SPEC.child(field), errors);
  oneOf(spec.fsGroupPolicy, ['File', 'None', 'ReadWriteOnceWithFSType'], SPEC.child('fsGroupPolicy'), errors);
  validateTokens(spec, errors);
  for (const mode of spec.volumeLifecycleModes ?? []) oneOf(mode, MODES, SPEC.child('volumeLifecycleModes'), errors);
  const period = spec.nodeAllocatableUpdatePeriodSeconds;
  if (period < 10) {
    const rule = 'must be greater than or equal to 10 seconds';
    errors.invalid(SPEC.child('nodeAllocatableUpdatePeriodSeconds'), period, rule);
  }
}

function validateTokens({ tokenRequests }: any, errors: ErrorList): void {
  const audiences = new Set<string>();
  tokenRequests?.forEach(({ audience = '', expirationSeconds }: any, i: number) => {
    const at = SPEC.child('tokenRequests').index(i);
    if (audiences.has(audience)) {
      errors.duplicate(at.child('audience'), audience);
      return;
    }
    audiences.add(audience);
    const seconds = at.child('expirationSeconds');
    if (expirationSeconds < 600) {
      errors.invalid(seconds, expirationSeconds, 'may not specify a duration less than 10 minutes');
    } else if (expirationSeconds > 2 ** 32) {
      errors.invalid(seconds, expirationSeconds, 'may not specify a duration larger than 2^32 seconds');
    }
  });
}

/** Counted from the first change on: a new driver has no generation. */
function countChanges(next: Draft, old: KubernetesObject): void {
  if (!semanticEqual(next.spec, old.spec)) next.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

function validateUpdate(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  validate(next, errors);
  immutable(next.spec.attachRequired, old.spec.attachRequired, SPEC.child('attachedRequired'), errors);
  const modes = SPEC.child('volumeLifecycleModes');
  immutable(next.spec.volumeLifecycleModes, old.spec.volumeLifecycleModes, modes, errors);
}

function warnings({ spec = {} }: KubernetesObject, old?: KubernetesObject): string[] {
  if (old) return [];
  return spec.tokenRequests?.length && spec.serviceAccountTokenInSecrets === undefined ? [TOKENS_IN_CONTEXT] : [];
}

export const csiDriver = defineKind({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSIDriver',
  resource: 'csidrivers',
  namespaced: false,
  defaults,
  allowUnconditionalUpdate: false,
  prepareForUpdate: countChanges,
  validate,
  validateUpdate,
  warnings,
  cells: (object, context) => {
    const { spec = {} } = object;
    const tokens = (spec.tokenRequests ?? []).map(({ audience }: any) => audience).join(',');
    return [
      object.metadata.name!,
      spec.attachRequired ?? true,
      spec.podInfoOnMount ?? false,
      spec.storageCapacity ?? false,
      spec.tokenRequests?.length ? tokens : '<unset>',
      spec.requiresRepublish ?? false,
      (spec.volumeLifecycleModes ?? []).join(',') || '<none>',
      age(object, context),
    ];
  },
});
