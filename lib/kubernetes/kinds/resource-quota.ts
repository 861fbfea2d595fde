/** ResourceQuotas: how much a namespace may use. https://kubernetes.io/docs/concepts/policy/resource-quotas/ */

import { type ErrorList, type Path, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { IMMUTABLE } from '../validation/object-meta';
import { age } from './cells';
import { defineKind } from './define-kind';
import { roundToMilli } from './pod/defaults';
import { isStandardResource, validateResourceAmount, validateResourceName } from './pod/resources';
import { validateScopeSelector, validateScopes } from './quota-scopes';

const SPEC = root('spec');

function validate({ spec = {} }: KubernetesObject, errors: ErrorList): void {
  validateAmounts(spec.hard, SPEC.child('hard'), errors);
  validateScopes(spec, SPEC, errors);
  validateScopeSelector(spec, SPEC.child('scopeSelector'), errors);
}

function validateAmounts(amounts: Record<string, string> | undefined, path: Path, errors: ErrorList): void {
  for (const [name, amount] of Object.entries(amounts ?? {})) {
    const at = path.key(name);
    const named = validateResourceName(name, at, errors);
    if (named && !name.includes('/') && (!isStandardResource(name) || name === 'storage')) {
      errors.invalid(at, name, 'must be a standard resource for quota');
    }
    validateResourceAmount(name, amount, at, errors);
  }
}

function validateUpdate(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  validate(next, errors);
  const scopes = ({ spec }: KubernetesObject): string => [...new Set<string>(spec?.scopes ?? [])].sort().join();
  if (scopes(next) !== scopes(old)) errors.invalid(SPEC.child('scopes'), next.spec?.scopes, IMMUTABLE);
}

function validateStatus({ status = {} }: KubernetesObject, errors: ErrorList): void {
  validateAmounts(status.hard, root('status').child('hard'), errors);
  validateAmounts(status.used, root('status').child('used'), errors);
}

export const resourceQuota = defineKind({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  resource: 'resourcequotas',
  defaults: ({ spec, status }) => {
    roundToMilli(spec?.hard);
    roundToMilli(status?.hard);
    roundToMilli(status?.used);
  },
  status: { validate: (next, _old, errors) => validateStatus(next, errors) },
  validate,
  validateUpdate,
  cells: (object, context) => {
    const { hard = {}, used = {} } = object.status ?? {};
    const texts = Object.keys(hard)
      .sort()
      .map((name) => ({ name, text: `${name}: ${used[name] ?? '0'}/${hard[name]}` }));
    const isLimit = ({ name }: { name: string }) => name.startsWith('limits');
    return [
      object.metadata.name!,
      texts
        .filter((quota) => !isLimit(quota))
        .map(({ text }) => text)
        .join(', '),
      texts
        .filter(isLimit)
        .map(({ text }) => text)
        .join(', '),
      age(object, context),
    ];
  },
});
