/**
 * The annotation of client-side apply: the configuration that `kubectl apply` sent last, as JSON.
 * https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/
 */
import { goJsonScalar } from './field-set';
import { compareStrings, isObject, type JsonObject } from './json';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** All annotations of an object together, in bytes. */
const MAX_ANNOTATIONS_SIZE = 256 * 1024;

const annotationsOf = (object: JsonObject): JsonObject => {
  const { metadata } = object;
  return isObject(metadata) && isObject(metadata.annotations) ? metadata.annotations : {};
};

export function hasLastApplied(object: JsonObject): boolean {
  const text = annotationsOf(object)[LAST_APPLIED];
  return typeof text === 'string' && text !== '';
}

/** The annotated configuration; undefined when there is none or it is no JSON. */
export function lastAppliedOf(object: JsonObject): unknown {
  const text = annotationsOf(object)[LAST_APPLIED];
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The text of a configuration: keys sorted, without the annotation itself, with a line end, as Go's encoder writes it. */
export function buildLastApplied(config: JsonObject): string {
  const { metadata } = config;
  if (!isObject(metadata) || !isObject(metadata.annotations)) return `${sortedJson(config)}\n`;
  const { [LAST_APPLIED]: _, ...annotations } = metadata.annotations;
  return `${sortedJson({ ...config, metadata: { ...metadata, annotations } })}\n`;
}

/** The object with the annotation, or without it when the annotations would become too large. */
export function withLastApplied(object: JsonObject, text: string): JsonObject {
  const annotations: JsonObject = { ...annotationsOf(object), [LAST_APPLIED]: text };
  const size = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + byteLength(key) + byteLength(`${value}`),
    0,
  );
  if (size > MAX_ANNOTATIONS_SIZE) delete annotations[LAST_APPLIED];
  return { ...object, metadata: { ...(object.metadata as JsonObject), annotations } };
}

/** Of the UTF-8 form. */
function byteLength(text: string): number {
  let bytes = 0;
  for (const char of text) {
    const code = char.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

export function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (!isObject(value)) return goJsonScalar(value ?? null);
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  return `{${keys
    .sort(compareStrings)
    .map((key) => `${goJsonScalar(key)}:${sortedJson(value[key])}`)
    .join(',')}}`;
}
