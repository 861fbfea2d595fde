/**
 * The rules of LabelSelector objects and node selectors.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements
 */
import type { ErrorList, Path } from '../field-errors';
import type { LabelSelector } from '../selectors';
import { requirePresent } from './checks';
import { check, dnsSubdomain, labelValue, qualifiedName } from './names';
import { validateLabels } from './object-meta';

const OPERATOR_WRONG = 'not a valid selector operator';
const VALUES_REQUIRED = "must be specified when `operator` is 'In' or 'NotIn'";
const VALUES_FORBIDDEN = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";

export function validateLabelSelector(selector: LabelSelector | undefined | null, path: Path, errors: ErrorList): void {
  if (!selector) return;
  if (selector.matchLabels) validateLabels(selector.matchLabels, path.child('matchLabels'), errors);
  selector.matchExpressions?.forEach((expression, i) => {
    const at = path.child('matchExpressions').index(i);
    validateOperator(expression, at, errors);
    check(expression.key ?? '', qualifiedName, at.child('key'), errors);
    expression.values?.forEach((value, j) => {
      check(value, labelValue, at.child('values').index(j), errors);
    });
  });
}

interface Expression {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | null;
}

function validateOperator({ operator, values }: Expression, path: Path, errors: ErrorList): void {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (!values?.length) errors.required(path.child('values'), VALUES_REQUIRED);
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values?.length) errors.forbidden(path.child('values'), VALUES_FORBIDDEN);
      break;
    default:
      errors.invalid(path.child('operator'), operator ?? '', OPERATOR_WRONG);
  }
}

/** Whether the server could make a selector of it, which says less than the rules above. */
export function isUsableSelector(selector: LabelSelector | undefined | null): boolean {
  for (const { operator, values, key } of selector?.matchExpressions ?? []) {
    const needsValues = operator === 'In' || operator === 'NotIn';
    if (!needsValues && operator !== 'Exists' && operator !== 'DoesNotExist') return false;
    if (needsValues ? !values?.length : values?.length) return false;
    if (qualifiedName(key ?? '').length > 0 || values?.some((value) => labelValue(value).length > 0)) return false;
  }
  return Object.entries(selector?.matchLabels ?? {}).every(
    ([key, value]) => qualifiedName(key).length === 0 && labelValue(value).length === 0,
  );
}

export function isEmptySelector(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions?.length ?? 0) === 0;
}

/** `preferred` terms may carry values that no label can have. */
export function validateNodeSelectorTerm(
  term: any,
  path: Path,
  errors: ErrorList,
  options: { readonly preferred?: boolean } = {},
): void {
  term?.matchExpressions?.forEach((expression: Expression, i: number) => {
    const at = path.child('matchExpressions').index(i);
    if (expression.operator === 'Gt' || expression.operator === 'Lt') {
      if (expression.values?.length !== 1) {
        errors.required(at.child('values'), "must be specified single value when `operator` is 'Lt' or 'Gt'");
      }
    } else validateOperator(expression, at, errors);
    check(expression.key ?? '', qualifiedName, at.child('key'), errors);
    if (options.preferred) return;
    expression.values?.forEach((value, j) => {
      check(value, labelValue, at.child('values').index(j), errors);
    });
  });
  term?.matchFields?.forEach((expression: Expression, i: number) => {
    validateFieldExpression(expression, path.child('matchFields').index(i), errors);
  });
}

function validateFieldExpression({ key, operator, values }: Expression, path: Path, errors: ErrorList): void {
  if (operator !== 'In' && operator !== 'NotIn') errors.invalid(path.child('operator'), operator ?? '', OPERATOR_WRONG);
  else if (values?.length !== 1) {
    const rule = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.required(path.child('values'), rule);
  }
  if (key !== 'metadata.name') errors.invalid(path.child('key'), key ?? '', 'not a valid field selector key');
  else
    values?.forEach((value, i) => {
      check(value, dnsSubdomain, path.child('values').index(i), errors);
    });
}

/** A NodeSelector: at least one term. */
export function validateNodeSelector(selector: any, path: Path, errors: ErrorList): void {
  const terms = path.child('nodeSelectorTerms');
  if (!requirePresent(selector.nodeSelectorTerms, terms, errors, 'must have at least one node selector term')) return;
  selector.nodeSelectorTerms.forEach((term: any, i: number) => {
    validateNodeSelectorTerm(term, terms.index(i), errors);
  });
}
