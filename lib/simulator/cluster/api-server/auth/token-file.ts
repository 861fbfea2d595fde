/**
 * kube-apiserver's static token file: one line per token, `token,user,uid,"group1,group2"`.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file
 */
import type { UserInfo } from '../../../../kubernetes/kinds';
import { UserError } from '../../../../kubernetes/user-error';

/** @throws UserError when a line is not of that form; `file` is for the message only. */
export function parseTokenFile(text: string, file: string): ReadonlyMap<string, UserInfo> {
  const users = new Map<string, UserInfo>();
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === '') return;
    const fields = splitCsv(line);
    const [token, name, uid, groups] = fields ?? [];
    if (!fields || fields.length < 3 || fields.length > 4 || !token || !name) {
      throw new UserError(
        'BadTokenFile',
        `${file}, line ${index + 1}: not a token line`,
        'Write each line as: token,user,uid,"group1,group2"  (the groups may be left out).',
      );
    }
    const groupList = (groups ?? '').split(',').filter((group) => group !== '');
    users.set(token, { name, ...(uid ? { uid } : {}), ...(groupList.length > 0 ? { groups: groupList } : {}) });
  });
  return users;
}

/** Fields of a CSV line; undefined when a quote is not closed. */
function splitCsv(line: string): string[] | undefined {
  const fields: string[] = [];
  let rest = line;
  for (;;) {
    const match = /^\s*(?:"((?:[^"]|"")*)"|([^",]*))\s*(,|$)/.exec(rest);
    if (!match) return undefined;
    fields.push(match[1] !== undefined ? match[1].replaceAll('""', '"') : match[2]!.trim());
    if (match[3] === '') return fields;
    rest = rest.slice(match[0].length);
  }
}
