/**
 * What a CertificateSigningRequest may say, and how its status may go on.
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/
 */
import { semanticEqual } from '../equality';
import { type ErrorList, quote, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { oneOf, requirePresent } from '../validation/checks';
import { parseCertificateRequest } from '../x509/certificate-request';
import { validateSignerName } from './signer-name';

const SPEC = root('spec');
const CONDITIONS = root('status').child('conditions');
const CERTIFICATE = root('status').child('certificate');
const MIN_SECONDS = 600;
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';
const VERDICTS = ['Approved', 'Denied', 'Failed'];

const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

export function validateRequest(request: KubernetesObject, errors: ErrorList): void {
  const { spec = {} } = request;
  const problem = problemOf(spec.request ?? '');
  if (problem !== undefined) errors.invalid(SPEC.child('request'), spec.request ?? '', problem);
  const usages: string[] = spec.usages ?? [];
  requirePresent(usages, SPEC.child('usages'), errors);
  usages.forEach((usage, i) => {
    oneOf(usage, USAGES, SPEC.child('usages').index(i), errors);
  });
  usages.forEach((usage, i) => {
    if (usages.indexOf(usage) < i) errors.duplicate(SPEC.child('usages').index(i), usage);
  });
  const signer = SPEC.child('signerName');
  if (spec.signerName === LEGACY_SIGNER) {
    errors.invalid(signer, spec.signerName, 'the legacy signerName is not allowed via this API version');
  } else validateSignerName(spec.signerName, signer, errors);
  if (spec.expirationSeconds < MIN_SECONDS) {
    const rule = 'may not specify a duration less than 600 seconds (10 minutes)';
    errors.invalid(SPEC.child('expirationSeconds'), spec.expirationSeconds, rule);
  }
  validateConditions(request, errors);
}

function problemOf(request: string): string | undefined {
  try {
    parseCertificateRequest(request);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function validateConditions({ status }: KubernetesObject, errors: ErrorList): void {
  const seen = new Set<string>();
  status?.conditions?.forEach(({ type = '', status: value = '' }: any, i: number) => {
    const at = CONDITIONS.index(i);
    requirePresent(type, at.child('type'), errors);
    if (requirePresent(value, at.child('status'), errors)) {
      const supported = VERDICTS.includes(type) ? ['True'] : ['False', 'True', 'Unknown'];
      oneOf(value, supported, at.child('status'), errors);
    }
    if (seen.has(type)) errors.duplicate(at.child('type'), type);
    seen.add(type);
    const opposite = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined;
    if (opposite && seen.has(opposite)) {
      errors.invalid(at.child('type'), type, 'Approved and Denied conditions are mutually exclusive');
    }
  });
}

/** What one endpoint may do that the others may not. */
export interface Powers {
  readonly approves?: boolean;
  readonly issues?: boolean;
}

export function validateRequestUpdate(powers: Powers) {
  return (next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void => {
    validateRequest(next, errors);
    for (const type of VERDICTS) validateVerdict(type, next, old, powers, errors);
    const before = old.status?.certificate;
    if (semanticEqual(next.status?.certificate, before)) return;
    if (!powers.issues) errors.forbidden(CERTIFICATE, 'updates may not set certificate content');
    else if (before) errors.forbidden(CERTIFICATE, 'updates may not modify existing certificate content');
  };
}

const conditionsOf = ({ status }: KubernetesObject, wanted: string): any[] =>
  (status?.conditions ?? []).filter(({ type }: any) => type === wanted);

function validateVerdict(
  type: string,
  next: KubernetesObject,
  old: KubernetesObject,
  { approves }: Powers,
  errors: ErrorList,
): void {
  const before = conditionsOf(old, type);
  const after = conditionsOf(next, type);
  const settable = type === 'Failed' || approves;
  const complain = (what: string) =>
    errors.forbidden(CONDITIONS, `updates may not ${what} a condition of type ${quote(type)}`);
  if (after.length < before.length) complain('remove');
  else if (after.length > before.length) {
    if (!settable) complain('add');
  } else if (!semanticEqual(after, before) && !settable) complain('modify');
}
