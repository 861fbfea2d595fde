/**
 * PATCH: the stored object in the version of the request, changed by a patch document, then written like a PUT.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-update
 */
import { semanticEqual } from '../../../kubernetes/equality';
import { quote } from '../../../kubernetes/field-errors';
import type { Draft } from '../../../kubernetes/kinds';
import { goFormat } from '../../../kubernetes/merge/go-format';
import { isObject } from '../../../kubernetes/merge/json';
import { applyJsonPatch } from '../../../kubernetes/merge/json-patch';
import { sortedJson } from '../../../kubernetes/merge/last-applied';
import { applyMergePatch } from '../../../kubernetes/merge/merge-patch';
import { restoreProblem } from '../../../kubernetes/merge/strategic-merge-decode';
import { applyStrategicMergePatch } from '../../../kubernetes/merge/strategic-merge-patch';
import type { KubernetesObject } from '../../../kubernetes/object';
import { type Decoded, DecodeError, decode } from '../../../kubernetes/schema/decode';
import { notFound, StatusError } from '../../../kubernetes/status-error';
import { goJsonText } from '../../../kubernetes/validation/internal-form';
import { applyPatch as serverSideApply } from './apply';
import { decodeObject, type ExpectedKind, keepReset, rememberEmptied, reportStrictErrors } from './decode-body';
import { checkName, checkNamespace } from './object-meta';
import { type ApiRequest, type ApiResponse, collectWarnings } from './request';
import { fromStored, type ServerContext } from './server-context';
import { updateDraft } from './update';

export function patch(server: ServerContext, request: ApiRequest): ApiResponse {
  if (request.patchType === 'apply') return serverSideApply(server, request);
  const { resource } = request;
  const warnings: string[] = [];
  const warn = collectWarnings(request, warnings);
  const old = server.store.get(resource.collection, request.namespace || undefined, request.name);
  if (!old) throw notFound(resource, request.name);
  const draft = patched(resource, { request, current: fromStored(resource, old), warn });
  checkNamespace(resource, draft, request.namespace);
  checkName(draft, request.name);
  const object = updateDraft(server, request, { draft, old, warn });
  return { code: 200, object, warnings };
}

interface PatchedDocument {
  readonly request: ApiRequest;
  readonly current: KubernetesObject;
  readonly warn: (text: string) => void;
}

/** The document with the patch applied, decoded: a draft that belongs to the caller. */
export function patched(expected: ExpectedKind, { request, current, warn }: PatchedDocument): Draft {
  const { body, patchType, options } = request;
  const document = applyDocument(expected, patchType ?? 'merge', { current, body });
  const refused = (cause: string) =>
    invalidPatch(patchType === 'strategic' ? goFormat(body) : documentText(expected, document, current), cause);
  const problem = patchType === 'strategic' ? restoreProblem(expected.schema, document) : wrongKind(expected, document);
  if (problem !== undefined) throw refused(problem);
  let decoded: Decoded;
  try {
    decoded = decodeObject(expected, document);
  } catch (error) {
    if (error instanceof DecodeError) throw refused(error.message);
    throw error;
  }
  const strict = { fieldValidation: options.fieldValidation, duplicateFields: request.duplicateFields ?? [], warn };
  const unknown = patchType === 'strategic' ? [...decoded.unknownFields].sort() : decoded.unknownFields;
  reportStrictErrors(unknown, strict, refused);
  const draft = decoded.value as Draft;
  draft.apiVersion = current.apiVersion;
  draft.kind = expected.kind;
  draft.metadata ??= {};
  keepReset(draft, document);
  rememberEmptied(draft, decoded);
  return draft;
}

/**
 * How messages show the patched document: custom resources sorted; of others what the patch touched is sorted, and the rest is
 * in the order of the type.
 */
function documentText({ schema, decodeObject: custom }: ExpectedKind, document: unknown, current: unknown): string {
  return custom ? sortedJson(document) : goJsonText(arranged(document, decode(schema, current).value));
}

function arranged(next: any, before: any): unknown {
  if (before !== undefined && semanticEqual(next, before)) return before;
  if (Array.isArray(next)) return next.map((item, i) => arranged(item, Array.isArray(before) ? before[i] : undefined));
  if (!isObject(next) || before === undefined) return next;
  const keys = Object.keys(next).sort();
  return Object.fromEntries(keys.map((key) => [key, arranged(next[key], isObject(before) ? before[key] : undefined)]));
}

function applyDocument(
  expected: ExpectedKind,
  patchType: NonNullable<ApiRequest['patchType']>,
  { current, body }: { current: KubernetesObject; body: unknown },
): unknown {
  switch (patchType) {
    case 'json':
      return applyJsonPatch(current, body);
    case 'strategic':
      return applyStrategicMergePatch(current, body, expected.schema);
    default:
      return applyMergePatch(current, body);
  }
}

/** JSON and merge patches may not change what the object is; a strategic one is not heard. */
function wrongKind(expected: ExpectedKind, document: unknown): string | undefined {
  const { apiVersion, kind } = (document ?? {}) as { apiVersion?: unknown; kind?: unknown };
  const version = expected.group === '' ? expected.version : `${expected.group}/${expected.version}`;
  if ((kind ?? expected.kind) === expected.kind && (apiVersion ?? version) === version) return undefined;
  for (const [field, value] of Object.entries({ apiVersion, kind })) {
    if (typeof value !== 'object' || value === null) continue;
    const found = Array.isArray(value) ? 'array' : 'object';
    return `couldn't get version/kind; json parse error: json: cannot unmarshal ${found} into Go struct field .${field} of type string`;
  }
  const what = `no kind ${quote(String(kind))} is registered for version ${quote(String(apiVersion))}`;
  return `${what} in scheme "pkg/api/legacyscheme/scheme.go:30"`;
}

function invalidPatch(source: string, problem: string): StatusError {
  const message = `Invalid value: ${quote(source)}: ${problem}`;
  const causes = [{ reason: 'FieldValueInvalid', message, field: 'patch' }];
  return new StatusError(422, 'Invalid', ` "" is invalid: patch: ${message}`, { causes });
}
