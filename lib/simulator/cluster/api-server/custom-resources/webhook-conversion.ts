/**
 * Conversion of custom resources by a webhook: whoever knows what the versions mean is asked.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#webhook-conversion
 *
 * The server lets the webhook change everything but who the object is: of its metadata, labels and annotations only.
 */
import type { ConvertObjects } from '../../../../kubernetes/custom-resources/custom-kind';
import type { Definition } from '../../../../kubernetes/custom-resources/definition';
import type { Draft } from '../../../../kubernetes/kinds';
import { StatusError } from '../../../../kubernetes/status-error';
import { CallError, type Outbound, type WebhookClient } from '../outbound/outbound';

const GROUP = 'apiextensions.k8s.io';
const KIND = 'ConversionReview';
const TIMEOUT_SECONDS = 30;

/** Undefined when the versions of the definition differ in name only. It throws StatusError 500 when the webhook fails. */
export function webhookConversion({ spec }: Definition, outbound: Outbound): ConvertObjects | undefined {
  const webhook = spec.conversion?.strategy === 'Webhook' ? spec.conversion.webhook : undefined;
  if (!webhook) return undefined;
  const { clientConfig, conversionReviewVersions } = webhook;
  const version = conversionReviewVersions.find((each) => each === 'v1' || each === 'v1beta1') ?? 'v1';
  return (objects, desiredAPIVersion) => {
    const failed = (cause: string) => {
      const from = `${objects[0]?.apiVersion}, Kind=${spec.names.kind}`;
      return new StatusError(500, '', `conversion webhook for ${from} failed: ${cause}`);
    };
    const review = { kind: KIND, apiVersion: `${GROUP}/${version}`, request: { desiredAPIVersion, objects } };
    try {
      const converted = ask(outbound, clientConfig, review);
      if (converted.length !== objects.length) {
        throw new CallError(`returned ${converted.length} objects, expected ${objects.length}`);
      }
      return converted.map((each, i) => checked(each, objects[i]!, desiredAPIVersion));
    } catch (error) {
      if (error instanceof CallError) throw failed(error.message);
      throw error;
    }
  };
}

function ask(
  outbound: Outbound,
  client: WebhookClient,
  review: { kind: string; apiVersion: string; request: object },
): readonly Draft[] {
  const { uid, document } = outbound.post(client, TIMEOUT_SECONDS, review);
  const { response } = document;
  if (document.apiVersion !== review.apiVersion || document.kind !== KIND) {
    const got = `${document.apiVersion ?? '/'}, Kind=${document.kind ?? ''}`;
    throw new CallError(`expected webhook response of ${review.apiVersion}, Kind=${KIND}, got ${got}`);
  }
  if (!response) throw new CallError('no response provided');
  if (response.uid !== uid) throw new CallError(`expected response.uid="${uid}", got "${response.uid ?? ''}"`);
  const { status = '', message } = response.result ?? {};
  if (status !== 'Success') throw new CallError(message || `response.result.status was '${status}', not 'Success'`);
  return response.convertedObjects ?? [];
}

function checked(converted: any, { kind, metadata }: Draft, apiVersion: string): Draft {
  const invalid = (why: string) => new CallError(`returned invalid object: ${why}`);
  if (converted?.apiVersion !== apiVersion) {
    throw invalid(`invalid groupVersion (expected ${apiVersion}, received ${converted?.apiVersion ?? ''})`);
  }
  if (converted.kind !== kind) throw invalid(`invalid kind (expected ${kind}, received ${converted.kind ?? ''})`);
  for (const field of ['name', 'namespace', 'uid'] as const) {
    if (converted.metadata?.[field] !== metadata[field]) throw invalid(`metadata.${field} must not be changed`);
  }
  const { labels, annotations } = converted.metadata;
  const { labels: _labels, annotations: _annotations, ...kept } = metadata;
  return {
    ...converted,
    metadata: { ...kept, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) },
  };
}
