/**
 * One webhook, one request: is it meant, what does it say, and what when it says nothing.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
 */
import { badRequest, forbidden, internalError, StatusError } from '../../../../../kubernetes/status-error';
import { CallError, type WebhookClient } from '../../outbound/outbound';
import type { ServedResource } from '../../resources';
import type { AdmissionAttributes, AdmissionContext } from '../admission';
import { matchedVersion, selectorsMatch } from '../resource-rules';
import { conditionsHold } from '../validating-policies/evaluate';
import { requestVariables } from '../validating-policies/variables';
import { objectsIn } from '../versioned';
import { InvalidResponse, readVerdict, reviewOf, type Verdict } from './review';

/** https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/validating-webhook-configuration-v1/ */
export interface Webhook {
  readonly name: string;
  readonly clientConfig: WebhookClient;
  readonly rules?: readonly any[];
  readonly failurePolicy?: 'Fail' | 'Ignore';
  readonly matchPolicy?: 'Exact' | 'Equivalent';
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
  readonly sideEffects: string;
  readonly timeoutSeconds?: number;
  readonly admissionReviewVersions: readonly string[];
  readonly reinvocationPolicy?: 'Never' | 'IfNeeded';
}

const WITHOUT_SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const DEFAULT_TIMEOUT_SECONDS = 10;

/** The version of the resource in which the webhook wants to see it; undefined when it does not want to. */
export function meantVersion(
  webhook: Webhook,
  attributes: AdmissionAttributes,
  context: AdmissionContext,
): ServedResource | undefined {
  const matched = matchedVersion(webhook.rules ?? [], webhook.matchPolicy, attributes, context);
  if (!matched || !selectorsMatch(webhook, attributes, context)) return undefined;
  const { matchConditions = [] } = webhook;
  if (matchConditions.length === 0) return matched;
  const holds = conditionsHold(matchConditions, requestVariables(attributes, context, matched));
  if (holds === true) return matched;
  if (holds === false || webhook.failurePolicy === 'Ignore') return undefined;
  throw forbidden(attributes.resource, attributes.name, holds.error);
}

/**
 * @returns undefined when the call failed and the webhook's owner does not mind
 * @throws StatusError when it failed and that matters; or when the webhook does not like dry runs
 */
export function ask(
  webhook: Webhook,
  attributes: AdmissionAttributes,
  context: AdmissionContext,
  { matched, mutating }: { matched: ServedResource; mutating: boolean },
): Verdict | undefined {
  const { name } = webhook;
  if (attributes.dryRun && !WITHOUT_SIDE_EFFECTS.includes(webhook.sideEffects)) {
    throw badRequest(`admission webhook "${name}" does not support dry run`);
  }
  const failed = (cause: string): undefined => {
    if (webhook.failurePolicy !== 'Ignore') throw internalError(`failed calling webhook "${name}": ${cause}`);
  };
  const review = reviewOf(webhook, attributes, matched, objectsIn(matched, attributes));
  try {
    const timeout = webhook.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
    const { uid, document } = context.outbound.post(webhook.clientConfig, timeout, review);
    const verdict = readVerdict(document, { uid, apiVersion: review.apiVersion }, mutating);
    for (const text of verdict.warnings) attributes.warn(text);
    return verdict;
  } catch (error) {
    if (error instanceof CallError) return failed(`failed to call webhook: ${error.message}`);
    if (error instanceof InvalidResponse) return failed(`received invalid webhook response: ${error.message}`);
    throw error;
  }
}

/** The webhook's own Status, with its name in front. */
export function denial({ name }: Webhook, { status = {} }: Verdict): StatusError {
  const deniedBy = `admission webhook "${name}" denied the request`;
  const why = status.message || status.reason;
  const message = why ? `${deniedBy}: ${why}` : `${deniedBy} without explanation`;
  return new StatusError(Math.max(status.code ?? 0, 400), status.reason ?? '', message, status.details);
}
