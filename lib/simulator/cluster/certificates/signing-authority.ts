/**
 * The authority that signs approved certificate requests: `kube-controller-manager --cluster-signing-cert-file`. What it
 * signed for clients, the API server takes for an identity.
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers
 *
 * Its key comes from the simulation's seed, so that certificates, which are stored, are the same with the same seed. It has the
 * name of the authority of the server's own certificate, so that clients that look for a certificate of that authority find
 * theirs.
 */
import { createHash, sign, X509Certificate } from 'node:crypto';
import {
  ALTERNATIVE_NAMES,
  type CertificateRequest,
  type Subject,
  subjectOf,
} from '../../../kubernetes/x509/certificate-request';
import { contentsOf, contextTag, der, derOid, derText, derTime, readDer, TAG } from '../../../kubernetes/x509/der';
import { decodePem, encodePem } from '../../../kubernetes/x509/pem';
import type { Simulation } from '../../simulation';
import { type SeededRsaKey, seededRsaKey } from './seeded-rsa-key';

const SHA256_WITH_RSA = der(TAG.sequence, derOid('1.2.840.113549.1.1.11'), der(TAG.null));
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

const KEY_USAGES: Readonly<Record<string, number>> = {
  signing: 0,
  'digital signature': 0,
  'content commitment': 1,
  'key encipherment': 2,
  'data encipherment': 3,
  'key agreement': 4,
  'cert sign': 5,
  'crl sign': 6,
  'encipher only': 7,
  'decipher only': 8,
};

const EXTENDED_USAGES: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': CLIENT_AUTH,
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
};

export interface CertificateTerms {
  /** As in `spec.usages`. */
  readonly usages: readonly string[];
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export class SigningAuthority {
  private key: SeededRsaKey | undefined;
  private readonly issuer: Uint8Array;

  /** @param caCertificate PEM, of the server's own authority */
  constructor(
    private readonly simulation: Simulation,
    caCertificate: string | undefined,
  ) {
    this.issuer = (caCertificate ? tryIssuerName(caCertificate) : undefined) ?? nameOf('kubernetes');
  }

  /** @returns PEM */
  sign(request: CertificateRequest, { usages, notBefore, notAfter }: CertificateTerms): string {
    this.key ??= this.makeKey();
    const serial = createHash('sha256').update(request.signed).update(String(notBefore)).digest().subarray(0, 16);
    serial[0] = (serial[0]! & 0x7f) | 0x40;
    const extensions = [...usageExtensions(usages), extension('2.5.29.19', der(TAG.sequence), true)];
    if (request.rawAlternativeNames) extensions.push(extension(ALTERNATIVE_NAMES, request.rawAlternativeNames));
    const certificate = der(
      TAG.sequence,
      der(contextTag(0), der(TAG.integer, Uint8Array.of(2))),
      der(TAG.integer, serial),
      SHA256_WITH_RSA,
      this.issuer,
      der(TAG.sequence, derTime(notBefore), derTime(notAfter)),
      request.rawSubject,
      request.publicKey,
      der(contextTag(3), der(TAG.sequence, ...extensions)),
    );
    const signature = sign('sha256', certificate, this.key.privateKey);
    const whole = der(TAG.sequence, certificate, SHA256_WITH_RSA, der(TAG.bitString, Uint8Array.of(0), signature));
    return encodePem(whole, 'CERTIFICATE');
  }

  /** Whom a client's certificate names; undefined when it is not ours, not for clients, or not valid now. */
  tryIdentify(raw: Uint8Array): Subject | undefined {
    // Who has signed nothing yet has no certificates to recognize.
    if (!this.key) return undefined;
    const certificate = new X509Certificate(raw);
    if (!certificate.verify(this.key.publicKey) || !certificate.keyUsage?.includes(CLIENT_AUTH)) return undefined;
    const now = this.simulation.clock.now();
    if (now < Date.parse(certificate.validFrom) || now > Date.parse(certificate.validTo)) return undefined;
    const [whole] = readDer(raw);
    const [signed] = contentsOf(whole, TAG.sequence);
    return subjectOf(contentsOf(signed, TAG.sequence)[5]!);
  }

  private makeKey(): SeededRsaKey {
    return seededRsaKey(this.simulation.random.fork('cluster-signing-key'));
  }
}

function usageExtensions(usages: readonly string[]): Uint8Array[] {
  const bits = usages.map((usage) => KEY_USAGES[usage]).filter((bit) => bit !== undefined);
  const purposes = [...new Set(usages.map((usage) => EXTENDED_USAGES[usage]).filter((oid) => oid !== undefined))];
  return [
    ...(bits.length > 0 ? [extension('2.5.29.15', bitString(bits), true)] : []),
    ...(purposes.length > 0 ? [extension('2.5.29.37', der(TAG.sequence, ...purposes.map(derOid)))] : []),
  ];
}

/** Bit 0 is the highest of the first byte; the first byte of the content says how many bits at the end are unused. */
function bitString(bits: readonly number[]): Uint8Array {
  const highest = Math.max(...bits);
  const bytes = new Uint8Array(Math.floor(highest / 8) + 1);
  for (const bit of bits) bytes[Math.floor(bit / 8)]! |= 0x80 >> (bit % 8);
  return der(TAG.bitString, Uint8Array.of(7 - (highest % 8)), bytes);
}

function extension(oid: string, value: Uint8Array, critical = false): Uint8Array {
  const flag = critical ? [der(TAG.boolean, Uint8Array.of(0xff))] : [];
  return der(TAG.sequence, derOid(oid), ...flag, der(TAG.octetString, value));
}

const nameOf = (commonName: string): Uint8Array =>
  der(TAG.sequence, der(TAG.set, der(TAG.sequence, derOid('2.5.4.3'), derText(TAG.utf8String, commonName))));

/** The subject of a certificate, as it is in its bytes. */
function tryIssuerName(pem: string): Uint8Array | undefined {
  const bytes = decodePem(pem, 'CERTIFICATE');
  if (!bytes) return undefined;
  const [whole] = readDer(bytes);
  const [signed] = contentsOf(whole, TAG.sequence);
  return contentsOf(signed, TAG.sequence)[5]?.raw;
}
