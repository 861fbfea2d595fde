/**
 * YAML as kubectl reads it: a stream of documents in the mixture of YAML 1.1 and 1.2 that Kubernetes' tools understand, where a plain
 * `yes`, `on` or `n` is a boolean, `012` and `0o12` are ten, and `1_000` is a number. https://yaml.org/type/
 *
 * Two things are stricter than kubectl, because what they hide is always a mistake: a key that stands twice in one map is
 * an error (kubectl takes the last), and so is a number that JSON cannot hold (`.nan`). Left out: integers beyond 2^53
 * keep their magnitude, not every digit.
 */
import type { Document, LineCounter, ScalarTag } from 'yaml';
import type { KubernetesObject } from '../kubernetes/object';
import { UserError } from '../kubernetes/user-error';

export interface YamlObject {
  readonly object: KubernetesObject;
  /** Where the object starts, from 1. */
  readonly line: number;
}

/**
 * The objects of all documents, with Lists taken apart and empty documents left out.
 * @param file how errors name the text
 * @throws UserError for text that is no YAML, and for a document that is no Kubernetes object
 */
export function readObjects(text: string, file: string): YamlObject[] {
  return readDocuments(text, file).flatMap(({ value, line }) => objectsIn(value, line, file));
}

function objectsIn(value: unknown, line: number, file: string): YamlObject[] {
  if (value === null || value === undefined) return [];
  const object = value as KubernetesObject;
  const wrong = whyNoObject(object);
  if (wrong !== undefined) {
    throw new UserError('NotAnObject', `${file}:${line}: ${wrong}`, 'Every document needs apiVersion and kind.');
  }
  const isList = object.kind === 'List' || (object.kind.endsWith('List') && object.metadata?.name === undefined);
  if (isList && Array.isArray(object.items)) {
    return object.items.flatMap((item: unknown) => objectsIn(item, line, file));
  }
  return [{ object: { ...object, metadata: object.metadata ?? {} }, line }];
}

/** In the words of kubectl, which looks at no more than this before it asks the server. */
function whyNoObject(value: KubernetesObject): string | undefined {
  if (typeof value !== 'object' || Array.isArray(value)) return 'the document is not a map';
  if (typeof value.apiVersion !== 'string' || value.apiVersion === '') return 'apiVersion not set';
  if (typeof value.kind !== 'string' || value.kind === '') return 'kind not set';
  return undefined;
}

export interface YamlDocument {
  readonly value: unknown;
  readonly line: number;
}

/** @throws UserError with file and line for text that is no YAML. */
export function readDocuments(text: string, file: string): YamlDocument[] {
  // Loaded on the first use: most programs never read YAML, and the parser is the largest module there is.
  const yaml = require('yaml') as typeof import('yaml');
  const lines = new yaml.LineCounter();
  const options = {
    schema: 'failsafe',
    customTags: SCALARS,
    merge: true,
    lineCounter: lines,
    prettyErrors: false,
  } as const;
  const documents = yaml.parseAllDocuments(text, options);
  if (!Array.isArray(documents)) return [];
  return (documents as Document[]).map((document) => readDocument(document, lines, file));
}

function readDocument(document: Document, lines: LineCounter, file: string): YamlDocument {
  const { visit, isCollection, isNode } = require('yaml') as typeof import('yaml');
  const refuse = (offset: number, message: string): never => {
    throw new UserError('InvalidYaml', `${file}:${lines.linePos(offset).line}: ${message}`, 'Correct the file.');
  };
  const [error] = document.errors;
  if (error !== undefined) {
    refuse(error.pos[0], error.code === 'DUPLICATE_KEY' ? 'this key stands twice in one map' : error.message);
  }
  visit(document, {
    Pair(_, { key }) {
      if (!isNode(key) || !isCollection(key)) return;
      refuse(key.range?.[0] ?? 0, 'a map cannot be a key (is this a template that nobody rendered?)');
    },
  });
  const { line } = lines.linePos(document.contents?.range?.[0] ?? document.range?.[0] ?? 0);
  try {
    return { value: document.toJS({ maxAliasCount: 1000 }), line };
  } catch (cause) {
    throw new UserError('InvalidYaml', `${file}:${line}: ${(cause as Error).message}`, 'Correct the file.');
  }
}

const TRUE = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;

/** How a scalar without quotes is understood. What no test matches is a string. */
const SCALARS: ScalarTag[] = [
  { tag: 'tag:yaml.org,2002:null', default: true, test: /^(?:~|null|Null|NULL)?$/, resolve: () => null },
  { tag: 'tag:yaml.org,2002:bool', default: true, test: TRUE, resolve: () => true },
  { tag: 'tag:yaml.org,2002:bool', default: true, test: FALSE, resolve: () => false },
  {
    tag: 'tag:yaml.org,2002:binary',
    resolve: (text) => Buffer.from(text, 'base64').toString('utf8'),
  },
  { tag: 'tag:yaml.org,2002:int', default: true, test: /^[-+]?[0-9._]/, resolve: numberOrText },
];

/** As Go reads numbers: underscores do not count, a prefix or a leading zero gives the base. */
export function numberOrText(text: string, onError: (message: string) => void): number | string {
  if (/^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/.test(text)) {
    onError(`${text} is not a number that JSON can hold`);
    return text;
  }
  if (text.startsWith('_')) return text;
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '');
  const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/.exec(plain);
  if (integer !== null) {
    const [, sign, hexadecimal, binary, octal, decimal] = integer;
    const magnitude =
      hexadecimal !== undefined
        ? Number.parseInt(hexadecimal, 16)
        : binary !== undefined
          ? Number.parseInt(binary, 2)
          : octal !== undefined
            ? Number.parseInt(octal, 8)
            : Number(decimal);
    return sign === '-' && magnitude !== 0 ? -magnitude : magnitude;
  }
  if (/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(plain)) return Number(plain);
  return text;
}
