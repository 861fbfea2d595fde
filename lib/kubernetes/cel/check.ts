/**
 * What can be known of an expression before it runs: names that nobody declared, fields that do not exist, operators between
 * types that do not go together, and the type of the result.
 * https://github.com/google/cel-spec/blob/master/doc/langdef.md#gradual-type-checking
 *
 * A light checker: it knows operators, macros and what common functions return; the rest is `dyn` and shows when it runs.
 * Left out: overloads of the functions that are not in `overloads.ts`, generics, estimated costs.
 */
import { isApplicable } from './overloads';
import { CelCompileError, type Expr, Uint } from './syntax';
import type { NativeType } from './values';

export interface StaticType {
  /** `int`, `string`, `list`, `map`, `object`, `dyn`, ... */
  readonly name: string;
  readonly items?: StaticType;
  /** Of a map. */
  readonly values?: StaticType;
  /** Of an object: what is not here does not exist. */
  readonly fields?: ReadonlyMap<string, () => StaticType>;
}

export const DYN: StaticType = { name: 'dyn' };
export const BOOL: StaticType = { name: 'bool' };
const INT: StaticType = { name: 'int' };
const STRING: StaticType = { name: 'string' };

export type TypeScope = ReadonlyMap<string, StaticType>;

export interface CheckOptions {
  readonly source: string;
  readonly variables: TypeScope;
  /** Whether a function of that name exists; namespaced ones as `sets.contains`. */
  readonly isFunction: (name: string) => boolean;
  readonly isMacro: (name: string) => boolean;
}

/** The type of the result. @throws CelCompileError for the first thing that is wrong */
export function checkCel(expr: Expr, options: CheckOptions): StaticType {
  return new Checker(options).check(expr, options.variables);
}

/** The static side of how JSON is read. */
export function staticTypeOf(type: NativeType, jsonType?: string): StaticType {
  if (type.scalar === 'timestamp') return { name: 'google.protobuf.Timestamp' };
  if (type.scalar === 'duration') return { name: 'google.protobuf.Duration' };
  if (type.scalar) return { name: type.scalar };
  if (type.fields) {
    const fields = [...type.fields].map(([name, field]): [string, () => StaticType] => [
      name,
      () => staticTypeOf(field.type, field.type.jsonType),
    ]);
    return { name: 'object', fields: new Map(fields) };
  }
  if (type.items) return { name: 'list', items: staticTypeOf(type.items, type.items.jsonType) };
  if (type.values) return { name: 'map', values: staticTypeOf(type.values, type.values.jsonType) };
  return jsonType === 'string' ? STRING : jsonType === 'boolean' ? BOOL : DYN;
}

/** What functions and methods give back, whatever they are given. */
const RETURNS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    'size int indexOf lastIndexOf family prefixLength sign compareTo major minor patch asInteger getFullYear getMonth getDate getDayOfMonth getDayOfWeek getDayOfYear getHours getMinutes getSeconds getMilliseconds'
      .split(' ')
      .map((name) => [name, 'int']),
  ),
  ...Object.fromEntries(
    'contains startsWith endsWith matches isSorted hasValue isQuantity isIP isCIDR isURL isSemver isInteger isLessThan isGreaterThan containsIP containsCIDR bool sets.contains sets.equivalent sets.intersects'
      .split(' ')
      .map((name) => [name, 'bool']),
  ),
  ...Object.fromEntries(
    'string charAt join lowerAscii upperAscii replace substring trim format find getScheme getHost getHostname getPort getEscapedPath'
      .split(' ')
      .map((name) => [name, 'string']),
  ),
  uint: 'uint',
  double: 'double',
  bytes: 'bytes',
  timestamp: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
};

const NUMERIC = ['int', 'uint', 'double'];
const DURATION = 'google.protobuf.Duration';
const TIMESTAMP = 'google.protobuf.Timestamp';
const ORDERED = new Set([...NUMERIC, 'string', 'bytes', 'bool', DURATION, TIMESTAMP]);

class Checker {
  constructor(private readonly options: CheckOptions) {}

