/**
 * PKCS #10: who asks for a certificate, for which key, under which names.
 * https://www.rfc-editor.org/rfc/rfc2986
 */
import { contentsOf, contextTag, type DerValue, oidOf, readDer, TAG, textOf } from './der';
import { decodePem } from './pem';

export interface Subject {
  readonly commonName: string;
  readonly organizations: readonly string[];
}

export interface CertificateRequest {
  readonly subject: Subject;
  /** DER of the Name. */
  readonly rawSubject: Uint8Array;
  /** DER of the SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly dnsNames: readonly string[];
  /** DER contents: 4 or 16 bytes each. */
  readonly ipAddresses: readonly Uint8Array[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
  /** DER of the SubjectAlternativeName extension's value, when it has one. */
  readonly rawAlternativeNames?: Uint8Array;
  /** What the signature is over. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  /** Of the algorithm that signed. */
  readonly signatureAlgorithm: string;
}

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
export const ALTERNATIVE_NAMES = '2.5.29.17';

/**
 * @param encoded `spec.request` of a CertificateSigningRequest: base64 of PEM
 * @throws Error in the words of the API server
 */
export function parseCertificateRequest(encoded: string): CertificateRequest {
  const bytes = decodePem(tryDecode(encoded), 'CERTIFICATE REQUEST');
  if (!bytes) throw new Error('PEM block type must be CERTIFICATE REQUEST');
  const [request] = readDer(bytes);
  const [info, algorithm, signature] = contentsOf(request, TAG.sequence);
  const [, name, publicKey, attributes] = contentsOf(info, TAG.sequence);
  const [algorithmOid] = contentsOf(algorithm, TAG.sequence);
  const names = alternativeNamesOf(attributes);
  return {
    subject: subjectOf(name!),
    rawSubject: name!.raw,
    publicKey: publicKey!.raw,
    ...readNames(names),
    signed: info!.raw,
    signature: signature!.content.subarray(1),
    signatureAlgorithm: oidOf(algorithmOid!),
  };
}

function tryDecode(encoded: string): string {
  try {
    return atob(encoded);
  } catch {
    return '';
  }
}

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';

/** @param name DER of a Name @throws DerError */
export function subjectOf(name: DerValue): Subject {
  const parts = contentsOf(name, TAG.sequence).flatMap((set) => contentsOf(set, TAG.set));
  const values = parts.map((part) => {
    const [type, value] = contentsOf(part, TAG.sequence);
    return { type: oidOf(type!), text: textOf(value!) };
  });
  return {
    commonName: values.findLast(({ type }) => type === COMMON_NAME)?.text ?? '',
    organizations: values.filter(({ type }) => type === ORGANIZATION).map(({ text }) => text),
  };
}

function alternativeNamesOf(attributes: DerValue | undefined): Uint8Array | undefined {
  if (attributes?.tag !== contextTag(0)) return undefined;
  for (const attribute of readDer(attributes.content)) {
    const [type, values] = contentsOf(attribute, TAG.sequence);
    if (oidOf(type!) !== EXTENSION_REQUEST) continue;
    const [extensions] = contentsOf(values, TAG.set);
    for (const extension of contentsOf(extensions, TAG.sequence)) {
      const parts = contentsOf(extension, TAG.sequence);
      if (oidOf(parts[0]!) === ALTERNATIVE_NAMES) return parts.at(-1)!.content;
    }
  }
  return undefined;
}

type Names = Pick<CertificateRequest, 'dnsNames' | 'ipAddresses' | 'emailAddresses' | 'uris' | 'rawAlternativeNames'>;

function readNames(raw: Uint8Array | undefined): Names {
  const [sequence] = raw ? readDer(raw) : [];
  const names = sequence ? contentsOf(sequence, TAG.sequence) : [];
  const tagged = (number: number) => names.filter(({ tag }) => tag === contextTag(number, false));
  return {
    emailAddresses: tagged(1).map(textOf),
    dnsNames: tagged(2).map(textOf),
    uris: tagged(6).map(textOf),
    ipAddresses: tagged(7).map(({ content }) => content),
    ...(raw && names.length > 0 ? { rawAlternativeNames: raw } : {}),
  };
}
