/** What the API server itself would say of one object, by kind of complaint. The whole of docs/rules.md is these and `rules`. */
import type { Severity } from './finding';

const CONCEPTS = 'https://kubernetes.io/docs/reference/using-api/api-concepts/';
const DEPRECATION = 'https://kubernetes.io/docs/reference/using-api/deprecation-guide/';

interface RuleDescription {
  readonly id: string;
  readonly severity: Severity;
  readonly see: string;
  readonly about: string;
}

export const apiRules: readonly RuleDescription[] = [
  { id: 'unknown-kind', severity: 'error', see: CONCEPTS, about: 'The server knows no such kind in this apiVersion.' },
  {
    id: 'removed-api',
    severity: 'error',
    see: DEPRECATION,
    about: 'The apiVersion existed once, and is served no more.',
  },
  { id: 'unknown-field', severity: 'error', see: CONCEPTS, about: 'The schema of the kind has no such field.' },
  { id: 'wrong-type', severity: 'error', see: CONCEPTS, about: 'The value has another type than the field.' },
  { id: 'invalid-value', severity: 'error', see: CONCEPTS, about: 'The validation of the kind refuses the value.' },
  {
    id: 'deprecated-api',
    severity: 'warning',
    see: DEPRECATION,
    about: 'The apiVersion is served, and will not be for ever.',
  },
  { id: 'api-warning', severity: 'warning', see: CONCEPTS, about: 'The server takes the object with a warning.' },
];
