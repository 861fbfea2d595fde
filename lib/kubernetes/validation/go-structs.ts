/**
 * How messages show the server's own structs: as JSON with the names of Go's fields, every field, in the order of their
 * declaration. `{"Type":"Foo","RollingUpdate":null}`.
 */
import { goJson, Printed } from '../field-errors';

/** Go's name of a field -> its name in the API, its zero value, and the struct inside if it is one. */
export type GoStruct = Readonly<Record<string, readonly [field: string, zero: unknown, inner?: GoStruct]>>;

export function printStruct(struct: GoStruct, value: any): Printed {
  return new Printed(goText(struct, value));
}

export function printStructs(struct: GoStruct, values: readonly any[]): Printed {
  return new Printed(goList(struct, values));
}

const goList = (struct: GoStruct, values: readonly any[]): string =>
  `[${values.map((value) => goText(struct, value)).join(',')}]`;

function goText(struct: GoStruct, value: any): string {
  const fields = Object.entries(struct).map(([goName, [field, zero, inner]]) => {
    const item = value?.[field];
    const text =
      item === undefined || item === null
        ? goJson(zero)
        : !inner
          ? goJson(item)
          : Array.isArray(item)
            ? goList(inner, item)
            : goText(inner, item);
    return `${JSON.stringify(goName)}:${text}`;
  });
  return `{${fields.join(',')}}`;
}
