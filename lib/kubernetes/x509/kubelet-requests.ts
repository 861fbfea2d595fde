/**
 * What the certificates of kubelets must ask for.
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers
 */
import type { CertificateRequest } from './certificate-request';

const CLIENT_USAGES = ['client auth', 'digital signature', 'key encipherment'];
const SERVING_USAGES = ['digital signature', 'key encipherment', 'server auth'];
const OPTIONAL = 'key encipherment';

/** @returns what is wrong; undefined when it is a kubelet's request for a client certificate */
export function kubeletClientProblem(request: CertificateRequest, usages: readonly string[]): string | undefined {
  const { subject, dnsNames, emailAddresses, ipAddresses, uris } = request;
  if (!isNodesGroup(subject.organizations)) return 'subject organization is not system:nodes';
  if (dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (ipAddresses.length > 0) return 'IP subjectAltNames are not allowed';
  if (uris.length > 0) return 'URI subjectAltNames are not allowed';
  if (!isNode(subject.commonName)) return 'subject common name does not begin with system:node:';
  return usagesProblem(usages, CLIENT_USAGES);
}

/** @returns what is wrong; undefined when it is a kubelet's request for its server's certificate */
export function kubeletServingProblem(request: CertificateRequest, usages: readonly string[]): string | undefined {
  const { subject, dnsNames, emailAddresses, ipAddresses, uris } = request;
  if (!isNodesGroup(subject.organizations)) return 'subject organization is not system:nodes';
  if (dnsNames.length === 0 && ipAddresses.length === 0) return 'DNS or IP subjectAltName is required';
  if (emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (uris.length > 0) return 'URI subjectAltNames are not allowed';
  const problem = usagesProblem(usages, SERVING_USAGES);
  if (problem) return problem;
  return isNode(subject.commonName) ? undefined : 'subject common name does not begin with system:node:';
}

const isNodesGroup = (organizations: readonly string[]) =>
  organizations.length === 1 && organizations[0] === 'system:nodes';

const isNode = (commonName: string) => commonName.startsWith('system:node:');

/** Keys that are not RSA need no key encipherment. */
function usagesProblem(usages: readonly string[], wanted: readonly string[]): string | undefined {
  const given = new Set(usages);
  const isEnough = wanted.every((usage) => usage === OPTIONAL || given.has(usage));
  const isTooMuch = usages.some((usage) => !wanted.includes(usage));
  return isEnough && !isTooMuch ? undefined : `usages did not match [${wanted.join(' ')}]`;
}
