/**
 * Domain-prefixed paths such as `acme.io/foo`: names of controllers.
 * https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class
 */
import type { ErrorList, Path } from '../field-errors';
import { requirePresent } from './checks';
import { check, dnsSubdomain } from './names';

export function validateDomainPrefixedPath(text: string | undefined, path: Path, errors: ErrorList): void {
  if (!requirePresent(text, path, errors)) return;
  const slash = text!.indexOf('/');
  if (slash <= 0 || slash === text!.length - 1) {
    errors.invalid(path, text, 'must be a domain-prefixed path (such as "acme.io/foo")');
    return;
  }
  check(text!.slice(0, slash), dnsSubdomain, path, errors);
  const rest = text!.slice(slash + 1);
  if (!/^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(rest)) {
    errors.invalid(path, rest, "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')");
  }
}
