/** Certificate requests as a person would make them with openssl. */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export interface MadeRequest {
  /** As `spec.request` wants it: base64 of PEM. */
  readonly request: string;
  /** PEM. */
  readonly key: string;
}

/** @param subject `CN=ann, O=devs` */
export async function makeRequest(subject: string, dnsNames: readonly string[] = []): Promise<MadeRequest> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const names = dnsNames.map((value) => ({ type: 'dns' as const, value }));
  const made = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : [],
  });
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { request: Buffer.from(made.toString('pem')).toString('base64'), key };
}

export function requestObject(name: string, request: string, spec: object) {
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: { request, ...spec },
  };
}
