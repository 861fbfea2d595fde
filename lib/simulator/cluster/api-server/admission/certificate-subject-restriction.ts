/**
 * Nobody gets a certificate of the group that may do everything.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#certificatesubjectrestriction
 */
import { forbidden } from '../../../../kubernetes/status-error';
import { parseCertificateRequest } from '../../../../kubernetes/x509/certificate-request';
import type { AdmissionPlugin } from './admission';

const SIGNER = 'kubernetes.io/kube-apiserver-client';
const GROUP = 'system:masters';

export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  handles: ['CREATE'],
  validate({ resource, subresource, name, object }) {
    if (resource.collection !== 'certificatesigningrequests.certificates.k8s.io' || subresource !== '') return;
    const { signerName, request } = object!.spec;
    if (signerName !== SIGNER || !parseCertificateRequest(request).subject.organizations.includes(GROUP)) return;
    throw forbidden(resource, name, `use of ${SIGNER} signer with ${GROUP} group is not allowed`);
  },
};
