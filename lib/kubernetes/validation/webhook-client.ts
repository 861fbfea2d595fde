/**
 * Where the API server calls a webhook.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#contacting-the-webhook
 */
import type { ErrorList, Path } from '../field-errors';
import { dnsSubdomain } from './names';

const FORM = '; desired format: https://host[/path]';

export function validateWebhookUrl(text: string, path: Path, errors: ErrorList): void {
  const match =
    /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:([^@/?#]*)@)?([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(text);
  const [, scheme = '', user, host = '', , query = '', fragment = ''] = match ?? [];
  if (scheme.toLowerCase() !== 'https') {
    errors.invalid(path, scheme.toLowerCase(), `'https' is the only allowed URL scheme${FORM}`);
  }
  if (host === '') errors.invalid(path, '', `host must be specified${FORM}`);
  if (user !== undefined) errors.invalid(path, user, 'user information is not permitted in the URL');
  if (fragment !== '') errors.invalid(path, fragment, 'fragments are not permitted in the URL');
  if (query !== '') errors.invalid(path, query, 'query parameters are not permitted in the URL');
}

/** The path at a Service: `/admit/pods`. */
export function validateWebhookServicePath(text: string, path: Path, errors: ErrorList): void {
  if (text === '' || text === '/') return;
  if (text === '//') {
    errors.invalid(path, text, 'segment[0] may not be empty');
    return;
  }
  if (!text.startsWith('/')) errors.invalid(path, text, "must start with a '/'");
  const steps = text.slice(1).replace(/\/$/, '').split('/');
  steps.forEach((step, i) => {
    if (step === '') errors.invalid(path, text, `segment[${i}] may not be empty`);
    else for (const message of dnsSubdomain(step)) errors.invalid(path, text, `segment[${i}]: ${message}`);
  });
}
