/**
 * What is wrong with which field of an object, in the API server's words.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/  (apimachinery `util/validation/field`)
 *
 * A validator gets a value, the Path where it stands and an ErrorList to write to. A Path is a cheap linked node; its text is
 * only made when there is something to complain about.
 *
 *   const errors = new ErrorList();
 *   if (!isDnsLabel(name)) errors.invalid(root('metadata').child('name'), name, 'must not contain dots');
 *   throwIfInvalid({ group: 'apps', kind: 'Deployment' }, name, errors);
 */
import { quote } from './quote';
import { type StatusCause, StatusError } from './status-error';

export { quote };

/** Where a value stands: `spec.containers[0].ports[1].name`, `metadata.labels[app]`. */
export class Path {
  private constructor(
    private readonly parent: Path | undefined,
    private readonly step: string | number,
    private readonly subscript: boolean,
  ) {}

  static root(name: string): Path {
    return new Path(undefined, name, false);
  }

  child(name: string): Path {
    return new Path(this, name, false);
  }

  index(index: number): Path {
    return new Path(this, index, true);
  }

  key(key: string): Path {
    return new Path(this, key, true);
  }

  toString(): string {
    const step = this.subscript ? `[${this.step}]` : `${this.step}`;
    if (this.parent === undefined) return step;
    return this.subscript ? `${this.parent}${step}` : `${this.parent}.${step}`;
  }
}

export const root = (name: string): Path => Path.root(name);

export type FieldErrorType =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueTypeInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueNotFound'
  | 'InternalError';

const words: Record<FieldErrorType, string> = {
  FieldValueRequired: 'Required value',
  FieldValueInvalid: 'Invalid value',
  FieldValueTypeInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueNotFound: 'Not found',
  InternalError: 'Internal error',
};

export interface FieldError {
  readonly type: FieldErrorType;
  readonly field: string;
  /** Without the field: `Invalid value: "x": must not contain dots`. */
  readonly body: string;
}

/** Marks a value that is left out of the message. */
const OMITTED = Symbol('omitted');

/** A value whose text in a message is not its JSON: how the server prints the structs of its own memory. */
export class Printed {
  constructor(readonly text: string) {}
}

export class ErrorList {
  readonly errors: FieldError[] = [];

  get length(): number {
    return this.errors.length;
  }

  required(path: Path | string, detail = ''): void {
    this.add('FieldValueRequired', path, OMITTED, detail);
  }

  invalid(path: Path | string, value: unknown, detail = ''): void {
    this.add('FieldValueInvalid', path, value, detail);
  }

  /** `Invalid value: must ...`: the value is left out. */
  invalidWithoutValue(path: Path | string, detail: string): void {
    this.add('FieldValueInvalid', path, OMITTED, detail);
  }

  typeInvalid(path: Path | string, value: unknown, detail: string): void {
    this.add('FieldValueTypeInvalid', path, value, detail);
  }

  /** `supported` in the order in which the message lists them. */
  notSupported(path: Path | string, value: unknown, supported: readonly string[]): void {
    const detail = supported.length === 0 ? '' : `supported values: ${supported.map(quote).join(', ')}`;
    this.add('FieldValueNotSupported', path, value, detail);
  }

  duplicate(path: Path | string, value: unknown, detail = ''): void {
    this.add('FieldValueDuplicate', path, value, detail);
  }

  forbidden(path: Path | string, detail: string): void {
    this.add('FieldValueForbidden', path, OMITTED, detail);
  }

  /** `max` in bytes. */
  tooLong(path: Path | string, max: number): void {
    this.add('FieldValueTooLong', path, OMITTED, `may not be more than ${max} ${max === 1 ? 'byte' : 'bytes'}`);
  }

  tooMany(path: Path | string, actual: number, max: number): void {
    const value = actual < 0 ? OMITTED : actual;
    this.add('FieldValueTooMany', path, value, `must have at most ${max} ${max === 1 ? 'item' : 'items'}`);
  }

  notFound(path: Path | string, value: unknown, detail = ''): void {
    this.add('FieldValueNotFound', path, value, detail);
  }

  internal(path: Path | string, detail: string): void {
    this.add('InternalError', path, OMITTED, detail);
  }

  append(other: ErrorList): void {
    this.errors.push(...other.errors);
  }

  /** The text that the API server makes of the list: one error as it is, several in brackets, each only once. */
  toString(): string {
    const texts = [...new Set(this.errors.map((error) => `${error.field}: ${error.body}`))];
    return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
  }

  private add(type: FieldErrorType, path: Path | string, value: unknown, detail: string): void {
    const subject = value === OMITTED ? words[type] : `${words[type]}: ${printValue(value)}`;
    this.errors.push({ type, field: String(path), body: detail === '' ? subject : `${subject}: ${detail}` });
  }
}

/** How a message shows a value: strings quoted, numbers and booleans bare, everything else as JSON. */
function printValue(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (value instanceof Printed) return value.text;
  if (value === undefined || value === null) return 'null';
  return goJson(value);
}

const htmlEscapes: Record<string, string> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** JSON as Go writes it: without spaces, and with `<`, `>` and `&` escaped. */
export function goJson(value: unknown): string {
  return (JSON.stringify(value, sortedMaps) ?? 'null').replace(/[<>&\u2028\u2029]/g, (c) => htmlEscapes[c]!);
}

/** Go writes the keys of maps sorted, the fields of structs as declared. Of strings alone we see only maps. */
function sortedMaps(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  if (!entries.every(([, item]) => typeof item === 'string')) return value;
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The 422 answer for an object with errors. */
export function invalid(
  groupKind: { readonly group: string; readonly kind: string },
  name: string,
  errors: ErrorList,
): StatusError {
  const { group, kind } = groupKind;
  const causes: StatusCause[] = errors.errors.map(({ type, body, field }) => ({ reason: type, message: body, field }));
  const subject = `${group === '' ? kind : `${kind}.${group}`} ${quote(name)} is invalid`;
  return new StatusError(422, 'Invalid', errors.length === 0 ? subject : `${subject}: ${errors}`, {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind,
    ...(causes.length === 0 ? {} : { causes }),
  });
}

/** @throws StatusError 422 when there are errors. */
export function throwIfInvalid(
  groupKind: { readonly group: string; readonly kind: string },
  name: string,
  errors: ErrorList,
): void {
  if (errors.length > 0) throw invalid(groupKind, name, errors);
}
