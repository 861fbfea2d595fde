/**
 * Patch documents: JSON for three of the types, YAML (of which JSON is a part) for apply.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-update
 */
import { badRequest } from '../../../kubernetes/status-error';
import type { PatchType } from '../client';
import type { ReadBody } from './body';
import { JsonSyntaxError, parseJson } from './json-text';
import { parseYaml, YamlSyntaxError } from './yaml-text';

const decoder = new TextDecoder();

/** @throws StatusError 400 */
export function readPatchBody(type: PatchType, bytes: Uint8Array): ReadBody {
  const text = decoder.decode(bytes);
  if (type === 'apply') return readApplyBody(text);
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw badRequest(type === 'strategic' ? error.message : `error decoding patch: ${error.message}`);
  }
}

function readApplyBody(text: string): ReadBody {
  try {
    const { value, duplicates } = parseYaml(text);
    if (Array.isArray(value)) {
      const cause = 'json: cannot unmarshal array into Go value of type map[string]interface {}';
      throw badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: ${cause}`);
    }
    return { value, duplicates };
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`);
  }
}
