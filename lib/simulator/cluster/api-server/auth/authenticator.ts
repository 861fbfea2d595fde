/**
 * Who is this? Asked by the door, which knows the connection and the headers.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/
 *
 * A chain: each authenticator that knows the credentials names the user; credentials that nobody knows are refused, no
 * credentials at all are `system:anonymous`.
 */
import type { UserInfo } from '../../../../kubernetes/kinds';
import { StatusError } from '../../../../kubernetes/status-error';

export interface Credentials {
  /** Of `Authorization: Bearer ...`. */
  readonly token?: string;
  /** Whom the token must be meant for. @default the API server */
  readonly audiences?: readonly string[];
  /** The subject of a client certificate that the cluster's CA signed: CN is the user, O are the groups. */
  readonly certificate?: ClientCertificate;
}

export interface ClientCertificate {
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** SHA-256 of the certificate, in hexadecimal: tells what somebody did with which of their certificates. */
  readonly fingerprint?: string;
}

/**
 * Undefined: these credentials mean nothing to this authenticator.
 * @throws InvalidToken when they are of its kind, but not, or no longer, good
 */
export type Authenticator = (credentials: Credentials) => UserInfo | undefined;

export class InvalidToken extends Error {
  override readonly name = 'InvalidToken';
}

/** Of tokens that name no audience, and what is asked for when nobody says more. */
export const API_AUDIENCE = 'https://kubernetes.default.svc';

export const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

export const clientCertificates: Authenticator = ({ certificate }) => {
  if (!certificate) return undefined;
  const { commonName, organizations, fingerprint } = certificate;
  const extra = fingerprint && { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] };
  return { name: commonName, groups: organizations, ...(extra ? { extra } : {}) };
};

export function staticTokens(users: ReadonlyMap<string, UserInfo>): Authenticator {
  return ({ token, audiences = [API_AUDIENCE] }) =>
    token === undefined || !audiences.includes(API_AUDIENCE) ? undefined : users.get(token);
}

/** @throws StatusError 401 */
export function authenticate(authenticators: readonly Authenticator[], credentials: Credentials): UserInfo {
  if (credentials.token === undefined && !credentials.certificate) return ANONYMOUS;
  const { user } = tryAuthenticate(authenticators, credentials);
  if (user) return user;
  throw new StatusError(401, 'Unauthorized', 'Unauthorized');
}

/** @returns the user, or what the authenticators said against the token */
export function tryAuthenticate(
  authenticators: readonly Authenticator[],
  credentials: Credentials,
): { readonly user?: UserInfo; readonly errors: readonly string[] } {
  const errors: string[] = [];
  for (const authenticator of authenticators) {
    try {
      const user = authenticator(credentials);
      if (user) return { user: { ...user, groups: [...(user.groups ?? []), 'system:authenticated'] }, errors };
    } catch (error) {
      if (!(error instanceof InvalidToken)) throw error;
      errors.push(error.message);
    }
  }
  return { errors };
}
