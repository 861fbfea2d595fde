/**
 * Tokens of service accounts: JWTs that name the account, what they are bound to, and when they end.
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
 *
 * The real server signs with an RSA key, for others to verify; here nobody else does, so they are signed with a secret that
 * comes from the simulation's seed (HS256).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { UserInfo } from '../../../../kubernetes/kinds';
import type { Simulation } from '../../../simulation';
import type { Store } from '../../store';
import { API_AUDIENCE, type Authenticator, InvalidToken } from './authenticator';

export const SERVICE_ACCOUNT_AUDIENCE = API_AUDIENCE;

/** A token that was good is good for so long, whatever happens to its account: the server remembers its answers. */
const CACHE_MILLISECONDS = 10_000;

export interface TokenClaims {
  readonly namespace: string;
  readonly serviceAccount: { readonly name: string; readonly uid: string };
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  /** What the token dies with. */
  readonly boundTo?: { readonly kind: 'Pod' | 'Secret' | 'Node'; readonly name: string; readonly uid: string };
}

export interface ServiceAccountTokens {
  issue(claims: TokenClaims): { readonly token: string; readonly expiresAt: number };
  readonly authenticator: Authenticator;
}

export function serviceAccountTokens(simulation: Simulation, store: Store): ServiceAccountTokens {
  const random = simulation.random.fork('service-account-tokens');
  const secret = random.hex(64);
  const remembered = new Map<string, { readonly user: UserInfo; readonly until: number }>();
  const sign = (text: string) => createHmac('sha256', secret).update(text).digest('base64url');

  return {
    issue({ namespace, serviceAccount, audiences, expirationSeconds, boundTo }) {
      const now = Math.floor(simulation.clock.now() / 1000);
      const claims = {
        aud: audiences,
        exp: now + expirationSeconds,
        iat: now,
        iss: SERVICE_ACCOUNT_AUDIENCE,
        jti: random.uuid(),
        'kubernetes.io': {
          namespace,
          serviceaccount: serviceAccount,
          ...(boundTo ? { [boundTo.kind.toLowerCase()]: { name: boundTo.name, uid: boundTo.uid } } : {}),
        },
        nbf: now,
        sub: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
      };
      const text = `${encode({ alg: 'HS256', kid: 'drydock' })}.${encode(claims)}`;
      return { token: `${text}.${sign(text)}`, expiresAt: (now + expirationSeconds) * 1000 };
    },

    authenticator({ token, audiences = [SERVICE_ACCOUNT_AUDIENCE] }) {
      const key = JSON.stringify([token, audiences]);
      const now = simulation.clock.now();
      const known = remembered.get(key);
      if (known && now < known.until) return known.user;
      remembered.delete(key);
      const claims = token === undefined ? undefined : verified(token, sign);
      if (!claims) return undefined;
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
  };
}

/** As Go prints a list of strings. */
const list = (values: readonly string[]) => `[${values.map((each) => JSON.stringify(each)).join(' ')}]`;

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function verified(token: string, sign: (text: string) => string): any {
  const dot = token.lastIndexOf('.');
  if (!token.startsWith('eyJ') || dot < 0) return undefined;
  const given = Buffer.from(token.slice(dot + 1));
  const wanted = Buffer.from(sign(token.slice(0, dot)));
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
}

/** Of our tokens only: which audiences this one is for. */
export function audiencesOf(token: string): readonly string[] | undefined {
  if (!token.startsWith('eyJ')) return undefined;
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).aud;
  } catch {
    return undefined;
  }
}

/** A token dies with its account and with what it is bound to. */
function isAlive(store: Store, { namespace, serviceaccount, pod, secret }: any): boolean {
  const lives = (collection: string, { name, uid }: { name: string; uid: string }) =>
    store.get(collection, namespace, name)?.metadata.uid === uid;
  if (!lives('serviceaccounts', serviceaccount)) return false;
  if (pod && !lives('pods', pod)) return false;
  return !secret || lives('secrets', secret);
}

function userOf({ sub, jti, 'kubernetes.io': bound }: any): UserInfo {
  const { namespace, serviceaccount, pod } = bound;
  return {
    name: sub,
    uid: serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    extra: {
      'authentication.kubernetes.io/credential-id': [`JTI=${jti}`],
      ...(pod
        ? {
            'authentication.kubernetes.io/pod-name': [pod.name],
            'authentication.kubernetes.io/pod-uid': [pod.uid],
          }
        : {}),
    },
  };
}
