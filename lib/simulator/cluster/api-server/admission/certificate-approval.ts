/**
 * Only who may `approve` for a signer can approve or deny requests to it.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#certificateapproval
 */
import { forbidden } from '../../../../kubernetes/status-error';
import type { AdmissionPlugin } from './admission';
import { mayForSigner } from './signer-permission';

export const certificateApproval: AdmissionPlugin = {
  name: 'CertificateApproval',
  handles: ['UPDATE'],
  validate({ resource, subresource, name, oldObject, user }, context) {
    if (resource.collection !== 'certificatesigningrequests.certificates.k8s.io' || subresource !== 'approval') return;
    const { signerName } = oldObject!.spec;
    if (mayForSigner(context, user, 'approve', signerName)) return;
    throw forbidden(resource, name, `user not permitted to approve requests with signerName "${signerName}"`);
  },
};
