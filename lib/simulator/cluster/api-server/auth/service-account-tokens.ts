/**
 * Tokens of service accounts: JWTs that name the account, what they are bound to, and when they end.
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
 */
import { sign, verify } from 'node:crypto';
import type { UserInfo } from '../../../../kubernetes/kinds';
import type { Simulation } from '../../../simulation';
import { type SeededRsaKey, seededRsaKey } from '../../certificates/seeded-rsa-key';
import type { Store } from '../../store';
import { API_AUDIENCE, type Authenticator, InvalidToken } from './authenticator';

export const SERVICE_ACCOUNT_AUDIENCE = API_AUDIENCE;

/** A token that was good is good for so long, whatever happens to its account: the server remembers its answers. */
const CACHE_MILLISECONDS = 10_000;

/** What the volume of a Pod's token asks for, and what it gets. */
const MOUNTED_SECONDS = 3607;
const EXTENDED_SECONDS = 365 * 24 * 3600;

export interface TokenClaims {
  readonly namespace: string;
  readonly serviceAccount: { readonly name: string; readonly uid: string };
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  /** What the token dies with. */
  readonly boundTo?: { readonly kind: 'Pod' | 'Secret' | 'Node'; readonly name: string; readonly uid: string };
  /** Of a Pod that has one: where the token is used. The node may be gone already. */
  readonly node?: { readonly name: string; readonly uid?: string };
}

/** What a token is for that lies in a Secret. */
export interface SecretTokenClaims {
  readonly namespace: string;
  readonly serviceAccount: { readonly name: string; readonly uid: string };
  readonly secretName: string;
}

export interface ServiceAccountTokens {
  issue(claims: TokenClaims): { readonly token: string; readonly expiresAt: number };
  /** A token without end, as good as the Secret that it lies in. */
  issueForSecret(claims: SecretTokenClaims): string;
  readonly authenticator: Authenticator;
  /** The public keys, for whoever wants to verify tokens: a JWKS. */
  keys(): { readonly keys: readonly object[] };
}

