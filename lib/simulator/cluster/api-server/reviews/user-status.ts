/** A user as the reviews write it: `authentication.k8s.io/v1 UserInfo`. */
import type { UserInfo } from '../../../../kubernetes/kinds';

export function userStatus({ name, uid, groups, extra }: UserInfo): object {
  return {
    username: name,
    ...(uid ? { uid } : {}),
    ...(groups?.length ? { groups } : {}),
    ...(extra ? { extra } : {}),
  };
}
