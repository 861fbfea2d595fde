/**
 * Lists in pages, all of which show the collection as it was at the first. The continue token says at which revision that was
 * and behind which key it goes on.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { badRequest, StatusError } from '../../../kubernetes/status-error';
import { objectKey } from '../store';
import type { ApiRequest, ObjectList } from './request';
import { compileSelection } from './selection';
import type { ServerContext } from './server-context';

interface ContinueToken {
  readonly rv: number;
  readonly start: string;
}

/** The stored objects that a list asks for. @throws StatusError 400 or 410 */
export function listPage(server: ServerContext, request: ApiRequest): ObjectList {
  const { limit = 0, continue: token, resourceVersion, resourceVersionMatch } = request.options;
  const resume = token ? decodeToken(token) : undefined;
  const exact = resourceVersionMatch === 'Exact' ? Number(resourceVersion) : undefined;
  const revision = resume?.rv ?? exact ?? server.store.revision;
  const objects = objectsAt(server, request, revision);
  const rest = resume ? objects.slice(indexAfter(objects, resume.start)) : objects;
  if (limit <= 0 || rest.length <= limit) return { items: rest, resourceVersion: String(revision) };
  const items = rest.slice(0, limit);
  const selective = Boolean(request.options.labelSelector || request.options.fieldSelector);
  return {
    items,
    resourceVersion: String(revision),
    continue: encodeToken({ rv: revision, start: keyOf(items[items.length - 1]!) }),
    // With a selector the server does not count what it has not looked at.
    ...(selective ? {} : { remainingItemCount: rest.length - limit }),
  };
}

function objectsAt(server: ServerContext, request: ApiRequest, revision: number): readonly KubernetesObject[] {
  const { collection } = request.resource;
  const selects = compileSelection(request.resource, request.options);
  const objects = server.store.sortedAt(collection, revision, request.namespace || undefined);
  if (!objects) throw expired();
  return selects ? objects.filter(selects) : objects;
}

function expired(): StatusError {
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.';
  return new StatusError(410, 'Expired', message);
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
  const text = fromBase64Url(token);
  try {
    decoded = JSON.parse(text);
  } catch {
    throw invalid(`invalid character ${goQuotedRune(text[0])} looking for beginning of value`);
  }
  if (typeof decoded.rv !== 'number' || decoded.rv === 0) {
    throw invalid('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  }
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

function goQuotedRune(char: string | undefined): string {
  const code = char?.charCodeAt(0) ?? 0;
  return code >= 32 && code < 127 ? `'${char}'` : `'\\u${code.toString(16).padStart(4, '0')}'`;
}
