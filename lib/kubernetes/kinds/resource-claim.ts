/** ResourceClaims: devices that Pods ask for. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/ */

import { semanticEqual } from '../equality';
import { root } from '../field-errors';
import { formatTime, type KubernetesObject } from '../object';
import { printInternal } from '../validation/internal-form';
import { IMMUTABLE } from '../validation/object-meta';
import { age } from './cells';
import { defineKind } from './define-kind';
import { validateDeviceClaim } from './device-claim-rules';

/** Of a claim and of the claims that a template describes. */
export function applyDeviceClaimDefaults(spec: any): void {
  for (const request of spec?.devices?.requests ?? []) {
    if (request.exactly) applyRequestDefaults(request.exactly);
    for (const alternative of request.firstAvailable ?? []) applyRequestDefaults(alternative);
  }
}

function applyRequestDefaults(request: any): void {
  if (!request.allocationMode) request.allocationMode = 'ExactCount';
  if (request.allocationMode === 'ExactCount' && !request.count) request.count = 1;
  for (const toleration of request.tolerations ?? []) if (!toleration.operator) toleration.operator = 'Equal';
}

/** Taints without a time are as old as the request that brought them. */
export function dateTaints(taints: any[] | undefined, now: number): void {
  for (const taint of taints ?? []) taint.timeAdded ??= formatTime(now);
}

const DEVICES = root('spec').child('devices');

export const resourceClaim = defineKind({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  resource: 'resourceclaims',
  statusHasNoTable: true,
  defaults: ({ spec, status }) => {
    applyDeviceClaimDefaults(spec);
    for (const result of status?.allocation?.devices?.results ?? []) {
      for (const toleration of result.tolerations ?? []) if (!toleration.operator) toleration.operator = 'Equal';
    }
  },
  status: {
    resets: 'spec and metadata',
    prepare: (next, old, { now }) => {
      const { allocation } = next.status ?? {};
      if (allocation && !old.status?.allocation && !allocation.allocationTimestamp) {
        allocation.allocationTimestamp = formatTime(now);
      } else if (allocation && semanticEqual(allocation.devices, old.status?.allocation?.devices)) {
        allocation.allocationTimestamp ??= old.status?.allocation?.allocationTimestamp;
      }
    },
  },
  validate: ({ spec }, errors) => validateDeviceClaim(spec?.devices, DEVICES, errors),
  validateUpdate: (next, old, errors) => {
    if (!semanticEqual(next.spec, old.spec)) {
      errors.invalid(root('spec'), printInternal('io.k8s.api.resource.v1.ResourceClaimSpec', next.spec), IMMUTABLE);
    }
  },
  cells: (object, context) => [object.metadata.name!, state(object), age(object, context)],
});

/** `pending`, `allocated,reserved`, `deleted`. */
function state({ metadata, status }: KubernetesObject): string {
  const words = [
    ...(metadata.deletionTimestamp === undefined ? [] : ['deleted']),
    ...(status?.allocation ? ['allocated'] : metadata.deletionTimestamp === undefined ? ['pending'] : []),
    ...(status?.reservedFor?.length ? ['reserved'] : []),
  ];
  return words.join(',');
}
