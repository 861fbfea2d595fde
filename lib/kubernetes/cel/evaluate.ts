/**
 * Walks the tree of an expression.
 * https://github.com/google/cel-spec/blob/master/doc/langdef.md#evaluation
 *
 * `&&` and `||` are symmetric: an error on one side is forgotten when the other side decides. Macros (`all`, `map`, `has`, ...)
 * are calls whose arguments are not evaluated first.
 */

import type { Expr } from './syntax';
import {
  CelError,
  isMapping,
  keysOf,
  lookUp,
  type Mapping,
  noSuchOverload,
  ObjectValue,
  Optional,
  typeName,
} from './values';

/** What names mean; a scope of a macro falls back to the one around it. */
export interface Scope {
  lookUp(name: string): { readonly value: unknown } | undefined;
}

export type CelFunction = (args: readonly unknown[], name: string) => unknown;

export interface Functions {
  /** By name. The receiver of a method is the first argument. */
  tryFind(name: string): CelFunction | undefined;
}

export class Evaluator {
  private steps = 0;

  constructor(
    private readonly functions: Functions,
    private readonly maxSteps = 1_000_000,
  ) {}

  evaluate(expr: Expr, scope: Scope): unknown {
    if (++this.steps > this.maxSteps) throw new CelError('operation cancelled: actual cost limit exceeded');
    switch (expr.kind) {
      case 'literal':
        return expr.value;
      case 'name':
        return this.name(expr.name, scope);
      case 'select':
        return this.select(expr, scope);
      case 'index':
        return this.index(expr, scope);
      case 'list':
        return this.list(expr, scope);
      case 'map':
        return this.map(expr, scope);
      default:
        return this.call(expr, scope);
    }
  }

  private name(name: string, scope: Scope): unknown {
    const found = scope.lookUp(name);
    if (!found) throw new CelError(`no such attribute(s): ${name}`);
    return found.value;
  }

  private select(expr: Expr & { kind: 'select' }, scope: Scope): unknown {
    const target = this.evaluate(expr.of, scope);
    if (target instanceof Optional) {
      if (!target.present) return Optional.none;
      return optionalField(target.value, expr.field);
    }
    if (expr.optional) return optionalField(target, expr.field);
    if (!isMapping(target)) throw new CelError(`no such key: ${expr.field}`);
    const value = lookUp(target, expr.field);
    if (value === undefined) throw new CelError(`no such key: ${expr.field}`);
    return value;
  }

  private index(expr: Expr & { kind: 'index' }, scope: Scope): unknown {
    const target = this.evaluate(expr.of, scope);
    const key = this.evaluate(expr.index, scope);
    const isOptional = target instanceof Optional;
    if (isOptional && !target.present) return Optional.none;
    const inner = isOptional ? target.value : target;
    if (!isOptional && !expr.optional) return at(inner, key);
    const value = tryAt(inner, key);
    return value === undefined ? Optional.none : Optional.of(value);
  }

  private list(expr: Expr & { kind: 'list' }, scope: Scope): unknown[] {
    const out: unknown[] = [];
    for (const { value, optional } of expr.items) {
      const item = this.evaluate(value, scope);
      if (!optional) out.push(item);
      else if (item instanceof Optional && item.present) out.push(item.value);
    }
    return out;
  }

  private map(expr: Expr & { kind: 'map' }, scope: Scope): Map<unknown, unknown> {
    const out = new Map<unknown, unknown>();
    for (const { key, value, optional } of expr.entries) {
      const name = this.evaluate(key, scope);
      const item = this.evaluate(value, scope);
      if (!optional) out.set(name, item);
      else if (item instanceof Optional && item.present) out.set(name, item.value);
    }
    return out;
  }

