/**
 * Patch documents: JSON for three of the types, YAML (of which JSON is a part) for apply.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-update
 */
import { LineCounter, parseDocument } from 'yaml';
import { badRequest } from '../../../kubernetes/status-error';
import type { PatchType } from '../client';
import type { ReadBody } from './body';
import { JsonSyntaxError, parseJson } from './json-text';

const decoder = new TextDecoder();

/** @throws StatusError 400 */
export function readPatchBody(type: PatchType, bytes: Uint8Array): ReadBody {
  const text = decoder.decode(bytes);
  if (type === 'apply') return readApplyBody(text);
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw badRequest(type === 'merge' ? error.message : `error decoding patch: ${error.message}`);
  }
}

function readApplyBody(text: string): ReadBody {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.1',
    uniqueKeys: false,
    lineCounter: lines,
    logLevel: 'silent',
    prettyErrors: false,
  });
  const [error] = document.errors;
  if (error) {
    const { line } = lines.linePos(error.pos[0]);
    throw badRequest(
      `error decoding YAML: error converting YAML to JSON: yaml: line ${line}: did not find expected node content`,
    );
  }
  return { value: document.toJS(), duplicates: [] };
}
