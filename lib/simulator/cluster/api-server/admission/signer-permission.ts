/**
 * May this user do something for a signer of certificates? `approve`, `sign`, on the signer itself or on all of its domain.
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#authorization
 */
import type { UserInfo } from '../../../../kubernetes/kinds';
import type { AdmissionContext } from './admission';

/** @param signer `kubernetes.io/kubelet-serving`: allowed by that name, or by `kubernetes.io/*` */
export function mayForSigner(
  { authorizer }: AdmissionContext,
  user: UserInfo,
  verb: 'approve' | 'sign',
  signer: string,
): boolean {
  const allowed = (name: string) =>
    authorizer({
      user,
      verb,
      resource: {
        group: 'certificates.k8s.io',
        version: '*',
        resource: 'signers',
        subresource: '',
        namespace: '',
        name,
      },
    })?.allowed ?? false;
  return allowed(signer) || allowed(`${signer.split('/')[0]}/*`);
}
