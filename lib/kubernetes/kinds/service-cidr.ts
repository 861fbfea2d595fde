/** ServiceCIDRs: ranges that cluster IPs come from. https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/ */

import { type ErrorList, goJson, Printed, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { tryParseRange, validateStrictRange } from '../validation/addresses';
import { requirePresent } from '../validation/checks';
import { immutable } from '../validation/object-meta';
import { age } from './cells';
import { defineKind } from './define-kind';

const CIDRS = root('spec').child('cidrs');

function validate({ spec = {} }: KubernetesObject, errors: ErrorList): void {
  const cidrs: string[] = spec.cidrs ?? [];
  if (!requirePresent(cidrs, CIDRS, errors, 'at least one CIDR required')) return;
  const shown = new Printed(goJson({ CIDRs: cidrs }));
  if (cidrs.length > 2) {
    errors.invalid(CIDRS, shown, 'may only hold up to 2 values');
    return;
  }
  const [first, second] = cidrs.map(tryParseRange);
  if (first && second && first.address.length === second.address.length) {
    const rule = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/96';
    errors.invalid(CIDRS, shown, rule);
  }
  cidrs.forEach((cidr, i) => {
    validateStrictRange(cidr, CIDRS.index(i), errors);
  });
}

/** A second range may join the first; nothing else changes. */
function validateUpdate(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  const before: string[] = old.spec?.cidrs ?? [];
  const after: string[] = next.spec?.cidrs ?? [];
  if (before.length === 1 && after.length === 2) {
    immutable(after[0], before[0], CIDRS.index(0), errors);
    validate(next, errors);
  } else immutable(after, before, CIDRS, errors);
}

export const serviceCidr = defineKind({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  resource: 'servicecidrs',
  namespaced: false,
  // The status may also come with the object itself; through its own endpoint nothing else does. The server names the fields
  // that it resets by a group that does not exist, so ownership of all of them changes.
  resetFields: [],
  status: {
    keptOnUpdate: true,
    keptOnCreate: true,
    resetFields: [],
    prepare: ({ metadata }, old) => {
      for (const field of ['labels', 'annotations'] as const) {
        if (old.metadata[field] === undefined) delete metadata[field];
        else metadata[field] = old.metadata[field];
      }
    },
  },
  validate,
  validateUpdate,
  cells: (object, context) => [object.metadata.name!, (object.spec?.cidrs ?? []).join(','), age(object, context)],
});
