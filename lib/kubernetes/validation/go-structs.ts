/**
 * How messages show the server's own structs: as JSON with the names of Go's fields, every field, in the order of their
 * declaration. `{"Type":"Foo","RollingUpdate":null}`.
 */
import { goJson, Printed } from '../field-errors';

/** Go's name of a field -> its name in the API, its zero value, and the struct inside if it is one. */
export type GoStruct = Readonly<Record<string, readonly [field: string, zero: unknown, inner?: GoStruct]>>;

export function printStruct(struct: GoStruct, value: any): Printed {
  return new Printed(goJson(toGo(struct, value)));
}

export function printStructs(struct: GoStruct, values: readonly any[]): Printed {
  return new Printed(goJson(values.map((value) => toGo(struct, value))));
}

function toGo(struct: GoStruct, value: any): unknown {
  const out: Record<string, unknown> = {};
  for (const [goName, [field, zero, inner]] of Object.entries(struct)) {
    const item = value?.[field];
    if (item === undefined || item === null) out[goName] = zero;
    else if (inner && Array.isArray(item)) out[goName] = item.map((one) => toGo(inner, one));
    else out[goName] = inner ? toGo(inner, item) : item;
  }
  return out;
}
