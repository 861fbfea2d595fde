import type { IConstruct } from 'constructs';

/** Whether a value is an App, a Chart, or anything else with a place in a tree. */
export function isConstruct(value: unknown): value is IConstruct {
  return (
    typeof value === 'object' && value !== null && 'node' in value && typeof (value as IConstruct).node === 'object'
  );
}
