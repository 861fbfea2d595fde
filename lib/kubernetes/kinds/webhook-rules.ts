/**
 * What a webhook configuration may say.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#webhook-configuration
 */
import { type ErrorList, type Path, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { oneOf, requirePresent } from '../validation/checks';
import { validateLabelSelector } from '../validation/label-selectors';
import { dns1035Label, portNumber } from '../validation/names';
import { validateFullyQualified } from '../validation/qualified-domain';
import { validateWebhookServicePath, validateWebhookUrl } from '../validation/webhook-client';
import { validateMatchConditions } from './admission-expressions';
import { FAILURE_POLICIES, MATCH_POLICIES, validateRuleWithOperations } from './admission-rules';

const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const REINVOCATION = ['IfNeeded', 'Never'];

export function validateWebhooks({ webhooks }: KubernetesObject, errors: ErrorList): void {
  const names = new Set<string>();
  webhooks?.forEach((webhook: any, i: number) => {
    const at = root('webhooks').index(i);
    validateWebhook(webhook, at, errors);
    validateReviewVersions(webhook.admissionReviewVersions ?? [], at.child('admissionReviewVersions'), errors);
    const { name } = webhook;
    if (name && names.has(name)) errors.duplicate(at.child('name'), name);
    names.add(name);
  });
}

function validateWebhook(webhook: any, path: Path, errors: ErrorList): void {
  const { failurePolicy, matchPolicy, sideEffects, timeoutSeconds, reinvocationPolicy } = webhook;
  validateFullyQualified(webhook.name, path.child('name'), errors);
  webhook.rules?.forEach((rule: any, i: number) => {
    validateRuleWithOperations(rule, path.child('rules').index(i), errors);
  });
  oneOf(failurePolicy, FAILURE_POLICIES, path.child('failurePolicy'), errors);
  oneOf(matchPolicy, MATCH_POLICIES, path.child('matchPolicy'), errors);
  const effects = path.child('sideEffects');
  if (!sideEffects && sideEffects !== '') errors.required(effects, `must specify one of ${SIDE_EFFECTS.join(', ')}`);
  else oneOf(sideEffects, SIDE_EFFECTS, effects, errors);
  if (timeoutSeconds > 30 || timeoutSeconds < 1) {
    const rule = 'the timeout value must be between 1 and 30 seconds';
    errors.invalid(path.child('timeoutSeconds'), timeoutSeconds, rule);
  }
  validateLabelSelector(webhook.namespaceSelector, path.child('namespaceSelector'), errors);
  validateLabelSelector(webhook.objectSelector, path.child('objectSelector'), errors);
  if (reinvocationPolicy !== undefined) {
    oneOf(reinvocationPolicy, REINVOCATION, path.child('reinvocationPolicy'), errors);
  }
  validateClient(webhook.clientConfig ?? {}, path.child('clientConfig'), errors);
  validateMatchConditions(webhook.matchConditions, undefined, path.child('matchConditions'), errors);
}

function validateClient({ url, service }: any, path: Path, errors: ErrorList): void {
  if ((url === undefined) === !service) errors.required(path, 'exactly one of url or service is required');
  else if (service) validateService(service, path.child('service'), errors);
  else validateWebhookUrl(url, path.child('url'), errors);
}

function validateService({ namespace, name, path, port }: any, at: Path, errors: ErrorList): void {
  requirePresent(name, at.child('name'), errors, 'service name is required');
  requirePresent(namespace, at.child('namespace'), errors, 'service namespace is required');
  const wrong = portNumber(port);
  if (wrong.length > 0) errors.invalid(at.child('port'), port, `port is not valid: ${wrong.join(',')}`);
  if (path !== undefined) validateWebhookServicePath(path, at.child('path'), errors);
}

function validateReviewVersions(versions: readonly string[], path: Path, errors: ErrorList): void {
  const accepted = REVIEW_VERSIONS.join(', ');
  if (!requirePresent(versions, path, errors, `must specify one of ${accepted}`)) return;
  const seen = new Set<string>();
  versions.forEach((version, i) => {
    if (seen.has(version)) {
      errors.invalid(path.index(i), version, 'duplicate version');
      return;
    }
    seen.add(version);
    const wrong = dns1035Label(version);
    if (wrong.length > 0) errors.invalid(path.index(i), version, wrong.join(','));
  });
  if (!versions.some((version) => REVIEW_VERSIONS.includes(version))) {
    errors.invalid(path, versions, `must include at least one of ${accepted}`);
  }
}
