/**
 * Names of signers of certificates: `example.com/my-signer`.
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#signers
 */
import type { ErrorList, Path } from '../field-errors';
import { check, dnsLabel, dnsSubdomain } from '../validation/names';

/** A domain with at least one dot, a slash, and a path of DNS subdomains. */
export function validateSignerName(name: string, path: Path, errors: ErrorList): void {
  if (!name) {
    errors.required(path);
    return;
  }
  const segments = name.split('/');
  if (segments.length !== 2) {
    errors.invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
    return;
  }
  const [domain, signer] = segments as [string, string];
  for (const label of domain.split('.')) check(label, dnsLabel, path, errors);
  if (domain.split('.').length < 2)
    errors.invalid(path, domain, 'should be a domain with at least two segments separated by dots');
  check(signer, dnsSubdomain, path, errors);
}
