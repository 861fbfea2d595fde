/**
 * What a ValidatingAdmissionPolicy may say, and a binding of one.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
import { DYN, type StaticType } from '../cel/check';
import { type ErrorList, type Path, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { oneOf, requireName, requirePresent } from '../validation/checks';
import { validateLabelSelector } from '../validation/label-selectors';
import { check, dns1035Label, dnsSubdomain, pathSegment, qualifiedName } from '../validation/names';
import {
  admissionVariables,
  type Variables,
  validateExpression,
  validateMatchConditions,
} from './admission-expressions';
import { FAILURE_POLICIES, validateMatch } from './admission-rules';

const SPEC = root('spec');
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const NOTHING_TO_DO = 'validations or auditAnnotations must contain at least one item';
const LINE_BREAKS = /[\n\r\u0085\u2028\u2029]/;
const MAX_ANNOTATIONS = 20;

export function validatePolicy({ metadata, spec = {} }: KubernetesObject, errors: ErrorList): void {
  const { paramKind, matchConstraints, validations, auditAnnotations } = spec;
  oneOf(spec.failurePolicy, FAILURE_POLICIES, SPEC.child('failurePolicy'), errors);
  if (paramKind) validateParamKind(paramKind, SPEC.child('paramKind'), errors);
  const match = SPEC.child('matchConstraints');
  if (requirePresent(matchConstraints, match, errors)) {
    validateMatch(matchConstraints, match, errors);
    requirePresent(matchConstraints.resourceRules, match.child('resourceRules'), errors);
  }
  const params = paramKind !== undefined;
  const conditions = SPEC.child('matchConditions');
  validateMatchConditions(spec.matchConditions, admissionVariables({ params }), conditions, errors);
  const variables = validateVariables(spec.variables ?? [], params, errors);
  if (!validations?.length && !auditAnnotations?.length) {
    errors.required(SPEC.child('validations'), NOTHING_TO_DO);
    errors.required(SPEC.child('auditAnnotations'), NOTHING_TO_DO);
    return;
  }
  validations?.forEach((validation: any, i: number) => {
    validateValidation(validation, variables, SPEC.child('validations').index(i), errors);
  });
  validateAnnotations(metadata.name ?? '', auditAnnotations ?? [], variables, errors);
}

function validateParamKind({ apiVersion = '', kind = '' }: any, path: Path, errors: ErrorList): void {
  const at = path.child('apiVersion');
  if (requirePresent(apiVersion, at, errors)) {
    const parts: string[] = apiVersion.split('/');
    if (parts.length > 2) errors.invalid(at, apiVersion, `unexpected GroupVersion string: ${apiVersion}`);
    else {
      const version = parts.at(-1)!;
      const group = parts.length === 2 ? dnsSubdomain(parts[0]!) : [];
      if (group.length > 0) errors.invalid(at, parts[0], group.join(','));
      if (version === '') errors.invalid(at, apiVersion, 'version must be specified');
      else if (dns1035Label(version).length > 0) errors.invalid(at, version, dns1035Label(version).join(','));
    }
  }
  if (!requirePresent(kind, path.child('kind'), errors)) return;
  const wrong = dns1035Label(kind.toLowerCase());
  if (wrong.length > 0) {
    const rule = `may have mixed case, but should otherwise match: ${wrong.join(',')}`;
    errors.invalid(path.child('kind'), kind, rule);
  }
}

/** Each variable may use those before it. */
function validateVariables(list: readonly any[], params: boolean, errors: ErrorList): Variables {
  const types = new Map<string, StaticType>();
  list.forEach(({ name = '', expression = '' }, i) => {
    const at = SPEC.child('variables').index(i);
    const isName = /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name);
    if (name === '') errors.required(at.child('name'), 'name is not specified');
    else if (!isName) errors.invalid(at.child('name'), name, 'must be a valid CEL identifier');
    if (!requirePresent(expression.trim(), at.child('expression'), errors, 'expression is not specified')) return;
    const known = admissionVariables({ params, variables: types });
    const type = validateExpression(expression, [], known, at.child('expression'), errors);
    types.set(name, type ?? DYN);
  });
  return admissionVariables({ params, variables: types });
}

