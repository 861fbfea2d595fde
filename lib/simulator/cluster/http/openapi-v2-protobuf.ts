/**
 * The OpenAPI 2.0 document as a protobuf message, which is the only form in which kubectl asks for it.
 * https://github.com/google/gnostic/blob/main/openapiv2/OpenAPIv2.proto
 *
 * Each message is a row: the JSON name of a field, its number, and what it holds. Maps are lists of name and value; extensions
 * hold their value as YAML, of which JSON is a part.
 */
type Kind =
  | 'text'
  | 'texts'
  | 'flag'
  | 'integer'
  | 'double'
  | 'any'
  /** The name of a message; `*` several of them, `%` a map of them. */
  | `.${string}`
  | `*${string}`
  | `%${string}`;

type Fields = Readonly<Record<string, readonly [number: number, kind: Kind]>>;

/** `x-*` of a message goes into the field of this name. */
const EXTENSIONS = 'x-';

const MESSAGES: Readonly<Record<string, Fields>> = {
  Document: {
    swagger: [1, 'text'],
    info: [2, '.Info'],
    paths: [8, '.Paths'],
    definitions: [9, '.Definitions'],
  },
  Info: { title: [1, 'text'], version: [2, 'text'] },
  Paths: { '': [2, '%PathItem'] },
  PathItem: {
    get: [2, '.Operation'],
    put: [3, '.Operation'],
    post: [4, '.Operation'],
    delete: [5, '.Operation'],
    options: [6, '.Operation'],
    head: [7, '.Operation'],
    patch: [8, '.Operation'],
    parameters: [9, '*ParametersItem'],
    [EXTENSIONS]: [10, 'any'],
  },
  Operation: {
    tags: [1, 'texts'],
    description: [3, 'text'],
    operationId: [5, 'text'],
    produces: [6, 'texts'],
    consumes: [7, 'texts'],
    parameters: [8, '*ParametersItem'],
    responses: [9, '.Responses'],
    schemes: [10, 'texts'],
    [EXTENSIONS]: [13, 'any'],
  },
  BodyParameter: {
    description: [1, 'text'],
    name: [2, 'text'],
    in: [3, 'text'],
    required: [4, 'flag'],
    schema: [5, '.Schema'],
  },
  QueryParameter: {
    required: [1, 'flag'],
    in: [2, 'text'],
    description: [3, 'text'],
    name: [4, 'text'],
    type: [6, 'text'],
    uniqueItems: [20, 'flag'],
  },
  PathParameter: {
    required: [1, 'flag'],
    in: [2, 'text'],
    description: [3, 'text'],
    name: [4, 'text'],
    type: [5, 'text'],
    uniqueItems: [19, 'flag'],
  },
  Responses: { '': [1, '%ResponseValue'] },
  Response: { description: [1, 'text'], schema: [2, '.SchemaItem'] },
  Definitions: { '': [1, '%Schema'] },
  Properties: { '': [1, '%Schema'] },
  Schema: {
    $ref: [1, 'text'],
    format: [2, 'text'],
    title: [3, 'text'],
    description: [4, 'text'],
    multipleOf: [6, 'double'],
    maximum: [7, 'double'],
    exclusiveMaximum: [8, 'flag'],
    minimum: [9, 'double'],
    exclusiveMinimum: [10, 'flag'],
    maxLength: [11, 'integer'],
    minLength: [12, 'integer'],
    pattern: [13, 'text'],
    maxItems: [14, 'integer'],
    minItems: [15, 'integer'],
    uniqueItems: [16, 'flag'],
    maxProperties: [17, 'integer'],
    minProperties: [18, 'integer'],
    required: [19, 'texts'],
    additionalProperties: [21, '.AdditionalProperties'],
    type: [22, '.Type'],
    items: [23, '.Items'],
    properties: [25, '.Properties'],
    [EXTENSIONS]: [31, 'any'],
  },
};

/** Messages that only choose between forms; what is inside is the JSON value itself. */
const WRAPPERS: Readonly<Record<string, (value: any) => Buffer>> = {
  ParametersItem: (parameter) => lengthDelimited(1, parameterBytes(parameter)),
  ResponseValue: (response) => lengthDelimited(1, message('Response', response)),
  SchemaItem: (schema) => lengthDelimited(1, message('Schema', schema)),
  AdditionalProperties: (value) =>
    typeof value === 'boolean' ? scalar(2, value ? 1 : 0) : lengthDelimited(1, message('Schema', value)),
  Type: (type) => lengthDelimited(1, Buffer.from(type)),
  Items: (items) => lengthDelimited(1, message('Schema', items)),
};

function parameterBytes(parameter: any): Buffer {
  if (parameter.in === 'body') return lengthDelimited(1, message('BodyParameter', parameter));
  const isPath = parameter.in === 'path';
  const inner = message(isPath ? 'PathParameter' : 'QueryParameter', parameter);
  return lengthDelimited(2, lengthDelimited(isPath ? 4 : 3, inner));
}

export const encodeV2Document = (document: object): Buffer => message('Document', document);

function message(name: string, value: any): Buffer {
  const wrap = WRAPPERS[name];
  if (wrap) return wrap(value);
  const fields = MESSAGES[name]!;
  const map = fields[''];
  const parts: Buffer[] = [];
  for (const [key, each] of Object.entries(value)) {
    if (map) {
      const [number, kind] = map;
      const entry = [lengthDelimited(1, Buffer.from(key)), lengthDelimited(2, message(kind.slice(1), each))];
      parts.push(lengthDelimited(number, Buffer.concat(entry)));
      continue;
    }
    const isExtension = key.startsWith(EXTENSIONS);
    const field = fields[isExtension ? EXTENSIONS : key];
    if (!field) continue;
    parts.push(isExtension ? extension(field[0], key, each) : fieldBytes(field[0], field[1], each));
  }
  return Buffer.concat(parts);
}

function fieldBytes(number: number, kind: Kind, value: any): Buffer {
  switch (kind) {
    case 'text':
      return lengthDelimited(number, Buffer.from(String(value)));
    case 'texts':
      return Buffer.concat(value.map((text: string) => lengthDelimited(number, Buffer.from(text))));
    case 'flag':
      return scalar(number, value ? 1 : 0);
    case 'integer':
      return scalar(number, value);
    case 'double': {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(value);
      return Buffer.concat([varint((number << 3) | 1), bytes]);
    }
    default: {
      const name = kind.slice(1);
      if (kind.startsWith('*')) {
        return Buffer.concat(value.map((each: unknown) => lengthDelimited(number, message(name, each))));
      }
      return lengthDelimited(number, message(name, value));
    }
  }
}

/** NamedAny: name (1), value (2), which is an Any with its YAML (2). */
function extension(number: number, name: string, value: unknown): Buffer {
  const any = lengthDelimited(2, Buffer.from(`${JSON.stringify(value)}\n`));
  return lengthDelimited(number, Buffer.concat([lengthDelimited(1, Buffer.from(name)), lengthDelimited(2, any)]));
}

function lengthDelimited(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

const scalar = (number: number, value: number): Buffer => Buffer.concat([varint(number << 3), varint(value)]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
