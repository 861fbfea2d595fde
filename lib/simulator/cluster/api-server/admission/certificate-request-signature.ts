/**
 * Who asks for a certificate shows that they have the key: the request is signed with it.
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#request-signing-process
 *
 * In kube-apiserver the validation of the kind does this; the kinds here use no cryptography, so it is a plugin.
 */
import { createPublicKey, verify } from 'node:crypto';
import { ErrorList, root, throwIfInvalid } from '../../../../kubernetes/field-errors';
import { type CertificateRequest, parseCertificateRequest } from '../../../../kubernetes/x509/certificate-request';
import type { AdmissionPlugin } from './admission';

/** Algorithm of the signature -> the hash in it; null where the algorithm has its own. */
const HASHES: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.5': 'sha1',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.1': 'sha1',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
};

export const certificateRequestSignature: AdmissionPlugin = {
  name: 'CertificateRequestSignature',
  handles: ['CREATE'],
  validate({ resource, subresource, name, object }) {
    if (resource.collection !== 'certificatesigningrequests.certificates.k8s.io' || subresource !== '') return;
    const { request } = object!.spec;
    const problem = problemOf(parseCertificateRequest(request));
    if (problem === undefined) return;
    const errors = new ErrorList();
    errors.invalid(root('spec').child('request'), request, problem);
    throwIfInvalid({ group: resource.group, kind: resource.kind }, name, errors);
  },
};

function problemOf({ publicKey, signatureAlgorithm, signed, signature }: CertificateRequest): string | undefined {
  const hash = HASHES[signatureAlgorithm];
  if (hash === undefined) return 'x509: cannot verify signature: algorithm unimplemented';
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
    if (verify(hash, signed, key, signature)) return undefined;
    return key.asymmetricKeyType === 'rsa'
      ? 'crypto/rsa: verification error'
      : `x509: ${key.asymmetricKeyType === 'ec' ? 'ECDSA' : 'Ed25519'} verification failure`;
  } catch {
    return 'x509: cannot verify signature: algorithm unimplemented';
  }
}
