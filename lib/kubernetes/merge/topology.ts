/**
 * How values of a type merge: which objects and lists are taken apart, and which are owned as one leaf.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
 *
 * A Topology is a Schema boiled down to that question, compiled once per type: walking objects along it is what every
 * write pays for. Types without a schema (`any`, unknown fields that are kept) are deduced from the value: objects are
 * taken apart, lists are leaves.
 */
import type { Schema } from '../schema/schema';
import { fieldElement, type PathElement } from './field-set';

/** What a scalar must be. Times, quantities and int-or-string are `any`. */
export type ScalarType = 'string' | 'number' | 'boolean' | 'any';

export interface Field {
  readonly element: PathElement;
  readonly topology: Topology;
  /** The schema's default; it stands in for a missing key of a list item. */
  readonly default: unknown;
}

export class Topology {
  readonly kind: 'scalar' | 'map' | 'list' | 'deduced';
  /** Owned as one leaf. */
  readonly atomic: boolean;
  readonly scalar: ScalarType;
  /** Of an associative list: the fields that identify an item, sorted; empty for a set. */
  readonly keys: readonly string[];
  private readonly schema: Schema | undefined;
  private compiledFields: Map<string, Field> | undefined;
  private compiledValues: Topology | undefined;
  private compiledItems: Topology | undefined;

  constructor(kind: Topology['kind'], options: { atomic?: boolean; schema?: Schema } = {}) {
    this.kind = kind;
    this.schema = options.schema;
    this.atomic = options.atomic ?? false;
    this.scalar = kind === 'scalar' ? scalarType(options.schema!) : 'any';
    this.keys = kind === 'list' ? [...(options.schema!.mapKeys ?? [])].sort() : [];
  }

  /** Whether the type declares this field; keys of a free map are not declared. */
  declares(name: string): boolean {
    return this.kind === 'map' && this.fields.has(name);
  }

  /** What stands under a field or map key; undefined when the type does not allow it. */
  child(name: string): Topology | undefined {
    if (this.kind === 'deduced') return this.atomic ? ATOMIC : DEDUCED;
    return this.fields.get(name)?.topology ?? this.values;
  }

  get fields(): ReadonlyMap<string, Field> {
    if (this.compiledFields === undefined) {
      this.compiledFields = new Map();
      for (const [name, schema] of this.schema?.fields ?? []) {
        const field = { element: fieldElement(name), topology: topologyOf(schema), default: schema.default };
        this.compiledFields.set(name, field);
      }
    }
    return this.compiledFields;
  }

  /** Of the fields a map does not declare. */
  get values(): Topology | undefined {
    if (this.schema?.values) this.compiledValues ??= topologyOf(this.schema.values);
    else if (this.schema?.preserveUnknownFields) return DEDUCED;
    return this.compiledValues;
  }

  get items(): Topology {
    if (this.kind === 'deduced') return ATOMIC;
    this.compiledItems ??= this.schema?.items ? topologyOf(this.schema.items) : ATOMIC;
    return this.compiledItems;
  }
}

/** Taken apart as the value suggests. */
const DEDUCED = new Topology('deduced');
/** Whatever it is, one leaf. */
const ATOMIC = new Topology('deduced', { atomic: true });

const RAW_EXTENSION = 'io.k8s.apimachinery.pkg.runtime.RawExtension';

const compiled = new WeakMap<Schema, Topology>();

export function topologyOf(schema: Schema): Topology {
  let topology = compiled.get(schema);
  if (topology === undefined) {
    topology = compile(schema);
    compiled.set(schema, topology);
  }
  return topology;
}

function compile(schema: Schema): Topology {
  switch (schema.type) {
    case 'struct':
    case 'map':
      return new Topology('map', { schema, atomic: schema.atomic === true });
    case 'list':
      return new Topology('list', { schema, atomic: schema.listType !== 'map' && schema.listType !== 'set' });
    case 'any':
      return schema.typeName === RAW_EXTENSION || schema.atomic ? ATOMIC : DEDUCED;
    default:
      return new Topology('scalar', { schema });
  }
}

function scalarType(schema: Schema): ScalarType {
  switch (schema.type) {
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    default:
      return schema.format === undefined || schema.format === 'byte' ? 'string' : 'any';
  }
}

export const isScalar = (value: unknown): boolean => value !== null && typeof value !== 'object';
