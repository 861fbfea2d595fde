/**
 * The body of a write: JSON, YAML or protobuf, as plain JSON.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources
 */
import { apiVersionOf } from '../../../kubernetes/object';
import { badRequest, StatusError } from '../../../kubernetes/status-error';
import { JsonSyntaxError, parseJson } from './json-text';
import { mediaTypeOf, unsupportedMediaType } from './negotiation';
import { ProtobufError, readEnvelope, readProtobuf } from './protobuf';
import { parseYaml, YamlSyntaxError } from './yaml-text';

export interface ReadBody {
  readonly value: unknown;
  readonly duplicates: readonly string[];
}

export const BODY_LIMIT = 3 * 1024 * 1024;

export function tooLarge(): StatusError {
  const message = `Request entity too large: limit is ${BODY_LIMIT}`;
  return new StatusError(413, 'RequestEntityTooLarge', message);
}

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** The body of a create or update of one kind. @throws StatusError 400 or 415 */
export function readObjectBody(contentType: string | undefined, bytes: Uint8Array, expected: Kind): ReadBody {
  const read = readerOf(contentType);
  try {
    return read(bytes, expected);
  } catch (error) {
    if (!(error instanceof BodyError)) throw error;
    const cause = error.isKnownKind
      ? `${expected.kind} in version "${expected.version}" cannot be handled as a ${expected.kind}: ${error.message}`
      : `the object provided is unrecognized (must be of type ${expected.kind}): ${error.message} (${summary(bytes)})`;
    throw badRequest(cause);
  }
}

/** A body that is no resource: DeleteOptions, a patch. @throws BodyError with the bare cause */
export function readPlainBody(contentType: string | undefined, bytes: Uint8Array, expected: Kind): ReadBody {
  return readerOf(contentType)(bytes, expected);
}

/** What is wrong with the bytes themselves. */
export class BodyError extends Error {
  override readonly name = 'BodyError';

  constructor(
    message: string,
    /** The kind could be read, what follows could not. */
    readonly isKnownKind = false,
  ) {
    super(message);
  }
}

type BodyReader = (bytes: Uint8Array, expected: Kind) => ReadBody;

function readerOf(contentType: string | undefined): BodyReader {
  switch (mediaTypeOf(contentType)) {
    case 'application/json':
      return readJson;
    case 'application/yaml':
      return readYaml;
    case 'application/vnd.kubernetes.protobuf':
      return readProtobufBody;
    default:
      throw unsupportedMediaType();
  }
}

const decoder = new TextDecoder();

function readJson(bytes: Uint8Array): ReadBody {
  try {
    const { value, duplicates } = parseJson(decoder.decode(bytes));
    checkTypeMeta(value);
    return { value, duplicates };
  } catch (error) {
    if (error instanceof JsonSyntaxError) {
      throw new BodyError(`couldn't get version/kind; json parse error: ${error.message}`);
    }
    throw error;
  }
}

const TYPE_META =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** The kind is read first, by a struct of its own that the messages show. */
function checkTypeMeta(value: unknown): void {
  if (value === null) return;
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw versionKindError(`json: cannot unmarshal ${goKind(value)} into Go value of type ${TYPE_META}`);
  }
  for (const field of ['apiVersion', 'kind'] as const) {
    const found = (value as Record<string, unknown>)[field];
    if (found === undefined || found === null || typeof found === 'string') continue;
    throw versionKindError(`json: cannot unmarshal ${goKind(found)} into Go struct field .${field} of type string`);
  }
}

const versionKindError = (cause: string) => new BodyError(`couldn't get version/kind; json parse error: ${cause}`);

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function readYaml(bytes: Uint8Array): ReadBody {
  try {
    const { value, duplicates } = parseYaml(decoder.decode(bytes));
    checkTypeMeta(value);
    // All of them are one complaint of the YAML reader.
    return {
      value,
      duplicates:
        duplicates.length === 0 ? [] : [`yaml: unmarshal errors:\n${duplicates.map((each) => `  ${each}`).join('\n')}`],
    };
  } catch (error) {
    if (error instanceof YamlSyntaxError) throw new BodyError(error.message);
    throw error;
  }
}

function readProtobufBody(bytes: Uint8Array, expected: Kind): ReadBody {
  try {
    const envelope = readEnvelope(bytes);
    const typed = {
      ...envelope,
      apiVersion: envelope.apiVersion || apiVersionOf(expected),
      kind: envelope.kind || expected.kind,
    };
    try {
      const value = readProtobuf(typed) ?? { apiVersion: typed.apiVersion, kind: typed.kind };
      return { value, duplicates: [] };
    } catch (error) {
      if (error instanceof ProtobufError) throw new BodyError(error.message, true);
      throw error;
    }
  } catch (error) {
    if (error instanceof ProtobufError) throw new BodyError(error.message);
    throw error;
  }
}

const SUMMARY_LENGTH = 30;

/** The beginning of the body: as text when it looks like JSON, else in hex. */
function summary(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>';
  const head = bytes.subarray(0, SUMMARY_LENGTH);
  const shown = bytes[0] === 0x7b ? decoder.decode(head) : Buffer.from(head).toString('hex');
  return bytes.length > SUMMARY_LENGTH ? `${shown} ...` : shown;
}
