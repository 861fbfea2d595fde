/**
 * The cluster's certificate authority, and what it signs: the server's certificate and those of clients.
 * https://kubernetes.io/docs/setup/best-practices/certificates/
 *
 * Keys come from the platform's generator, not from the simulation's seed: they are no part of its history.
 */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const TEN_YEARS_MS = 10 * 365 * 24 * 3600 * 1000;
/** Clocks differ a little. */
const LEEWAY_MS = 3600 * 1000;

export interface KeyPair {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly key: string;
}

export interface CertificateAuthority {
  /** PEM: the `certificate-authority-data` of a kubeconfig. */
  readonly certificate: string;
  /** A certificate for a server under these names and addresses. */
  signServer(names: readonly string[]): Promise<KeyPair>;
  /** A client certificate: the name becomes the user, the organizations its groups. */
  signClient(commonName: string, organizations: readonly string[]): Promise<KeyPair>;
}

/** @param now milliseconds since 1970: certificates are valid from then on, for ten years. */
export async function createCertificateAuthority(now: number): Promise<CertificateAuthority> {
  const validity = { notBefore: new Date(now - LEEWAY_MS), notAfter: new Date(now + TEN_YEARS_MS) };
  const caKeys = await generateKeys();
  let serial = 1;
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialText(serial++),
    name: 'CN=kubernetes',
    ...validity,
    signingAlgorithm: ALGORITHM,
    keys: caKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const sign = async (subject: string, extensions: x509.Extension[]): Promise<KeyPair> => {
    const keys = await generateKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialText(serial++),
      subject,
      issuer: ca.subject,
      ...validity,
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey: caKeys.privateKey,
      extensions: [new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true), ...extensions],
    });
    const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
    return { certificate: certificate.toString('pem'), key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') };
  };
  return {
    certificate: ca.toString('pem'),
    signServer: (names) =>
      sign('CN=kube-apiserver', [
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(names.map(alternativeName)),
      ]),
    signClient: (commonName, organizations) =>
      sign(new x509.Name([{ CN: [commonName] }, ...organizations.map((name) => ({ O: [name] }))]).toString(), [
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      ]),
  };
}

const generateKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

const serialText = (serial: number): string => serial.toString(16).padStart(2, '0');

const alternativeName = (name: string): x509.JsonGeneralName =>
  /^[\d.]+$|:/.test(name) ? { type: 'ip', value: name } : { type: 'dns', value: name };
