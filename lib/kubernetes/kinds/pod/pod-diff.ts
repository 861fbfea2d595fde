/**
 * The difference between two specs that the API server shows when somebody changes what must not change.
 *
 * The real server prints a unified diff of its own structs, hundreds of lines with every unset field. Ours names the fields
 * that differ, in the API's names. docs/fidelity.md lists this.
 */
import { semanticEqual } from '../../equality';
import { goJson } from '../../field-errors';

export function printPodDiff(old: any, next: any): string {
  const lines: string[] = [];
  walk(old, next, '', lines);
  return `${lines.join('\n')}\n`;
}

function walk(old: any, next: any, path: string, lines: string[]): void {
  if (semanticEqual(old, next)) return;
  const isObject = (value: any) => typeof value === 'object' && value !== null;
  if (isObject(old) && isObject(next) && Array.isArray(old) === Array.isArray(next)) {
    for (const key of new Set([...Object.keys(old), ...Object.keys(next)])) {
      walk(old[key], next[key], Array.isArray(old) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`, lines);
    }
    return;
  }
  if (old !== undefined) lines.push(`- ${path}: ${goJson(old)}`);
  if (next !== undefined) lines.push(`+ ${path}: ${goJson(next)}`);
}
