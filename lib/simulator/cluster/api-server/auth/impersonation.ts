/**
 * Acting as somebody else: headers name the user, and whoever sends them must have the verb `impersonate` on every part.
 * https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
 */
import type { UserInfo } from '../../../../kubernetes/kinds';
import { internalError } from '../../../../kubernetes/status-error';
import { type Authorizer, authorize } from './authorizer';

const EXTRA = 'impersonate-extra-';
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * @param headers with lower-case names
 * @returns whom to act as; `user` itself when no header asks for anybody else
 * @throws StatusError 403 when `user` may not
 */
export function impersonate(authorizer: Authorizer, user: UserInfo, headers: Headers): UserInfo {
  const name = valuesOf(headers['impersonate-user'])[0];
  const groups = valuesOf(headers['impersonate-group']);
  const uid = valuesOf(headers['impersonate-uid'])[0];
  const extra = extraOf(headers);
  if (name === undefined) {
    if (groups.length === 0 && uid === undefined && Object.keys(extra).length === 0) return user;
    throw internalError('requested impersonation of groups, uid or extra without impersonating a user');
  }
  const check = (
    resource: string,
    wanted: string,
    where: { group?: string; namespace?: string; subresource?: string },
  ) =>
    authorize(authorizer, {
      user,
      verb: 'impersonate',
      resource: { group: '', version: 'v1', subresource: '', namespace: '', resource, name: wanted, ...where },
    });
  const [, namespace, account] = SERVICE_ACCOUNT.exec(name) ?? [];
  if (namespace && account) check('serviceaccounts', account, { namespace });
  else check('users', name, {});
  const authentication = { group: 'authentication.k8s.io' };
  for (const group of groups) check('groups', group, {});
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) check('userextras', value, { ...authentication, subresource: key });
  }
  if (uid !== undefined) check('uids', uid, authentication);
  return {
    name,
    groups: allGroups(name, groups, namespace),
    ...(uid === undefined ? {} : { uid }),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

function allGroups(name: string, groups: readonly string[], namespace: string | undefined): readonly string[] {
  const wanted =
    namespace !== undefined && groups.length === 0
      ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
      : [...groups];
  const kind = name === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated';
  const known = wanted.includes('system:authenticated') || wanted.includes('system:unauthenticated');
  return known ? wanted : [...wanted, kind];
}

function extraOf(headers: Headers): Record<string, readonly string[]> {
  const extra: Record<string, readonly string[]> = {};
  for (const name of Object.keys(headers).sort()) {
    if (name.startsWith(EXTRA)) extra[decodeURIComponent(name.slice(EXTRA.length))] = valuesOf(headers[name]);
  }
  return extra;
}

/** A header that came several times arrives as one text with commas. */
function valuesOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? value.split(',').map((each) => each.trim()) : value;
}
