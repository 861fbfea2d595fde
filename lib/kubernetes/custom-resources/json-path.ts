/**
 * The part of kubectl's JSONPath that definitions use for printer columns and selectable fields:
 * `.spec.a`, `.spec['a']`, `.list[0]`, `.list[-1]`, `.list[*]`, `.list[1:3]`, `.list[?(@.type=="Ready")].status`.
 * https://kubernetes.io/docs/reference/kubectl/jsonpath/
 *
 * Left out: recursive descent (`..`), unions and functions; a path that uses them finds nothing.
 */
import { compareStrings, isObject } from '../merge/json';

type Step = (value: unknown) => unknown[];

/** Finds all values at a path. */
export type JsonPath = (value: unknown) => unknown[];

const TOKEN =
  /\.([A-Za-z_$][\w$-]*|\*)|\[\s*'((?:[^'\\]|\\.)*)'\s*\]|\[\s*"((?:[^"\\]|\\.)*)"\s*\]|\[\s*\*\s*\]|\[\s*(-?\d*)\s*:\s*(-?\d*)\s*\]|\[\s*(-?\d+)\s*\]|\[\?\(\s*@((?:\.[\w$-]+)*)\s*(?:(==|!=|<=|>=|<|>)\s*("[^"]*"|'[^']*'|-?[\d.]+|true|false)\s*)?\)\]|\.((?:[^.[\\]|\\.)+)/y;

const cache = new Map<string, JsonPath | undefined>();

/** Undefined when the path is not understood. */
export function tryParseJsonPath(text: string): JsonPath | undefined {
  if (!cache.has(text)) cache.set(text, parse(text));
  return cache.get(text);
}

function parse(text: string): JsonPath | undefined {
  const source = text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text;
  const steps: Step[] = [];
  let position = source.startsWith('$') ? 1 : 0;
  while (position < source.length) {
    TOKEN.lastIndex = position;
    const match = TOKEN.exec(source);
    if (!match) return source.slice(position) === '.' ? (value) => [value] : undefined;
    position += match[0].length;
    steps.push(stepOf(match)); // filters parse paths of their own
  }
  return (value) => steps.reduce<unknown[]>((values, step) => values.flatMap(step), [value]);
}

function stepOf(match: RegExpExecArray): Step {
  const [whole, name, single, double, from, to, index, filterPath, operator, literal, escaped] = match;
  if (name !== undefined && name !== '*') return field(name);
  if (single !== undefined || double !== undefined) return field((single ?? double)!.replace(/\\(.)/g, '$1'));
  if (escaped !== undefined) return field(escaped.replace(/\\(.)/g, '$1'));
  if (index !== undefined) return (value) => (Array.isArray(value) ? defined(value.at(Number(index))) : []);
  if (filterPath !== undefined && whole.startsWith('[?')) return filter({ filterPath, operator, literal });
  if (from !== undefined || to !== undefined) return (value) => slice(value, from ?? '', to ?? '');
  return (value) =>
    Array.isArray(value)
      ? value
      : isObject(value)
        ? Object.keys(value)
            .sort(compareStrings)
            .map((key) => value[key])
        : [];
}

const defined = (value: unknown): unknown[] => (value === undefined ? [] : [value]);

const field =
  (name: string): Step =>
  (value) =>
    isObject(value) && Object.hasOwn(value, name) ? defined(value[name]) : [];

const slice = (value: unknown, from: string, to: string): unknown[] =>
  Array.isArray(value) ? value.slice(from === '' ? 0 : Number(from), to === '' ? undefined : Number(to)) : [];

interface Filter {
  readonly filterPath: string;
  readonly operator: string | undefined;
  readonly literal: string | undefined;
}

function filter({ filterPath, operator, literal }: Filter): Step {
  const find = parse(filterPath) ?? ((value) => [value]);
  const wanted = literal === undefined ? undefined : /^["']/.test(literal) ? literal.slice(1, -1) : JSON.parse(literal);
  const holds = (item: unknown) => {
    const [actual] = find(item);
    return operator === undefined ? actual !== undefined : compare(actual, operator, wanted);
  };
  return (value) => (Array.isArray(value) ? value.filter(holds) : []);
}

function compare(actual: unknown, operator: string, wanted: unknown): boolean {
  if (operator === '==') return actual === wanted;
  if (operator === '!=') return actual !== wanted;
  if (typeof actual !== typeof wanted) return false;
  const [a, b] = [actual as number, wanted as number];
  return operator === '<' ? a < b : operator === '<=' ? a <= b : operator === '>' ? a > b : a >= b;
}
