/**
 * Lists in pages. The continue token says at which revision the list began and behind which key it goes on.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 *
 * Left out: a later page shows the collection as it is now, not as it was at the first page; the token's revision is kept
 * for the list's resourceVersion.
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { badRequest } from '../../../kubernetes/status-error';
import { objectKey } from '../store';
import type { ApiRequest, ObjectList } from './request';
import type { ServerContext } from './server-context';

interface ContinueToken {
  readonly rv: number;
  readonly start: string;
}

export function pageOf(server: ServerContext, request: ApiRequest, objects: readonly KubernetesObject[]): ObjectList {
  const { limit = 0, continue: token } = request.options;
  const resume = token ? decodeToken(token) : undefined;
  const revision = resume?.rv ?? server.store.revision;
  const rest = resume ? objects.slice(indexAfter(objects, resume.start)) : objects;
  const resourceVersion = String(revision);
  if (limit <= 0 || rest.length <= limit) return { items: rest, resourceVersion };
  const items = rest.slice(0, limit);
  const selective = Boolean(request.options.labelSelector || request.options.fieldSelector);
  return {
    items,
    resourceVersion,
    continue: encodeToken({ rv: revision, start: keyOf(items[items.length - 1]!) }),
    // With a selector the server does not count what it has not looked at.
    ...(selective ? {} : { remainingItemCount: rest.length - limit }),
  };
}

const keyOf = (object: KubernetesObject): string => objectKey(object.metadata.namespace, object.metadata.name!);

function indexAfter(objects: readonly KubernetesObject[], key: string): number {
  let index = 0;
  while (index < objects.length && keyOf(objects[index]!) <= key) index++;
  return index;
}

const encodeToken = ({ rv, start }: ContinueToken): string =>
  toBase64Url(JSON.stringify({ v: 'meta.k8s.io/v1', rv, start: `${start}\u0000` }));

function decodeToken(token: string): ContinueToken {
  const invalid = (cause: string) => badRequest(`invalid continue token: continue key is not valid: ${cause}`);
  let decoded: { rv?: unknown; start?: unknown };
  try {
    decoded = JSON.parse(fromBase64Url(token));
  } catch {
    throw invalid(`invalid character ${goQuotedRune(fromBase64Url(token)[0])} looking for beginning of value`);
  }
  if (typeof decoded.rv !== 'number' || decoded.rv === 0)
    throw invalid('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  return { rv: decoded.rv, start: String(decoded.start ?? '').split('\u0000')[0]! };
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function toBase64Url(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const used = Math.min(3, bytes.length - i) + 1;
    for (let j = 0; j < used; j++) out += ALPHABET[(word >> (18 - 6 * j)) & 63];
  }
  return out;
}

function fromBase64Url(text: string): string {
  const bytes: number[] = [];
  let word = 0;
  let bits = 0;
  for (const char of text) {
    const value = ALPHABET.indexOf(char);
    if (value < 0) break;
    word = ((word << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((word >> bits) & 255);
  }
  return String.fromCharCode(...bytes);
}

const goQuotedRune = (char: string | undefined): string => {
  const code = char?.charCodeAt(0) ?? 0;
  return code >= 32 && code < 127 ? `'${char}'` : `'\\u${code.toString(16).padStart(4, '0')}'`;
};
