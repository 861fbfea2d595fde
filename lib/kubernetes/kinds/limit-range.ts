/** LimitRanges: defaults and bounds for the Pods of a namespace. https://kubernetes.io/docs/concepts/policy/limit-range/ */

import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';
import { validateLimitRange } from './limit-range-rules';
import { roundToMilli } from './pod/defaults';

function defaults({ spec }: Draft): void {
  for (const item of spec?.limits ?? []) {
    for (const field of ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio']) roundToMilli(item[field]);
    if (item.type === 'Container') applyContainerDefaults(item);
  }
}

/** What a container gets when it does not say: the maximum as limit, then the limit as request, then the minimum. */
function applyContainerDefaults(item: any): void {
  item.default = { ...item.max, ...item.default };
  item.defaultRequest = { ...item.min, ...item.default, ...item.defaultRequest };
  if (Object.keys(item.default).length === 0) delete item.default;
  if (Object.keys(item.defaultRequest).length === 0) delete item.defaultRequest;
}

export const limitRange = defineKind({
  apiVersion: 'v1',
  kind: 'LimitRange',
  resource: 'limitranges',
  metadataCheckedOnce: true,
  defaults,
  allowCreateOnUpdate: true,
  validate: validateLimitRange,
  fallbackName: ({ newUid }) => newUid?.() ?? '',
});
