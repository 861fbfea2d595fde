/**
 * Approves what kubelets ask for to become clients of the API server, when whoever asks may: for itself
 * (`selfnodeclient`) or for any node (`nodeclient`). All other requests wait for a person.
 * https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/#approval
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { parseCertificateRequest } from '../../../kubernetes/x509/certificate-request';
import { kubeletClientProblem } from '../../../kubernetes/x509/kubelet-requests';
import { findCondition } from './conditions';
import type { ControllerContext, ControllerDefinition } from './controller';

const REQUESTS = 'certificatesigningrequests.certificates.k8s.io';
const SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';

export const certificateApprover: ControllerDefinition = {
  name: 'certificatesigningrequest-approving-controller',
  serviceAccount: 'certificate-controller',
  create: (context) => ({
    watches: [{ collection: REQUESTS }],
    reconcile(name) {
      const request = context.store.get(REQUESTS, undefined, name);
      if (request && isUndecided(request)) decide(context, request);
      return undefined;
    },
  }),
};

const isUndecided = ({ status }: KubernetesObject): boolean =>
  !status?.certificate && !['Approved', 'Denied'].some((type) => findCondition(status?.conditions, type));

function decide(context: ControllerContext, request: KubernetesObject): void {
  const { spec, status } = request;
  if (spec.signerName !== SIGNER) return;
  const parsed = parseCertificateRequest(spec.request);
  if (kubeletClientProblem(parsed, spec.usages) !== undefined) return;
  const isSelf = spec.username === parsed.subject.commonName;
  const message = [
    ...(isSelf && may(context, request, 'selfnodeclient')
      ? ['Auto approving self kubelet client certificate after SubjectAccessReview.']
      : []),
    ...(may(context, request, 'nodeclient')
      ? ['Auto approving kubelet client certificate after SubjectAccessReview.']
      : []),
  ][0];
  if (message === undefined) return;
  const approved = { type: 'Approved', status: 'True', reason: 'AutoApproved', message };
  const conditions = [...(status?.conditions ?? []), approved];
  context.client.update(REQUESTS, { ...request, status: { ...status, conditions } }, { subresource: 'approval' });
}

function may({ client }: ControllerContext, { spec }: KubernetesObject, subresource: string): boolean {
  const { username, uid, groups, extra } = spec;
  const resourceAttributes = {
    group: 'certificates.k8s.io',
    resource: 'certificatesigningrequests',
    verb: 'create',
    subresource,
  };
  const review = client.create('subjectaccessreviews.authorization.k8s.io', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    metadata: {},
    spec: {
      user: username,
      ...(uid ? { uid } : {}),
      ...(groups ? { groups } : {}),
      ...(extra ? { extra } : {}),
      resourceAttributes,
    },
  });
  return review.status.allowed;
}