  check(expr: Expr, scope: TypeScope): StaticType {
    switch (expr.kind) {
      case 'literal':
        return literalType(expr.value);
      case 'name':
        return scope.get(expr.name) ?? this.undeclared(expr.name, expr.at);
      case 'select':
        return this.select(expr, scope);
      case 'index': {
        const of = this.check(expr.of, scope);
        this.check(expr.index, scope);
        return expr.optional ? DYN : (of.items ?? of.values ?? DYN);
      }
      case 'list': {
        const items = expr.items.map(({ value }) => this.check(value, scope));
        return { name: 'list', items: same(items) };
      }
      case 'map': {
        const values = expr.entries.map(({ key, value }) => {
          this.check(key, scope);
          return this.check(value, scope);
        });
        return { name: 'map', values: same(values) };
      }
      default:
        return this.call(expr, scope);
    }
  }

  private fail(at: number, message: string): never {
    throw new CelCompileError(this.options.source, at, message);
  }

  private noOverload(name: string, isMethod: boolean, types: readonly StaticType[], at: number): never {
    const [first, ...rest] = types.map(typeText);
    const applied = isMethod ? `${first}.(${rest.join(', ')})` : `(${types.map(typeText).join(', ')})`;
    return this.fail(at, `found no matching overload for '${name}' applied to '${applied}'`);
  }

  private undeclared(name: string, at: number): never {
    return this.fail(at, `undeclared reference to '${name}' (in container '')`);
  }

  private select(expr: Expr & { kind: 'select' }, scope: TypeScope): StaticType {
    const of = this.check(expr.of, scope);
    if (of.fields) {
      const field = of.fields.get(expr.field) ?? this.fail(expr.at, `undefined field '${expr.field}'`);
      return expr.optional ? DYN : field();
    }
    if (of.name === 'map') return expr.optional ? DYN : (of.values ?? DYN);
    if (of.name !== 'dyn') this.fail(expr.at, `type '${typeText(of)}' does not support field selection`);
    return DYN;
  }

  private call(expr: Expr & { kind: 'call' }, scope: TypeScope): StaticType {
    const { name, target, args, at } = expr;
    if (name === 'has' && !target) return this.has(expr, scope);
    if (target?.kind === 'name' && !scope.has(target.name)) return this.namespaced(expr, target.name, scope);
    if (target && this.options.isMacro(name)) return this.macro(expr, scope);
    const types = [...(target ? [target] : []), ...args].map((arg) => this.check(arg, scope));
    if (/^[_!@-]/.test(name)) return this.operator(name, types, at);
    if (!this.options.isFunction(name)) this.undeclared(name, at);
    const names = types.map((type) => type.name);
    if (!isApplicable(name, target !== undefined, names)) this.noOverload(name, target !== undefined, types, at);
    return returnType(name);
  }

  private has({ args, at }: Expr & { kind: 'call' }, scope: TypeScope): StaticType {
    const [arg] = args;
    if (args.length !== 1 || arg?.kind !== 'select') this.fail(at, 'invalid argument to has() macro');
    this.check(arg!, scope);
    return BOOL;
  }

  private namespaced({ name, args, at }: Expr & { kind: 'call' }, namespace: string, scope: TypeScope): StaticType {
    if (namespace === 'cel' && name === 'bind' && args[0]?.kind === 'name') {
      return this.check(args[2]!, new Map([...scope, [args[0].name, this.check(args[1]!, scope)]]));
    }
    if (!this.options.isFunction(`${namespace}.${name}`)) this.undeclared(namespace, at);
    for (const arg of args) this.check(arg, scope);
    return returnType(`${namespace}.${name}`);
  }