  private call(expr: Expr & { kind: 'call' }, scope: Scope): unknown {
    const { name, target, args } = expr;
    switch (name) {
      case '_&&_':
        return this.logic(args, scope, false);
      case '_||_':
        return this.logic(args, scope, true);
      case '_?_:_':
        return this.evaluate(this.truth(args[0]!, scope) ? args[1]! : args[2]!, scope);
      case 'has':
        if (!target && args.length === 1) return this.has(args[0]!, scope);
        break;
      default:
    }
    if (target) {
      const qualified = qualifiedName(target);
      const namespaced = qualified && this.functions.tryFind(`${qualified}.${name}`);
      if (qualified === 'cel' && name === 'bind') return this.bind(args, scope);
      if (namespaced && !scope.lookUp(qualified))
        return namespaced(
          args.map((arg) => this.evaluate(arg, scope)),
          name,
        );
      const macro = macros[name];
      const result = macro?.(this, { target, args, scope });
      if (result) return result.value;
    }
    const values = [...(target ? [this.evaluate(target, scope)] : []), ...args.map((arg) => this.evaluate(arg, scope))];
    const found = this.functions.tryFind(name);
    if (!found) throw noSuchOverload(name);
    return found(values, name);
  }

  /** @param decisive the value on either side that settles the matter */
  private logic(args: readonly Expr[], scope: Scope, decisive: boolean): boolean {
    let failure: unknown;
    for (const arg of args) {
      try {
        if (this.truth(arg, scope) === decisive) return decisive;
      } catch (error) {
        if (!(error instanceof CelError)) throw error;
        failure ??= error;
      }
    }
    if (failure) throw failure;
    return !decisive;
  }

  truth(expr: Expr, scope: Scope): boolean {
    const value = this.evaluate(expr, scope);
    if (typeof value !== 'boolean') throw new CelError('no such overload');
    return value;
  }

  private has(expr: Expr, scope: Scope): boolean {
    if (expr.kind !== 'select') throw new CelError('invalid argument to has() macro');
    const target = this.evaluate(expr.of, scope);
    const inner = target instanceof Optional ? (target.present ? target.value : undefined) : target;
    if (inner instanceof ObjectValue) return inner.has(expr.field);
    if (isMapping(inner)) return lookUp(inner, expr.field) !== undefined;
    if (target instanceof Optional) return false;
    throw new CelError('no such overload');
  }

  private bind([name, value, body]: readonly Expr[], scope: Scope): unknown {
    return this.evaluate(body!, extend(scope, [[variable(name!), this.evaluate(value!, scope)]]));
  }
}

const qualifiedName = (expr: Expr): string | undefined => (expr.kind === 'name' ? expr.name : undefined);

export const variable = (expr: Expr): string => {
  if (expr.kind !== 'name') throw new CelError('argument must be a simple name');
  return expr.name;
};

export function extend(scope: Scope, names: readonly (readonly [string, unknown])[]): Scope {
  const own = new Map(names);
  return { lookUp: (name) => (own.has(name) ? { value: own.get(name) } : scope.lookUp(name)) };
}

function optionalField(target: unknown, field: string): Optional {
  if (!isMapping(target)) throw new CelError('no such overload');
  const value = lookUp(target, field);
  return value === undefined ? Optional.none : Optional.of(value);
}

function at(target: unknown, key: unknown): unknown {
  const value = tryAt(target, key);
  if (value !== undefined) return value;
  if (Array.isArray(target)) throw new CelError(`index out of bounds: ${key}`);
  throw new CelError(`no such key: ${key}`);
}

function tryAt(target: unknown, key: unknown): unknown {
  if (Array.isArray(target)) {
    if (typeof key !== 'bigint') throw new CelError(`unsupported index type '${typeName(key)}' in list`);
    return target[Number(key)];
  }
  if (isMapping(target)) return lookUp(target, key);
  throw new CelError('no such overload');
}

// ---------------------------------------------------------------------------------------------------------------------
// macros

interface MacroCall {
  readonly target: Expr;
  readonly args: readonly Expr[];
  readonly scope: Scope;
}

/** Undefined when the call is no macro but a function of the same name. */
type Macro = (evaluator: Evaluator, call: MacroCall) => { readonly value: unknown } | undefined;

/** The elements that a comprehension runs over: pairs of key (index) and value. */
function elements(value: unknown): [unknown, unknown][] {
  if (Array.isArray(value)) return value.map((item, i) => [BigInt(i), item]);
  if (isMapping(value)) return keysOf(value).map((key) => [key, lookUp(value as Mapping, key)]);
  throw new CelError('no such overload');
}

interface Comprehension {
  /** In order; the scope of each has the variables. */
  readonly scopes: readonly Scope[];
  /** What one-variable macros call the element: the item of a list, the key of a map. */
  readonly items: readonly unknown[];
  readonly pairs: readonly (readonly [unknown, unknown])[];
  /** The arguments after the variables. */
  readonly rest: readonly Expr[];
}