export function serviceAccountTokens(simulation: Simulation, store: Store): ServiceAccountTokens {
  const random = simulation.random.fork('service-account-tokens');
  // Made when it is first needed: many clusters never issue a token.
  const keyRandom = simulation.random.fork('service-account-key');
  let made: SeededRsaKey | undefined;
  const signingKey = (): SeededRsaKey => {
    made ??= seededRsaKey(keyRandom);
    return made;
  };
  const remembered = new Map<string, { readonly user: UserInfo; readonly until: number }>();

  const signed = (claims: object): string => {
    const { id, privateKey } = signingKey();
    const text = `${encode({ alg: 'RS256', kid: id })}.${encode(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
  };

  return {
    issue({ namespace, serviceAccount, audiences, expirationSeconds, boundTo, node }) {
      const now = Math.floor(simulation.clock.now() / 1000);
      // Old clients do not read their token again in time: what is mounted is good for longer, and noted when used late.
      const isExtended = expirationSeconds === MOUNTED_SECONDS && audiences.includes(API_AUDIENCE);
      const claims = {
        aud: audiences,
        exp: now + (isExtended ? EXTENDED_SECONDS : expirationSeconds),
        iat: now,
        iss: SERVICE_ACCOUNT_AUDIENCE,
        jti: random.uuid(),
        'kubernetes.io': {
          namespace,
          ...(node ? { node } : {}),
          ...(boundTo ? { [boundTo.kind.toLowerCase()]: { name: boundTo.name, uid: boundTo.uid } } : {}),
          serviceaccount: serviceAccount,
          ...(isExtended ? { warnafter: now + expirationSeconds } : {}),
        },
        nbf: now,
        sub: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
      };
      return { token: signed(claims), expiresAt: (now + expirationSeconds) * 1000 };
    },

    issueForSecret: ({ namespace, serviceAccount, secretName }) =>
      signed({
        iss: SECRET_ISSUER,
        [`${SECRET_CLAIM}namespace`]: namespace,
        [`${SECRET_CLAIM}secret.name`]: secretName,
        [`${SECRET_CLAIM}service-account.name`]: serviceAccount.name,
        [`${SECRET_CLAIM}service-account.uid`]: serviceAccount.uid,
        sub: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
      }),

    authenticator({ token, audiences = [SERVICE_ACCOUNT_AUDIENCE] }) {
      const key = JSON.stringify([token, audiences]);
      const now = simulation.clock.now();
      const known = remembered.get(key);
      if (known && now < known.until) return known.user;
      remembered.delete(key);
      const claims = token === undefined ? undefined : verified(token, signingKey);
      if (!claims) return undefined;
      if (claims.iss === SECRET_ISSUER) return userOfSecret(store, token!, claims, audiences);
      if (!claims.aud.some((each: string) => audiences.includes(each))) {
        throw new InvalidToken(
          `token audiences ${list(claims.aud)} is invalid for the target audiences ${list(audiences)}`,
        );
      }
      if (claims.exp * 1000 <= now) throw new InvalidToken('service account token has expired');
      if (!isAlive(store, claims['kubernetes.io']))
        throw new InvalidToken('service account token has been invalidated');
      const user = userOf(claims);
      remembered.set(key, { user, until: Math.min(now + CACHE_MILLISECONDS, claims.exp * 1000) });
      return user;
    },

    keys: () => ({ keys: [signingKey().jwk] }),
  };
}

const SECRET_ISSUER = 'kubernetes/serviceaccount';
const SECRET_CLAIM = 'kubernetes.io/serviceaccount/';

/** Such a token is good as long as it lies in its Secret, and for the API server only. */
function userOfSecret(store: Store, token: string, claims: any, audiences: readonly string[]): UserInfo {
  if (!audiences.includes(API_AUDIENCE)) {
    throw new InvalidToken(
      `token audiences ${list([API_AUDIENCE])} is invalid for the target audiences ${list(audiences)}`,
    );
  }
  const namespace = claims[`${SECRET_CLAIM}namespace`];
  const name = claims[`${SECRET_CLAIM}service-account.name`];
  const uid = claims[`${SECRET_CLAIM}service-account.uid`];
  const secret = store.get('secrets', namespace, claims[`${SECRET_CLAIM}secret.name`]);
  const isThere = secret?.data?.token === Buffer.from(token).toString('base64');
  if (!isThere || store.get('serviceaccounts', namespace, name)?.metadata.uid !== uid) {
    throw new InvalidToken('service account token has been invalidated');
  }
  return { name: claims.sub, uid, groups: groupsOf(namespace) };
}

const groupsOf = (namespace: string) => ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];

/** As Go prints a list of strings. */
const list = (values: readonly string[]) => `[${values.map((each) => JSON.stringify(each)).join(' ')}]`;

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function verified(token: string, signingKey: () => SeededRsaKey): any {
  const [header = '', claims = '', signature = '', ...more] = token.split('.');
  if (!header.startsWith('eyJ') || more.length > 0) return undefined;
  const { id, publicKey } = signingKey();
  if (tryParse(header)?.kid !== id) return undefined;
  const isOurs = verify('sha256', Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, 'base64url'));
  return isOurs ? tryParse(claims) : undefined;
}

function tryParse(part: string): any {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** Of our tokens only: which audiences this one is for. */
export function audiencesOf(token: string): readonly string[] | undefined {
  return token.startsWith('eyJ') ? tryParse(token.split('.')[1] ?? '')?.aud : undefined;
}

/** A token dies with its account and with what it is bound to. */
function isAlive(store: Store, { namespace, serviceaccount, pod, secret, node }: any): boolean {
  const lives = (collection: string, { name, uid }: { name: string; uid: string }) =>
    store.get(collection, collection === 'nodes' ? undefined : namespace, name)?.metadata.uid === uid;
  if (!lives('serviceaccounts', serviceaccount)) return false;
  if (pod && !lives('pods', pod)) return false;
  // The node of a Pod is only told; a token of its own dies with it.
  if (node && !pod && !lives('nodes', node)) return false;
  return !secret || lives('secrets', secret);
}

function userOf({ sub, jti, 'kubernetes.io': bound }: any): UserInfo {
  const { namespace, serviceaccount, pod, node } = bound;
  return {
    name: sub,
    uid: serviceaccount.uid,
    groups: groupsOf(namespace),
    extra: {
      'authentication.kubernetes.io/credential-id': [`JTI=${jti}`],
      ...(pod
        ? {
            'authentication.kubernetes.io/pod-name': [pod.name],
            'authentication.kubernetes.io/pod-uid': [pod.uid],
          }
        : {}),
      ...(node ? { 'authentication.kubernetes.io/node-name': [node.name] } : {}),
      ...(node?.uid ? { 'authentication.kubernetes.io/node-uid': [node.uid] } : {}),
    },
  };
}