function validateValidation(validation: any, variables: Variables, path: Path, errors: ErrorList): void {
  const { expression = '', message = '', messageExpression = '', reason } = validation;
  if (requirePresent(expression.trim(), path.child('expression'), errors, 'expression is not specified')) {
    validateExpression(expression, ['bool'], variables, path.child('expression'), errors);
  }
  const computed = path.child('messageExpression');
  if (messageExpression !== '' && messageExpression.trim() === '') {
    errors.invalid(computed, messageExpression, 'must be non-empty if specified');
  } else if (messageExpression !== '') validateExpression(messageExpression, ['string'], variables, computed, errors);
  if (message !== '' && message.trim() === '') {
    errors.invalid(path.child('message'), message, 'must be non-empty if specified');
  } else if (LINE_BREAKS.test(message.trim())) {
    errors.invalid(path.child('message'), message, 'must not contain line breaks');
  } else if (LINE_BREAKS.test(expression.trim()) && message === '') {
    const rule = 'must be specified if expression contains line breaks';
    errors.required(path.child('message'), rule);
  }
  if (reason !== undefined && reason !== 'Unauthorized') oneOf(reason, REASONS, path.child('reason'), errors);
}

function validateAnnotations(policy: string, list: readonly any[], variables: Variables, errors: ErrorList): void {
  const path = SPEC.child('auditAnnotations');
  if (list.length > MAX_ANNOTATIONS) {
    errors.invalid(path, list, `must not have more than ${MAX_ANNOTATIONS} auditAnnotations`);
  }
  const keys = new Set<string>();
  list.forEach(({ key = '', valueExpression = '' }, i) => {
    const at = path.index(i);
    if (policy === '') errors.invalid(at.child('key'), key, 'requires metadata.name be non-empty');
    else check(`${policy}/${key}`, qualifiedName, at.child('key'), errors);
    if (
      requirePresent(valueExpression.trim(), at.child('valueExpression'), errors, 'valueExpression is not specified')
    ) {
      validateExpression(valueExpression, ['string', 'null_type'], variables, at.child('valueExpression'), errors);
    }
    if (keys.has(key)) errors.duplicate(at.child('key'), key);
    keys.add(key);
  });
}

const DENY_AND_WARN =
  'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
const EXCLUSIVE = 'name and selector are mutually exclusive';

export function validatePolicyBinding({ spec = {} }: KubernetesObject, errors: ErrorList): void {
  requireName(spec.policyName, dnsSubdomain, SPEC.child('policyName'), errors);
  if (spec.paramRef) validateParamRef(spec.paramRef, SPEC.child('paramRef'), errors);
  // The path is misspelled in the server, too.
  if (spec.matchResources) validateMatch(spec.matchResources, SPEC.child('matchResouces'), errors);
  const actions: string[] = spec.validationActions ?? [];
  const at = SPEC.child('validationActions');
  actions.forEach((action, i) => {
    oneOf(action, ['Audit', 'Deny', 'Warn'], at.index(i), errors);
    if (actions.indexOf(action) < i) errors.duplicate(at.index(i), action);
  });
  if (actions.includes('Deny') && actions.includes('Warn')) errors.invalid(at, actions, DENY_AND_WARN);
  requirePresent(actions, at, errors);
}

function validateParamRef({ name, selector, parameterNotFoundAction }: any, path: Path, errors: ErrorList): void {
  if (name) {
    check(name, pathSegment, path.child('name'), errors);
    if (selector) errors.forbidden(path.child('name'), EXCLUSIVE);
  }
  if (selector) {
    validateLabelSelector(selector, path.child('selector'), errors);
    if (name) errors.forbidden(path.child('selector'), EXCLUSIVE);
  }
  if (!name && !selector) errors.required(path, 'one of name or selector must be specified');
  const at = path.child('parameterNotFoundAction');
  if (requirePresent(parameterNotFoundAction, at, errors))
    oneOf(parameterNotFoundAction, ['Allow', 'Deny'], at, errors);
}