function comprehension(evaluator: Evaluator, { target, args, scope }: MacroCall, variables: 1 | 2): Comprehension {
  const value = evaluator.evaluate(target, scope);
  const pairs = elements(value);
  const items = Array.isArray(value) ? value : pairs.map(([key]) => key);
  const names = args.slice(0, variables).map(variable);
  const scopes = pairs.map((pair, i) =>
    extend(
      scope,
      variables === 1
        ? [[names[0]!, items[i]]]
        : [
            [names[0]!, pair[0]],
            [names[1]!, pair[1]],
          ],
    ),
  );
  return { scopes, items, pairs, rest: args.slice(variables) };
}

/** `all` and `exists` go on after an error: a later element may decide. */
function quantifier(decisive: boolean): Macro {
  return (evaluator, call) => {
    if (call.args.length !== 2 && call.args.length !== 3) return undefined;
    const { scopes, rest } = comprehension(evaluator, call, call.args.length === 2 ? 1 : 2);
    let failure: unknown;
    for (const scope of scopes) {
      try {
        if (evaluator.truth(rest[0]!, scope) === decisive) return { value: decisive };
      } catch (error) {
        if (!(error instanceof CelError)) throw error;
        failure ??= error;
      }
    }
    if (failure) throw failure;
    return { value: !decisive };
  };
}

const existsOne: Macro = (evaluator, call) => {
  if (call.args.length !== 2 && call.args.length !== 3) return undefined;
  const { scopes, rest } = comprehension(evaluator, call, call.args.length === 2 ? 1 : 2);
  return { value: scopes.filter((scope) => evaluator.truth(rest[0]!, scope)).length === 1 };
};

function transform(into: 'list' | 'map' | 'entries'): Macro {
  return (evaluator, call) => {
    if (call.args.length !== 3 && call.args.length !== 4) return undefined;
    const { scopes, pairs, rest } = comprehension(evaluator, call, 2);
    const kept = scopes
      .map((scope, i) => ({ scope, key: pairs[i]![0] }))
      .filter(({ scope }) => rest.length === 1 || evaluator.truth(rest[0]!, scope));
    const values = kept.map(({ scope, key }) => [key, evaluator.evaluate(rest.at(-1)!, scope)] as const);
    if (into === 'list') return { value: values.map(([, value]) => value) };
    if (into === 'map') return { value: new Map(values) };
    return {
      value: new Map(
        values.flatMap(([, entry]) =>
          keysOf(entry as Mapping).map((key) => [key, lookUp(entry as Mapping, key)] as const),
        ),
      ),
    };
  };
}

function optionalMap(flat: boolean): Macro {
  return (evaluator, { target, args, scope }) => {
    if (args.length !== 2) return undefined;
    const value = evaluator.evaluate(target, scope);
    if (!(value instanceof Optional)) throw new CelError('no such overload');
    if (!value.present) return { value: Optional.none };
    const result = evaluator.evaluate(args[1]!, extend(scope, [[variable(args[0]!), value.value]]));
    return { value: flat ? result : Optional.of(result) };
  };
}

const macros: Readonly<Record<string, Macro>> = {
  all: quantifier(false),
  exists: quantifier(true),
  exists_one: existsOne,
  existsOne,
  filter: (evaluator, call) => {
    if (call.args.length !== 2) return undefined;
    const { scopes, items, rest } = comprehension(evaluator, call, 1);
    return { value: items.filter((_, i) => evaluator.truth(rest[0]!, scopes[i]!)) };
  },
  map: (evaluator, call) => {
    if (call.args.length !== 2 && call.args.length !== 3) return undefined;
    const { scopes, rest } = comprehension(evaluator, call, 1);
    const kept = rest.length === 1 ? scopes : scopes.filter((scope) => evaluator.truth(rest[0]!, scope));
    return { value: kept.map((scope) => evaluator.evaluate(rest.at(-1)!, scope)) };
  },
  transformList: transform('list'),
  transformMap: transform('map'),
  transformMapEntry: transform('entries'),
  optMap: optionalMap(false),
  optFlatMap: optionalMap(true),
};

export const isMacro = (name: string): boolean => Object.hasOwn(macros, name);
