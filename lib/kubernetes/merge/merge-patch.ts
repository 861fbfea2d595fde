/**
 * JSON Merge Patch: objects are merged, null removes, everything else (lists too) replaces.
 * Objects that the patch touches come out with sorted keys, which is visible where a message prints the object.
 * https://www.rfc-editor.org/rfc/rfc7386
 */
import { badRequest } from '../status-error';
import { compareStrings, getOwn, isObject, type JsonObject, setOwn } from './json';
import { decodeError } from './json-patch';

/** @throws StatusError 400 when the patch is no object. */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (patch === null) throw badRequest('Invalid JSON Patch');
  if (!isObject(patch)) throw decodeError(patch, 'map[string]interface {}');
  return merged(document, patch);
}

function merged(target: unknown, patch: unknown): unknown {
  if (!isObject(patch) || !isObject(target)) return withoutNulls(patch);
  const out: JsonObject = {};
  for (const key of [...new Set([...Object.keys(target), ...Object.keys(patch)])].sort(compareStrings)) {
    const value = getOwn(patch, key);
    if (value !== null) setOwn(out, key, value === undefined ? target[key] : merged(getOwn(target, key), value));
  }
  return out;
}

/** Nulls in new objects remove nothing, so they go; also (beyond the RFC, as the server does) in objects inside lists. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const out: JsonObject = {};
  for (const key of Object.keys(value)) if (value[key] !== null) setOwn(out, key, withoutNulls(value[key]));
  return out;
}
