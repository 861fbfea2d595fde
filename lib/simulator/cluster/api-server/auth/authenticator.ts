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
  readonly certificate?: { readonly commonName: string; readonly organizations: readonly string[] };
}

/** Undefined: these credentials mean nothing to this authenticator. */
export type Authenticator = (credentials: Credentials) => UserInfo | undefined;

export const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

export const clientCertificates: Authenticator = ({ certificate }) =>
  certificate && { name: certificate.commonName, groups: certificate.organizations };

export function staticTokens(users: ReadonlyMap<string, UserInfo>): Authenticator {
  return ({ token }) => (token === undefined ? undefined : users.get(token));
}

/** @throws StatusError 401 */
export function authenticate(authenticators: readonly Authenticator[], credentials: Credentials): UserInfo {
  if (credentials.token === undefined && !credentials.certificate) return ANONYMOUS;
  for (const authenticator of authenticators) {
    const user = authenticator(credentials);
    if (user) return { ...user, groups: [...(user.groups ?? []), 'system:authenticated'] };
  }
  throw new StatusError(401, 'Unauthorized', 'Unauthorized');
}
