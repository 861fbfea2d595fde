/**
 * The result of a strategic merge patch goes into the server's Go structs by another way than a JSON body, and a value of the
 * wrong type is refused in other words: `cannot restore slice from string`.
 * (apimachinery `runtime.DefaultUnstructuredConverter`)
 */
import type { Schema } from '../schema/schema';
import { isObject, type JsonObject } from './json';

/** What is wrong with a patched object, or undefined: the message inside `patch: Invalid value: ...`. */
export function restoreProblem(schema: Schema, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  switch (schema.type) {
    case 'struct':
      return isObject(value) ? fieldProblem(schema, value) : `cannot restore struct from: ${kindOf(value)}`;
    case 'map':
      return isObject(value)
        ? firstProblem(schema.values!, Object.values(value))
        : `cannot restore map from ${kindOf(value)}`;
    case 'list':
      return Array.isArray(value) ? firstProblem(schema.items!, value) : `cannot restore slice from ${kindOf(value)}`;
    case 'integer':
      if (typeof value === 'number') {
        return Number.isInteger(value) ? undefined : `cannot convert float64 to ${schema.format ?? 'int64'}`;
      }
      return `unrecognized type: ${schema.format ?? 'int64'}`;
    case 'number':
      return typeof value === 'number' ? undefined : 'unrecognized type: float64';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'unrecognized type: bool';
    case 'string':
      return schema.format !== undefined || typeof value === 'string' ? undefined : 'unrecognized type: string';
    default:
      return undefined;
  }
}

function fieldProblem(schema: Schema, value: JsonObject): string | undefined {
  for (const [name, field] of schema.fields ?? []) {
    const problem = Object.hasOwn(value, name) ? restoreProblem(field, value[name]) : undefined;
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function firstProblem(schema: Schema, values: readonly unknown[]): string | undefined {
  for (const value of values) {
    const problem = restoreProblem(schema, value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64';
    default:
      return 'map';
  }
}
