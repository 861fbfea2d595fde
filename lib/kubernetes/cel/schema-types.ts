/**
 * Built-in types as an expression sees them: a Deployment has `spec.replicas`, an int, and no `spec.replica`.
 * https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-api-object-values
 */
import type { Schema } from '../schema/schema';
import { DYN, type StaticType } from './check';

const known = new WeakMap<Schema, StaticType>();

export function staticTypeOfSchema(schema: Schema): StaticType {
  let type = known.get(schema);
  if (!type) {
    type = typeOf(schema);
    known.set(schema, type);
  }
  return type;
}

function typeOf({ type, format, fields, items, values, preserveUnknownFields }: Schema): StaticType {
  switch (type) {
    case 'struct':
      if (!fields || preserveUnknownFields) return DYN;
      return {
        name: 'object',
        fields: new Map([...fields].map(([name, field]) => [name, () => staticTypeOfSchema(field)])),
      };
    case 'list':
      return { name: 'list', items: items ? staticTypeOfSchema(items) : DYN };
    case 'map':
      return { name: 'map', values: values ? staticTypeOfSchema(values) : DYN };
    case 'integer':
      return { name: 'int' };
    case 'number':
      return { name: 'double' };
    case 'boolean':
      return { name: 'bool' };
    case 'string':
      return textType(format);
    default:
      return DYN;
  }
}

/** Quantities are numbers to some and texts to others, as are ports. */
function textType(format: string | undefined): StaticType {
  switch (format) {
    case 'date-time':
      return { name: 'google.protobuf.Timestamp' };
    case 'byte':
      return { name: 'bytes' };
    case 'int-or-string':
    case 'quantity':
      return DYN;
    default:
      return { name: 'string' };
  }
}
