/**
 * Signs approved certificate requests: one signer for each purpose that Kubernetes itself has.
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers
 *
 * A certificate is good for a year, or for as long as was asked for; it begins a little in the past, because clocks differ.
 */
import { formatTime, type KubernetesObject } from '../../../kubernetes/object';
import { type CertificateRequest, parseCertificateRequest } from '../../../kubernetes/x509/certificate-request';
import { kubeletClientProblem, kubeletServingProblem } from '../../../kubernetes/x509/kubelet-requests';
import { findCondition } from './conditions';
import type { ControllerContext, ControllerDefinition } from './controller';

const REQUESTS = 'certificatesigningrequests.certificates.k8s.io';
const YEAR_SECONDS = 365 * 24 * 3600;
const MIN_SECONDS = 600;
const BACKDATE_MS = 5 * 60_000;
/** Certificates for less time than this end when they should; others end as much earlier as they began. */
const SHORT_SECONDS = 8 * 3600;

/** What is wrong with a request; undefined when the signer takes it. */
type Check = (request: CertificateRequest, usages: readonly string[]) => string | undefined;

const CLIENT_USAGES = ['client auth', 'digital signature', 'key encipherment'];

const clientProblem: Check = (_request, usages) => {
  const wrong = usages.find((usage) => !CLIENT_USAGES.includes(usage));
  if (wrong) return `invalid usage for client certificate: ${wrong}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
};

const SIGNERS: readonly (readonly [controller: string, signer: string, check: Check])[] = [
  ['kubelet-serving', 'kubernetes.io/kubelet-serving', kubeletServingProblem],
  ['kubelet-client', 'kubernetes.io/kube-apiserver-client-kubelet', kubeletClientProblem],
  ['kube-apiserver-client', 'kubernetes.io/kube-apiserver-client', clientProblem],
  ['legacy-unknown', 'kubernetes.io/legacy-unknown', () => undefined],
];

export const certificateSigners: readonly ControllerDefinition[] = SIGNERS.map(([name, signer, check]) => ({
  name: `certificatesigningrequest-signing-${name}`,
  serviceAccount: 'certificate-controller',
  create: (context) => ({
    watches: [{ collection: REQUESTS }],
    reconcile(key) {
      const request = context.store.get(REQUESTS, undefined, key);
      if (request?.spec.signerName === signer && isDue(request)) issue(context, request, check);
      return undefined;
    },
  }),
}));

function isDue({ status }: KubernetesObject): boolean {
  const isTrue = (type: string) => findCondition(status?.conditions, type)?.status === 'True';
  return !status?.certificate && isTrue('Approved') && !isTrue('Denied') && !isTrue('Failed');
}

function issue(context: ControllerContext, request: KubernetesObject, check: Check): void {
  const { spec, status } = request;
  const now = context.simulation.clock.now();
  const parsed = parseCertificateRequest(spec.request);
  const problem = check(parsed, spec.usages);
  if (problem !== undefined) {
    const failed = {
      type: 'Failed',
      status: 'True',
      reason: 'SignerValidationFailure',
      message: problem,
      lastUpdateTime: formatTime(now),
    };
    const conditions = [...(status?.conditions ?? []), failed];
    context.client.updateStatus(REQUESTS, { ...request, status: { ...status, conditions } });
    return;
  }
  const seconds = Math.max(MIN_SECONDS, Math.min(spec.expirationSeconds ?? YEAR_SECONDS, YEAR_SECONDS));
  const notAfter = now + seconds * 1000 - (seconds < SHORT_SECONDS ? 0 : BACKDATE_MS);
  const terms = { usages: spec.usages, notBefore: now - BACKDATE_MS, notAfter };
  const pem = context.signingAuthority?.sign(parsed, terms);
  if (pem === undefined) return;
  const certificate = Buffer.from(pem).toString('base64');
  context.client.updateStatus(REQUESTS, { ...request, status: { ...status, certificate } });
}
