/** Domains of a certain depth: `hook.example.com`. https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
import type { ErrorList, Path } from '../field-errors';
import { requirePresent } from './checks';
import { dnsLabel, dnsSubdomain } from './names';

const depth = (name: string): number => name.split('.').length;

/** At least three segments. */
export function validateFullyQualified(name: string | undefined, path: Path, errors: ErrorList): void {
  if (!requirePresent(name, path, errors)) return;
  const wrong = dnsSubdomain(name!);
  if (wrong.length > 0) errors.invalid(path, name, wrong.join(','));
  else if (depth(name!) < 3) {
    errors.invalid(path, name, 'should be a domain with at least three segments separated by dots');
  }
}

/** At least two segments; a dot at the end is fine. */
export function validateDomain(name: string, path: Path, errors: ErrorList): void {
  if (!requirePresent(name, path, errors)) return;
  const domain = name.replace(/\.$/, '');
  const wrong = dnsSubdomain(domain);
  if (wrong.length > 0) errors.invalid(path, domain, wrong.join(','));
  else if (depth(domain) < 2) {
    errors.invalid(path, domain, 'should be a domain with at least two segments separated by dots');
  } else {
    for (const label of domain.split('.')) {
      const bad = dnsLabel(label);
      if (bad.length > 0) errors.invalid(path, label, bad.join(','));
    }
  }
}
