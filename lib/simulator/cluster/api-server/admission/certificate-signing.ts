/**
 * Only who may `sign` for a signer can give its requests a certificate, or say that they failed.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#certificatesigning
 */
import { semanticEqual } from '../../../../kubernetes/equality';
import { forbidden } from '../../../../kubernetes/status-error';
import type { AdmissionPlugin } from './admission';
import { mayForSigner } from './signer-permission';

export const certificateSigning: AdmissionPlugin = {
  name: 'CertificateSigning',
  handles: ['UPDATE'],
  validate({ resource, subresource, name, object, oldObject, user }, context) {
    if (resource.collection !== 'certificatesigningrequests.certificates.k8s.io' || subresource !== 'status') return;
    const { status: next = {} } = object!;
    const { status: old = {}, spec } = oldObject!;
    const isSame = next.certificate === old.certificate && semanticEqual(next.conditions ?? [], old.conditions ?? []);
    if (isSame || mayForSigner(context, user, 'sign', spec.signerName)) return;
    throw forbidden(resource, name, `user not permitted to sign requests with signerName "${spec.signerName}"`);
  },
};