  private macro({ name, target, args, at }: Expr & { kind: 'call' }, scope: TypeScope): StaticType {
    const range = this.check(target!, scope);
    const [first, second] = args;
    if (first?.kind !== 'name') {
      if (name === 'map' || name === 'filter' || name === 'all' || name === 'exists')
        this.fail(at, 'argument must be a simple name');
      for (const arg of args) this.check(arg, scope);
      return returnType(name);
    }
    const isPair = args.length > 2 && second?.kind === 'name' && name !== 'map';
    const element = range.items ?? (range.name === 'map' ? STRING : DYN);
    const names: [string, StaticType][] = isPair
      ? [
          [first.name, range.name === 'map' ? STRING : range.name === 'list' ? INT : DYN],
          [(second as { name: string }).name, range.items ?? range.values ?? DYN],
        ]
      : [[first.name, element]];
    const inner = new Map([...scope, ...names]);
    const bodies = args.slice(names.length).map((arg) => this.check(arg, inner));
    if (name === 'filter') return range.name === 'list' ? range : DYN;
    if (name === 'map') return { name: 'list', items: bodies.at(-1)! };
    if (name.startsWith('transform') || name.startsWith('opt')) return DYN;
    return BOOL;
  }

  private operator(name: string, types: readonly StaticType[], at: number): StaticType {
    const names = types.map((type) => type.name);
    const open = names.includes('dyn');
    const refuse = (): never =>
      this.fail(at, `found no matching overload for '${name}' applied to '(${types.map(typeText).join(', ')})'`);
    switch (name) {
      case '_&&_':
      case '_||_':
      case '!_':
        return names.every((each) => each === 'bool' || each === 'dyn') ? BOOL : refuse();
      case '_?_:_':
        if (names[0] !== 'bool' && names[0] !== 'dyn') refuse();
        return same(types.slice(1));
      case '_==_':
      case '_!=_':
        return open || comparable(names[0]!, names[1]!) ? BOOL : refuse();
      case '@in':
        return names[1] === 'list' || names[1] === 'map' || names[1] === 'dyn' ? BOOL : refuse();
      case '-_':
        return types[0]!;
      default:
        break;
    }
    if (/^_[<>]=?_$/.test(name)) {
      const bothNumbers = names.every((each) => NUMERIC.includes(each));
      return open || bothNumbers || (names[0] === names[1] && ORDERED.has(names[0]!)) ? BOOL : refuse();
    }
    if (open) return DYN;
    return { name: arithmeticResult(name, names[0]!, names[1]!) ?? refuse() };
  }
}

/** Null compares with everything that may be missing. */
const comparable = (a: string, b: string): boolean =>
  a === b || a === 'null' || b === 'null' || (isObjectLike(a) && isObjectLike(b));

const isObjectLike = (name: string): boolean => name === 'object' || name === 'map';

function arithmeticResult(operator: string, a: string, b: string): string | undefined {
  if (a === b && NUMERIC.includes(a)) return operator === '_%_' && a === 'double' ? undefined : a;
  if (operator === '_+_') {
    if (a === b && ['string', 'bytes', 'list', DURATION].includes(a)) return a;
    if ([a, b].includes(TIMESTAMP) && [a, b].includes(DURATION)) return TIMESTAMP;
  }
  if (operator === '_-_') {
    if (a === TIMESTAMP && b === TIMESTAMP) return DURATION;
    if ((a === TIMESTAMP || a === DURATION) && b === DURATION) return a;
  }
  return undefined;
}

const returnType = (name: string): StaticType => {
  const known = RETURNS[name];
  return known ? { name: known } : DYN;
};

/** The common type, `dyn` when there is none. */
function same(types: readonly StaticType[]): StaticType {
  const [first] = types;
  return first && types.every((type) => type.name === first.name) ? first : DYN;
}

function literalType(value: unknown): StaticType {
  if (value === null) return { name: 'null' };
  if (value instanceof Uint) return { name: 'uint' };
  if (value instanceof Uint8Array) return { name: 'bytes' };
  switch (typeof value) {
    case 'bigint':
      return INT;
    case 'number':
      return { name: 'double' };
    case 'boolean':
      return BOOL;
    default:
      return STRING;
  }
}

export function typeText(type: StaticType): string {
  if (type.name === 'list') return `list(${type.items ? typeText(type.items) : 'dyn'})`;
  if (type.name === 'map') return `map(string, ${type.values ? typeText(type.values) : 'dyn'})`;
  return type.name;
}
