/**
 * What an image does that nobody has described: it runs, listens on the ports that its container declares, and answers
 * every request in plain text. Give it a behaviour with `images.define(name, ...)`.
 *
 * Asked by the API server as a webhook of admission, it lets everything pass, and says so in a warning: what is installed next
 * to it (cert-manager, a load balancer controller) stays usable. As a webhook of conversion it refuses.
 */
import { type HttpRequest, textResponse } from '../network/http-message';
import type { ImageBehaviour } from './image-behaviour';

export const unknownImage: ImageBehaviour = {
  steady: true,
  http: (request, { image, podName }) => {
    const what = `${image} in pod ${podName}: a simulated image without a behaviour of its own`;
    const answer = answerReview(request, what);
    return answer
      ? { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) }
      : textResponse(`${what}\n`);
  },
};

function answerReview({ method, headers, body }: HttpRequest, what: string): object | undefined {
  if (method !== 'POST' || headers?.['content-type'] !== 'application/json') return undefined;
  const { kind, apiVersion, request } = tryParse(body ?? '') ?? {};
  if (kind === 'AdmissionReview') {
    return {
      kind,
      apiVersion,
      response: { uid: request?.uid, allowed: true, warnings: [`${what} admits everything`] },
    };
  }
  if (kind !== 'ConversionReview') return undefined;
  const result = { status: 'Failed', message: `${what} converts nothing` };
  return { kind, apiVersion, response: { uid: request?.uid, convertedObjects: [], result } };
}

function tryParse(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
