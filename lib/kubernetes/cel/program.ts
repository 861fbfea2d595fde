/**
 * Expressions of the API server: compiled once, evaluated against many objects.
 * https://kubernetes.io/docs/reference/using-api/cel/
 *
 *   const program = compileCel('object.spec.replicas <= 5', new Map([['object', DYN]]));
 *   program.evaluate({ object: adapt(deployment) })   // true, false, or a CelError
 *
 * Variables are given as CEL values: `adapt(json)` for JSON, as it looks or by a NativeType.
 */
import { authorizerFunctions } from './authorizer-functions';
import { checkCel, type StaticType } from './check';
import { Evaluator, type Functions, isMacro, type Scope } from './evaluate';
import { kubernetesFunctions } from './kubernetes-functions';
import { listFunctions } from './list-functions';
import { standardFunctions } from './standard-functions';
import { formatFunctions, stringFunctions } from './string-functions';
import { type Expr, parseCel } from './syntax';
import { TypeValue } from './values';

export interface CelProgram {
  readonly source: string;
  readonly type: StaticType;
  /** Whether the expression reads a variable. */
  uses(variable: string): boolean;
  /** @param variables values, or functions that make them when they are first asked for. @throws CelError */
  evaluate(variables: Readonly<Record<string, unknown>>): unknown;
}

/** A variable whose value is computed on first use. */
export class Lazy {
  constructor(readonly compute: () => unknown) {}
}

const functions: ReadonlyMap<string, (args: readonly unknown[], name: string) => unknown> = new Map(
  Object.entries({
    ...standardFunctions,
    ...listFunctions,
    ...stringFunctions,
    ...formatFunctions,
    ...kubernetesFunctions,
    ...authorizerFunctions,
  }),
);

const library: Functions = { tryFind: (name) => functions.get(name) };

/** Types can be named: `type(1) == int`. */
const typeNames: ReadonlyMap<string, TypeValue> = new Map(
  ['int', 'uint', 'double', 'bool', 'string', 'bytes', 'list', 'map', 'null_type', 'type'].map((name) => [
    name,
    new TypeValue(name),
  ]),
);
const TYPE: StaticType = { name: 'type' };

/** @throws CelCompileError */
export function compileCel(source: string, variables: ReadonlyMap<string, StaticType>): CelProgram {
  const expr = parseCel(source);
  const known = new Map([...[...typeNames.keys()].map((name) => [name, TYPE] as const), ...variables]);
  const isFunction = (name: string) => functions.has(name);
  const type = checkCel(expr, { source, variables: known, isFunction, isMacro });
  const names = new Set<string>();
  collectNames(expr, names);
  return {
    source,
    type,
    uses: (variable) => names.has(variable),
    evaluate: (values) => new Evaluator(library).evaluate(expr, scopeOf(values)),
  };
}

function scopeOf(values: Readonly<Record<string, unknown>>): Scope {
  const computed = new Map<string, { value: unknown }>();
  return {
    lookUp(name) {
      if (!Object.hasOwn(values, name)) {
        const type = typeNames.get(name);
        return type && { value: type };
      }
      const value = values[name];
      if (!(value instanceof Lazy)) return { value };
      let known = computed.get(name);
      if (!known) {
        known = { value: value.compute() };
        computed.set(name, known);
      }
      return known;
    },
  };
}

function collectNames(expr: Expr, names: Set<string>): void {
  switch (expr.kind) {
    case 'name':
      names.add(expr.name);
      return;
    case 'select':
      collectNames(expr.of, names);
      return;
    case 'index':
      collectNames(expr.of, names);
      collectNames(expr.index, names);
      return;
    case 'list':
      for (const { value } of expr.items) collectNames(value, names);
      return;
    case 'map':
      for (const { key, value } of expr.entries) for (const each of [key, value]) collectNames(each, names);
      return;
    case 'call':
      if (expr.target) collectNames(expr.target, names);
      for (const arg of expr.args) collectNames(arg, names);
      return;
    default:
  }
}
