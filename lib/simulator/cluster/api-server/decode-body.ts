/**
 * From a request's body to a draft of the object: is it the kind this URL takes, do its fields have the right types, which
 * fields does nobody know.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#setting-the-field-validation-level
 */
import { ErrorList, goJson, root, throwIfInvalid } from '../../../kubernetes/field-errors';
import type { Draft } from '../../../kubernetes/kinds';
import { apiVersionOf, type KubernetesObject, parseApiVersion } from '../../../kubernetes/object';
import { type Decoded, DecodeError, decode, settle } from '../../../kubernetes/schema/decode';
import { type Schema, trySchemaOf } from '../../../kubernetes/schema/schema';
import { badRequest } from '../../../kubernetes/status-error';
import type { RequestOptions } from './request';

/** What a URL takes: mostly the kind of its resource, for some subresources another one. */
export interface ExpectedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly schema: Schema;
  /** Of custom resources. */
  readonly decodeObject?: (object: Record<string, unknown>) => Decoded;
}

/** Reads an object by its schema, or as its custom resource does. @throws DecodeError */
export function decodeObject(expected: ExpectedKind, object: unknown, stored?: KubernetesObject): Decoded {
  if (!expected.decodeObject) return decode(expected.schema, object, stored);
  return expected.decodeObject((object ?? {}) as Record<string, unknown>);
}

export interface BodyOptions {
  readonly fieldValidation: RequestOptions['fieldValidation'];
  readonly duplicateFields: readonly string[];
  readonly warn: (text: string) => void;
  /**
   * What is stored, in the same version. Of a body from inside the simulation, what is the very same object there was read,
   * defaulted and checked when it was stored, so the draft shares it: all but `metadata` and `status` themselves, which every
   * write changes. Only for writes that change nothing deeper: those of a status.
   */
  readonly stored?: KubernetesObject;
}

/** @throws StatusError 400 */
export function decodeBody(expected: ExpectedKind, body: unknown, options: BodyOptions): Draft {
  const object = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  if (!expected.decodeObject) checkKind(expected, object);
  const cannot = (cause: string) =>
    badRequest(`${expected.kind} in version "${expected.version}" cannot be handled as a ${expected.kind}: ${cause}`);
  let decoded: ReturnType<typeof decode>;
  try {
    decoded = decodeObject(expected, options.stored ? withOwnParts(object, options.stored) : object, options.stored);
  } catch (error) {
    if (error instanceof DecodeError) throw cannot(error.message);
    throw error;
  }
  reportStrictErrors(decoded.unknownFields, options, cannot);
  if (expected.decodeObject) checkCustomKind(expected, object);
  const draft = decoded.value as Draft;
  draft.apiVersion = apiVersionOf(expected);
  draft.kind = expected.kind;
  draft.metadata ??= {};
  keepReset(draft, object);
  rememberEmptied(draft, decoded);
  return draft;
}

/** A body whose `metadata` and `status` are read anew, though what lies below them may be shared. */
function withOwnParts(body: Record<string, unknown>, stored: KubernetesObject): Record<string, unknown> {
  const parts: Record<string, unknown> = {};
  for (const name of ['metadata', 'status']) {
    const part = body[name];
    if (part !== undefined && part === stored[name]) parts[name] = { ...part };
  }
  return { ...body, ...parts };
}

const emptied = new WeakMap<Draft, Decoded['emptied']>();

/** Remembers what of a draft storage will make none. */
export function rememberEmptied(draft: Draft, decoded: Decoded): void {
  if (decoded.emptied?.length) emptied.set(draft, decoded.emptied);
}

/** To be called when ownership has been noted: until then `[]` and nothing are two things. */
export function settleEmptied(draft: Draft): void {
  const places = emptied.get(draft);
  if (places) settle(places);
}

/** An empty `managedFields` is a request to forget all managers; decoding takes an empty list for nothing. */
export function keepReset(draft: Draft, source: any): void {
  const sent = source.metadata?.managedFields;
  if (Array.isArray(sent) && sent.length === 0) draft.metadata.managedFields = [];
}

/** Unknown and duplicate fields: an error, a warning or nothing, as the request asks. */
export function reportStrictErrors(
  unknownFields: readonly string[],
  options: BodyOptions,
  cannot: (cause: string) => Error,
): void {
  if (options.fieldValidation === 'Ignore') return;
  const found = [...options.duplicateFields, ...unknownFields.map((field) => `unknown field "${field}"`)];
  if (found.length === 0) return;
  if (options.fieldValidation === 'Strict') throw cannot(`strict decoding error: ${found.join(', ')}`);
  for (const text of found) options.warn(text);
}

/** An object may leave out what it is; what it says must be true. */
function checkKind(expected: ExpectedKind, object: Record<string, unknown>): void {
  const kind = textOr(object.kind, expected.kind);
  const apiVersion = textOr(object.apiVersion, apiVersionOf(expected));
  if (kind === expected.kind && apiVersion === apiVersionOf(expected)) return;
  const { group, version } = parseApiVersion(apiVersion);
  const cause =
    trySchemaOf(group, version, kind) || kind === 'List'
      ? `converting (${goType(group, version, kind)}) to (${internalType(expected)}): unknown conversion`
      : `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`;
  throw badRequest(`${kind} in version "${version}" cannot be handled as a ${expected.kind}: ${cause}`);
}

/** Custom resources must say what they are. */
function checkCustomKind(expected: ExpectedKind, object: Record<string, unknown>): void {
  const kind = textOr(object.kind, '');
  const apiVersion = textOr(object.apiVersion, '');
  if (kind === '') throw badRequest(`Object 'Kind' is missing in '${goJson(object)}'`);
  if (apiVersion !== apiVersionOf(expected)) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(expected)})`,
    );
  }
  if (kind === expected.kind) return;
  const errors = new ErrorList();
  errors.invalid(root('kind'), kind, `must be ${expected.kind}`);
  const name = (object.metadata as { name?: string } | undefined)?.name ?? '';
  throwIfInvalid({ group: expected.group, kind }, name, errors);
}

const textOr = (value: unknown, fallback: string): string =>
  typeof value === 'string' && value !== '' ? value : fallback;

const goType = (_group: string, version: string, kind: string): string => `${version}.${kind}`;

/** The Go package of a group's internal types: `core.Pod`, `apps.Deployment`, `rbac.Role`. */
function internalType({ group, kind }: ExpectedKind): string {
  const name = group === '' ? 'core' : group.split('.')[0];
  return `${name}.${kind}`;
}
