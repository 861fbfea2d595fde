/** Leases: who leads, who lives. https://kubernetes.io/docs/concepts/architecture/leases/ */

import { type ErrorList, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { notNegative } from '../validation/checks';
import { age } from './cells';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';

const SPEC = root('spec');

function validate({ spec = {} }: KubernetesObject, errors: ErrorList): void {
  const { leaseDurationSeconds, leaseTransitions } = spec;
  if (leaseDurationSeconds <= 0) {
    errors.invalid(SPEC.child('leaseDurationSeconds'), leaseDurationSeconds, 'must be greater than 0');
  }
  notNegative(leaseTransitions, SPEC.child('leaseTransitions'), errors);
}

/** Coordinated leader election is off by default; without it these fields do not exist. */
function dropElection({ spec }: Draft): void {
  if (!spec) return;
  delete spec.strategy;
  delete spec.preferredHolder;
}

export const lease = defineKind({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  resource: 'leases',
  freeFinalizers: true,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  prepareForCreate: dropElection,
  prepareForUpdate: dropElection,
  validate,
  cells: (object, context) => [object.metadata.name!, object.spec?.holderIdentity ?? '', age(object, context)],
});
