/** placeholder */
import type { ErrorList } from '../field-errors';
import type { KubernetesObject } from '../object';
import type { JsonSchema } from './json-schema';
export function validateRules(
  _s: JsonSchema,
  _n: KubernetesObject,
  _o: KubernetesObject | undefined,
  _e: ErrorList,
): void {}
