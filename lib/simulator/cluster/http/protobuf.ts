/**
 * Reads Kubernetes' protobuf form of an object into plain JSON. kubectl's typed commands and every `helm install` send it,
 * and do not fall back to JSON when it is refused; answers may always be JSON.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
 *
 *   "k8s\0"  Unknown { typeMeta { apiVersion, kind }, raw }      raw: the message of that kind
 *
 * Go writes values that are no pointers even when they are empty; the decoder behind this drops them again. Messages that Go
 * embeds (`volumeSource` in a Volume) have no name in JSON: their fields stand beside those of the outer one.
 *
 * Left out: writing protobuf.
 */
import { parseApiVersion } from '../../../kubernetes/object';
import { protobufMessages } from '../../../kubernetes/schema/protobuf.generated';
import { type Schema, trySchemaOf } from '../../../kubernetes/schema/schema';

/** What is wrong with the bytes, in the words of the server's decoder. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

export interface ProtobufObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

type Message = ReadonlyMap<number, { readonly name: string; readonly label: string; readonly type: string }>;

const PREFIX = [0x6b, 0x38, 0x73, 0x00];
const MACHINERY = 'k8s.io.apimachinery.pkg.';

/** Reads the envelope only. @throws ProtobufError */
export function readEnvelope(bytes: Uint8Array): ProtobufObject {
  if (PREFIX.some((byte, i) => bytes[i] !== byte)) {
    throw new ProtobufError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  if (bytes.length === PREFIX.length) throw new ProtobufError('empty body');
  const envelope = new Reader(bytes.subarray(PREFIX.length)).fields();
  const typeMeta = { apiVersion: '', kind: '' };
  let raw = new Uint8Array();
  for (const { number, value } of envelope) {
    if (number === 1) {
      for (const field of new Reader(value as Uint8Array).fields()) {
        if (field.number === 1) typeMeta.apiVersion = text(field.value as Uint8Array);
        if (field.number === 2) typeMeta.kind = text(field.value as Uint8Array);
      }
    } else if (number === 2) raw = value as Uint8Array<ArrayBuffer>;
  }
  return { ...typeMeta, raw };
}

/** The object as plain JSON; undefined when its kind has no protobuf form. @throws ProtobufError */
export function readProtobuf({ apiVersion, kind, raw }: ProtobufObject): Record<string, unknown> | undefined {
  const { group, version } = parseApiVersion(apiVersion);
  const schema = trySchemaOf(group, version, kind) ?? optionsSchema(group, version, kind);
  if (!schema?.typeName) return undefined;
  const name = schema.typeName.replace(/^io\.k8s\./, 'k8s.io.').replaceAll('-', '_');
  if (!protobufMessages[name]) return undefined;
  return { kind, apiVersion, ...readMessage(name, schema, raw) };
}

/** DeleteOptions and its like belong to every group; the table lists them under none. */
function optionsSchema(group: string, version: string, kind: string): Schema | undefined {
  return trySchemaOf(group, version, kind) ?? trySchemaOf('', 'v1', kind);
}

const messages = new Map<string, Message>();

function messageOf(name: string): Message {
  let message = messages.get(name);
  if (!message) {
    const fields = protobufMessages[name] ?? [];
    const ownPackage = name.slice(0, name.lastIndexOf('.') + 1);
    // Messages of the same package are called by their last name.
    // Messages of map values begin with a dot.
    const whole = (type: string) => (/^[A-Z][^.]*$/.test(type) ? `${ownPackage}${type}` : type.replace(/^\./, ''));
    message = new Map(
      fields.map(([number, field, label, type]) => [number, { name: field, label, type: whole(type) }]),
    );
    messages.set(name, message);
  }
  return message;
}

function readMessage(name: string, schema: Schema | undefined, bytes: Uint8Array): Record<string, unknown> {
  const message = messageOf(name);
  const out: Record<string, unknown> = {};
  for (const { number, wireType, value } of new Reader(bytes).fields()) {
    const field = message.get(number);
    if (!field) continue;
    const key = jsonName(field.name, schema);
    const fieldSchema = schema?.fields?.get(key);
    if (field.label === 'map') {
      readMapEntry(out, key, field.type, fieldSchema?.values, value as Uint8Array);
    } else if (field.label === 'repeated') {
      const items = (out[key] as unknown[] | undefined) ?? [];
      out[key] = items;
      if (wireType === 2 && isVarint(field.type)) {
        for (const item of new Reader(value as Uint8Array).varints()) items.push(readScalar(field.type, item));
      } else items.push(readValue(field.type, fieldSchema?.items, value));
    } else if (schema?.fields && !fieldSchema && field.type.includes('.')) {
      Object.assign(out, readMessage(field.type, schema, value as Uint8Array));
    } else out[key] = readValue(field.type, fieldSchema, value);
  }
  return out;
}

function readMapEntry(
  out: Record<string, unknown>,
  name: string,
  type: string,
  schema: Schema | undefined,
  bytes: Uint8Array,
): void {
  let key = '';
  let value: unknown = type.includes('.')
    ? {}
    : readScalar(type, type === 'string' || type === 'bytes' ? new Uint8Array() : 0n);
  for (const field of new Reader(bytes).fields()) {
    if (field.number === 1) key = text(field.value as Uint8Array);
    else if (field.number === 2) value = readValue(type, schema, field.value);
  }
  const map = (out[name] as Record<string, unknown> | undefined) ?? {};
  Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  out[name] = map;
}

function readValue(type: string, schema: Schema | undefined, value: bigint | Uint8Array): unknown {
  if (!type.includes('.')) return readScalar(type, value);
  const special = specialTypes[type];
  const bytes = value as Uint8Array;
  if (special) return special(readMessage(type, undefined, bytes));
  const isWrapper = schema?.type === 'list' || schema?.type === 'map';
  const out = readMessage(type, isWrapper ? undefined : schema, bytes);
  // A named Go slice or map (`Verbs`, `ExtraValue`) is a message with the one field `items`.
  return isWrapper ? (out.items ?? []) : out;
}

const specialTypes: Readonly<Record<string, (fields: Record<string, any>) => unknown>> = {
  [`${MACHINERY}apis.meta.v1.Time`]: (time) => formatSeconds(time, 0),
  [`${MACHINERY}apis.meta.v1.MicroTime`]: (time) => formatSeconds(time, 6),
  [`${MACHINERY}apis.meta.v1.FieldsV1`]: ({ Raw }) => parseRaw(Raw),
  [`${MACHINERY}api.resource.Quantity`]: ({ string }) => string ?? '0',
  [`${MACHINERY}util.intstr.IntOrString`]: ({ type, intVal, strVal }) => (type === 1 ? (strVal ?? '') : (intVal ?? 0)),
  [`${MACHINERY}runtime.RawExtension`]: ({ raw }) => parseRaw(raw),
  'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.JSON': ({ raw }) => parseRaw(raw),
};

function formatSeconds({ seconds, nanos = 0 }: Record<string, any>, digits: number): string | null {
  if (seconds === undefined) return null;
  const date = new Date(seconds * 1000).toISOString().slice(0, 19);
  return digits === 0 ? `${date}Z` : `${date}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;
}

function parseRaw(base64: string | undefined): unknown {
  if (!base64) return null;
  try {
    return JSON.parse(Buffer.from(base64, 'base64').toString());
  } catch {
    throw new ProtobufError('invalid raw JSON');
  }
}

function readScalar(type: string, value: bigint | Uint8Array): unknown {
  if (typeof value !== 'bigint') {
    if (type === 'string') return text(value);
    if (type === 'bytes') return Buffer.from(value).toString('base64');
    throw new ProtobufError('proto: wrong wireType');
  }
  switch (type) {
    case 'bool':
      return value !== 0n;
    case 'int32':
      return Number(BigInt.asIntN(32, value));
    case 'double':
      return Buffer.from(new BigUint64Array([value]).buffer).readDoubleLE();
    default:
      return Number(BigInt.asIntN(64, value));
  }
}

const isVarint = (type: string): boolean => type !== 'string' && type !== 'bytes' && !type.includes('.');

/** The schema of custom resource definitions has names that protobuf cannot have: `$ref`, `x-kubernetes-list-type`. */
function jsonName(name: string, schema: Schema | undefined): string {
  if (!schema?.fields || schema.fields.has(name)) return name;
  if (schema.fields.has(`$${name}`)) return `$${name}`;
  const kebab = name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
  return schema.fields.has(kebab) ? kebab : name;
}

const decoder = new TextDecoder();
const text = (bytes: Uint8Array): string => decoder.decode(bytes);

interface WireField {
  readonly number: number;
  readonly wireType: number;
  readonly value: bigint | Uint8Array;
}

/** The wire format: https://protobuf.dev/programming-guides/encoding/ */
class Reader {
  private position = 0;

  constructor(private readonly bytes: Uint8Array) {}

  *fields(): Iterable<WireField> {
    while (this.position < this.bytes.length) {
      const tag = Number(this.varint());
      const number = tag >>> 3;
      const wireType = tag & 7;
      if (number === 0) throw new ProtobufError('proto: illegal tag 0');
      yield { number, wireType, value: this.value(wireType) };
    }
  }

  *varints(): Iterable<bigint> {
    while (this.position < this.bytes.length) yield this.varint();
  }

  private value(wireType: number): bigint | Uint8Array {
    switch (wireType) {
      case 0:
        return this.varint();
      case 1:
        return this.fixed(8);
      case 2:
        return this.take(Number(this.varint()));
      case 5:
        return this.fixed(4);
      default:
        throw new ProtobufError(`proto: illegal wireType ${wireType}`);
    }
  }

  private varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 64n; shift += 7n) {
      const byte = this.bytes[this.position++];
      if (byte === undefined) throw new ProtobufError('unexpected EOF');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new ProtobufError('proto: integer overflow');
  }

  private fixed(length: number): bigint {
    const bytes = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    return value;
  }

  private take(length: number): Uint8Array {
    if (length < 0 || this.position + length > this.bytes.length) throw new ProtobufError('unexpected EOF');
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }
}
