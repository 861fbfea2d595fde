import { App, Chart, includeYaml, readObjects, writeYaml } from '../../lib/manifests';
import { readDocuments } from '../../lib/manifests/yaml-reader';
import { awkwardStrings } from './awkward-strings';

const read = (text: string) => readDocuments(text, 'test.yaml').map(({ value }) => value);

describe('the writer', () => {
  test('writes every awkward string so that it is read back unchanged, as a value, an item and a key', () => {
    const values = Object.fromEntries(awkwardStrings.map((text, index) => [`k${index}`, text]));
    const keys = Object.fromEntries(awkwardStrings.map((text) => [`${text}`, 1]));
    const document = { values, items: awkwardStrings, keys };
    expect(read(writeYaml([document]))).toEqual([document]);
  });

  test('leaves words as they are and quotes what a reader may take for something else', () => {
    const document = {
      image: 'registry.k8s.io/pause:3.10',
      url: 'http://example.com/a?b=c',
      flag: '--verbose',
      sentence: 'it is plain text',
      boolean: 'no',
      version: '1.10',
      octal: '0o12',
      time: '12:30:45',
      comment: 'a # b',
      map: 'a: b',
      empty: '',
    };
    expect(writeYaml([document])).toBe(`image: registry.k8s.io/pause:3.10
url: http://example.com/a?b=c
flag: --verbose
sentence: it is plain text
boolean: "no"
version: "1.10"
octal: "0o12"
time: "12:30:45"
comment: "a # b"
map: "a: b"
empty: ""
`);
  });

  test('writes text of several lines as a literal block', () => {
    const document = { script: '#!/bin/sh\necho "hi"\n\nexit 0\n', open: 'a\nb', more: 'a\n\n', list: ['x\ny\n'] };
    const text = writeYaml([document]);
    expect(text).toBe(`script: |
  #!/bin/sh
  echo "hi"

  exit 0
open: |-
  a
  b
more: |+
  a

list:
- |
  x
  y
`);
    expect(read(text)).toEqual([document]);
  });

  test('nests maps and lists like kubectl', () => {
    const document = { a: { b: {}, c: [], d: [[1, [2]], { e: [{ f: null, g: true }] }] }, h: -0.5, i: undefined };
    const text = writeYaml([document]);
    expect(text).toBe(`a:
  b: {}
  c: []
  d:
  -
    - 1
    -
      - 2
  - e:
    - f: null
      g: true
h: -0.5
`);
    expect(read(text)).toEqual([{ a: document.a, h: -0.5 }]);
  });

  test('refuses what YAML cannot say', () => {
    expect(() => writeYaml([{ a: Number.NaN }])).toThrow('NaN cannot be written as YAML');
    expect(() => writeYaml([{ a: () => 1 }])).toThrow('a function cannot be written as YAML');
  });
});

describe('the reader', () => {
  test.each([
    ['y Yes on True', [true, true, true, true]],
    ['n NO off False', [false, false, false, false]],
    ['~ null NULL', [null, null, null]],
    ['012 0o12 -010 0x1F 0b11 1_000 08', [10, 10, -8, 31, 3, 1000, 8]],
    ['1e3 .5 5. +1 -1.5e3', [1000, 0.5, 5, 1, -1500]],
    [
      'yEs tRue 1.2.3 12:30:45 2001-12-14 0x 1__a _1 -',
      ['yEs', 'tRue', '1.2.3', '12:30:45', '2001-12-14', '0x', '1__a', '_1', '-'],
    ],
  ])('takes %s as kubectl does', (scalars, values) => {
    const text = scalars.split(' ').map((scalar, index) => `k${index}: ${scalar === '-' ? '"-"' : scalar}\n`);
    expect(Object.values(read(text.join(''))[0] as object)).toEqual(values);
  });

  test('knows anchors, merge keys and binary data', () => {
    const text = 'base: &base {a: 1, b: 2}\nderived: {<<: *base, b: 3}\ndata: !!binary aGVsbG8=\n';
    expect(read(text)).toEqual([{ base: { a: 1, b: 2 }, derived: { a: 1, b: 3 }, data: 'hello' }]);
  });

  test('takes documents and Lists apart, leaves out empty ones, and says where each object starts', () => {
    const text = `# nothing
---
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Pod, metadata: {name: b}}
- {apiVersion: v1, kind: Pod, metadata: {name: c}}
---
`;
    expect(
      readObjects(text, 'x.yaml').map(({ object, line }) => `${object.kind} ${object.metadata.name} ${line}`),
    ).toEqual(['ConfigMap a 3', 'Pod b 7', 'Pod c 7']);
  });

  test.each([
    ['a: 1\nb: [', /^x\.yaml:2: /],
    ['a: 1\na: 2\n', /^x\.yaml:2: this key stands twice in one map$/],
    ['a: .nan\n', /^x\.yaml:1: \.nan is not a number that JSON can hold$/],
    ['\n\nkind: Pod\n', /^x\.yaml:3: apiVersion not set$/],
    ['apiVersion: v1\n', /^x\.yaml:1: kind not set$/],
    ['- a\n', /^x\.yaml:1: the document is not a map$/],
    ['name: {{ .Values.name }}\n', /^x\.yaml:1: a map cannot be a key \(is this a template that nobody rendered\?\)$/],
  ])('refuses %j with file and line', (text, message) => {
    expect(() => readObjects(text, 'x.yaml')).toThrow(message);
  });
});

test('YAML that is included inherits from its scope and can be edited', () => {
  const app = new App();
  const chart = new Chart(app, 'shop', { namespace: 'shop' });
  const [settings] = includeYaml(
    chart,
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: "1"}\n',
  );
  settings!.edit((object) => {
    object.data.b = '2';
  });
  expect(app.synth()).toEqual([
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'shop' },
      data: { a: '1', b: '2' },
    },
  ]);
});
