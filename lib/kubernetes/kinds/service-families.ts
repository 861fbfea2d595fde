/**
 * Which IP families a Service gets: one or two, and in which order.
 * https://kubernetes.io/docs/concepts/services-networking/dual-stack/#services
 *
 * The API server calls this after validation, when it gives out addresses. The first configured family is the default one.
 */

import { ErrorList, root } from '../field-errors';
import type { Draft } from './kind-definition';
import { validateClusterIPs } from './service-rules';

export type IpFamily = 'IPv4' | 'IPv6';

const POLICY = root('spec').child('ipFamilyPolicy');
const FAMILIES = root('spec').child('ipFamilies');

export const familyOf = (address: string): IpFamily => (address.includes(':') ? 'IPv6' : 'IPv4');

const other = (family: IpFamily): IpFamily => (family === 'IPv4' ? 'IPv6' : 'IPv4');

/** What addresses, families and their policy say about each other; the server asks this before anything else. */
export function validateFamilies({ spec }: Draft): ErrorList {
  const errors = new ErrorList();
  validateClusterIPs(spec, errors);
  if (errors.length > 0 || spec.ipFamilyPolicy !== 'SingleStack') return errors;
  const rule = "must be 'RequireDualStack' or 'PreferDualStack' when multiple";
  if (spec.clusterIPs?.length === 2) errors.invalid(POLICY, 'SingleStack', `${rule} cluster IPs are specified`);
  if (spec.ipFamilies?.length === 2) errors.invalid(POLICY, 'SingleStack', `${rule} IP families are specified`);
  return errors;
}

/** Fills in `ipFamilyPolicy` and `ipFamilies`; complains about what the cluster cannot give. */
export function initializeFamilies({ spec }: Draft, configured: readonly IpFamily[]): ErrorList {
  const errors = new ErrorList();
  if (spec.type === 'ExternalName') return errors;
  const preferred = configured[0]!;
  const headless = spec.clusterIPs?.[0] === 'None' || spec.clusterIP === 'None';
  const addresses: string[] = headless ? [] : (spec.clusterIPs ?? []);
  // Addresses say which families they are of.
  addresses.forEach((address, i) => {
    spec.ipFamilies ??= [];
    spec.ipFamilies[i] ??= familyOf(address);
  });
  if (headless && Object.keys(spec.selector ?? {}).length === 0) {
    // Whoever writes the endpoints can write both families.
    if (!spec.ipFamilyPolicy) spec.ipFamilyPolicy = spec.ipFamilies?.length === 1 ? 'SingleStack' : 'RequireDualStack';
    if (!spec.ipFamilies?.length) spec.ipFamilies = [preferred];
    if (spec.ipFamilyPolicy !== 'SingleStack' && spec.ipFamilies.length === 1) {
      spec.ipFamilies = [spec.ipFamilies[0], other(spec.ipFamilies[0])];
    }
    return errors;
  }
  if (!spec.ipFamilyPolicy) {
    spec.ipFamilyPolicy = addresses.length === 2 || spec.ipFamilies?.length === 2 ? 'RequireDualStack' : 'SingleStack';
  }
  if (spec.ipFamilyPolicy === 'RequireDualStack' && configured.length < 2) {
    errors.invalid(POLICY, spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services');
  }
  (spec.ipFamilies ?? []).forEach((family: IpFamily, i: number) => {
    if (!configured.includes(family)) errors.invalid(FAMILIES.index(i), family, 'not configured on this cluster');
  });
  if (!spec.ipFamilies?.length) spec.ipFamilies = [preferred];
  if (spec.ipFamilyPolicy !== 'SingleStack' && spec.ipFamilies.length === 1 && configured.length === 2) {
    spec.ipFamilies = [spec.ipFamilies[0], other(spec.ipFamilies[0])];
  }
  return errors;
}
