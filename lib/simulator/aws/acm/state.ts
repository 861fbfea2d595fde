/**
 * AWS Certificate Manager: a public certificate is PENDING_VALIDATION until the CNAME record that it asks for is in a
 * hosted zone, then ISSUED; nobody gets one by waiting.
 * https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
 *
 * Left out: validation by e-mail (pending until it times out), private and imported certificates, renewal, keys.
 */
import { createHash } from 'node:crypto';
import { AwsError } from '../aws-error';
import { fullName, type RecordSet, zonesOf } from '../route53/state';
import { regionalState, type Scope, type WireObject } from '../service';
import type { Tag } from '../tags';

export interface Certificate {
  readonly CertificateArn: string;
  readonly DomainName: string;
  readonly SubjectAlternativeNames: readonly string[];
  readonly validationMethod: string;
  readonly createdAt: number;
  issuedAt?: number;
  tags: readonly Tag[];
}

export const certificatesOf = regionalState('acm', () => new Map<string, Certificate>());

/** How long ACM takes to see a record, and how long it waits for one. */
const ISSUE_MS = 90_000;
const TIMEOUT_MS = 72 * 3_600_000;

export function requestCertificate(scope: Scope, input: WireObject): Certificate {
  const { account, region } = scope;
  const random = account.stateOf('acm/ids', () => account.random('acm'));
  const DomainName = String(input.DomainName);
  const certificate: Certificate = {
    CertificateArn: `arn:aws:acm:${region}:${account.accountId}:certificate/${random.uuid()}`,
    DomainName,
    SubjectAlternativeNames: [...new Set([DomainName, ...(input.SubjectAlternativeNames ?? [])])],
    validationMethod: String(input.ValidationMethod ?? 'EMAIL'),
    createdAt: account.now,
    tags: input.Tags ?? [],
  };
  certificatesOf(scope).set(certificate.CertificateArn, certificate);
  return certificate;
}

export function findCertificate(scope: Scope, arn: string): Certificate {
  const found = certificatesOf(scope).get(arn);
  if (!found) throw new AwsError('ResourceNotFoundException', `Could not find certificate ${arn}.`);
  return found;
}

export function certificateStatus(scope: Scope, certificate: Certificate): string {
  if (certificate.issuedAt !== undefined) return 'ISSUED';
  const { now } = scope.account;
  if (now - certificate.createdAt > TIMEOUT_MS) return 'VALIDATION_TIMED_OUT';
  if (certificate.validationMethod !== 'DNS' || now - certificate.createdAt < ISSUE_MS) return 'PENDING_VALIDATION';
  const isProven = certificate.SubjectAlternativeNames.every((name) => hasRecord(scope, validationRecord(scope, name)));
  if (!isProven) return 'PENDING_VALIDATION';
  certificate.issuedAt = now;
  return 'ISSUED';
}

/** The record that proves control of a domain; the same for every certificate of the account. */
export function validationRecord(scope: Scope, domain: string): RecordSet {
  const bare = domain.replace(/^\*\./, '');
  const hash = createHash('sha256').update(`${scope.account.accountId}/${bare}`).digest('hex');
  return {
    name: fullName(`_${hash.slice(0, 32)}.${bare}`),
    type: 'CNAME',
    ttl: 300,
    values: [`_${hash.slice(32)}.acm-validations.aws.`],
  };
}

function hasRecord(scope: Scope, wanted: RecordSet): boolean {
  return [...zonesOf(scope).values()].some(
    (zone) =>
      !zone.isPrivate &&
      [...zone.records.values()].some(
        ({ name, type, values }) =>
          name === wanted.name && type === 'CNAME' && fullName(String(values[0])) === wanted.values[0],
      ),
  );
}
