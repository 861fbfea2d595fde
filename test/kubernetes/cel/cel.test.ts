import { BOOL, DYN } from '../../../lib/kubernetes/cel/check';
import { compileCel } from '../../../lib/kubernetes/cel/program';
import { adapt, CelError, typeName } from '../../../lib/kubernetes/cel/values';

const VARIABLES = new Map([
  ['self', DYN],
  ['flag', BOOL],
]);

const SELF = {
  name: 'web',
  replicas: 3,
  ratio: 1.5,
  tags: ['a', 'b', 'b'],
  labels: { app: 'x', 'a.b/c': 'y' },
  ports: [
    { name: 'http', port: 80 },
    { name: 'https', port: 443 },
  ],
  when: '2024-01-02T03:04:05.5Z',
  every: '90m',
  memory: '1536Mi',
  address: '10.1.2.3',
  site: 'https://user@example.com:8443/a/b?x=1&x=2',
  version: '1.2.3-rc.1',
};

const evaluate = (source: string) => compileCel(source, VARIABLES).evaluate({ self: adapt(SELF), flag: true });

const compileError = (source: string): string => {
  try {
    compileCel(source, VARIABLES);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`${source} compiles`);
};

const runError = (source: string): string => {
  try {
    evaluate(source);
  } catch (error) {
    if (error instanceof CelError) return error.message;
    throw error;
  }
  throw new Error(`${source} has a value`);
};

describe('a CEL expression', () => {
  it.each([
    // operators
    '1 + 2 * 3 == 7',
    '-7 / 2 == -3 && -7 % 2 == -1',
    "'a' + 'b' == 'ab' && [1] + [2] == [1, 2]",
    '1 < 2 && 1.5 > 1.0 && 2u >= 2u',
    'self.replicas == 3.0 && self.ratio == 1.5',
    "'b' in self.tags && !('z' in self.tags) && 'app' in self.labels",
    "flag ? self.name == 'web' : false",
    'false || flag',
    // an error on one side is forgotten when the other side decides
    'self.nope == 1 || flag',
    '!(self.nope == 1 && false)',
    // literals
    "r'\\d' == '\\\\d' && '\\u0041' == 'A' && b'a' == bytes('a')",
    "'''a'b''' == \"a'b\"",
    '0x10 == 16 && 1e3 == 1000.0',
    "{'a': 1}['a'] == 1 && {'a': 1}.a == 1",
    // macros
    'has(self.name) && !has(self.nope)',
    'self.tags.all(t, size(t) == 1) && self.ports.exists(p, p.port == 443)',
    'self.ports.exists_one(p, p.port > 100)',
    "self.ports.map(p, p.name) == ['http', 'https']",
    "self.ports.filter(p, p.port < 100).map(p, p.port) == [80] && self.ports.map(p, p.port > 100, p.name) == ['https']",
    "self.labels.all(k, self.labels[k] != '')",
    'self.tags.all(i, t, i < 3) && self.tags.transformList(i, t, i) == [0, 1, 2]',
    'cel.bind(n, self.replicas * 2, n + n) == 12',
    // optionals
    "self.?nope.orValue('none') == 'none' && self.?name.hasValue() && self.labels[?'app'].value() == 'x'",
    "optional.of(1).optMap(x, x + 1).value() == 2 && !optional.none().hasValue() && [?self.?nope, 'x'] == ['x']",
    // conversions and types
    "int('42') == 42 && string(1) == '1' && double(1) == 1.0 && uint(1) == 1u && bool('true')",
    'type(self.replicas) == int && type(self.name) == string && type(self.ports) == list',
    // strings
    "'hello'.substring(1, 3) == 'el' && 'a-b-c'.split('-') == ['a', 'b', 'c'] && ['a', 'b'].join(',') == 'a,b'",
    "'abc'.charAt(1) == 'b' && 'abcabc'.indexOf('c') == 2 && 'abcabc'.lastIndexOf('c') == 5",
    "'aaa'.replace('a', 'b', 2) == 'bba' && ' x '.trim() == 'x' && 'Ab'.lowerAscii() == 'ab'",
    "'%s is %d, %.2f'.format(['x', 1, 2.0]) == 'x is 1, 2.00'",
    "'abc123'.matches('^[a-z]+[0-9]+$') && 'abc123'.find('[0-9]+') == '123' && 'a1b2'.findAll('[0-9]') == ['1', '2']",
    // lists and sets
    "self.tags.isSorted() && [1, 2].sum() == 3 && [3, 1].min() == 1 && self.tags.indexOf('b') == 1",
    'sets.contains([1, 2], [1]) && sets.equivalent([1, 1], [1]) && !sets.intersects([1], [2])',
    // time
    "timestamp(self.when).getFullYear() == 2024 && timestamp(self.when).getMonth() == 0 && timestamp(self.when).getHours('+02:00') == 5",
    "duration(self.every) == duration('1h30m') && timestamp(self.when) - duration('5.5s') == timestamp('2024-01-02T03:04:00Z')",
    // quantities, addresses, URLs, versions
    "quantity(self.memory).isLessThan(quantity('2Gi')) && quantity('1').add(quantity('500m')).compareTo(quantity('1500m')) == 0",
    "isQuantity('1Gi') && !isQuantity('x') && quantity('3').isInteger() && quantity('3').asInteger() == 3",
    "ip(self.address).family() == 4 && cidr('10.0.0.0/8').containsIP(self.address) && cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')",
    "isIP('::1') && ip('::1').isLoopback() && !isCIDR('10.0.0.0') && cidr('fd00::/8').containsCIDR('fd00:1::/32')",
    "url(self.site).getHost() == 'example.com:8443' && url(self.site).getHostname() == 'example.com' && url(self.site).getPort() == '8443'",
    "url(self.site).getEscapedPath() == '/a/b' && url(self.site).getQuery()['x'] == ['1', '2']",
    "semver(self.version).isLessThan(semver('1.2.3')) && semver('v1.2', true).minor() == 2 && !isSemver('1.2')",
    "format.dns1123Label().validate('ok') == optional.none() && format.dns1123Label().validate('Bad').hasValue()",
  ])('%s', (source) => {
    expect(evaluate(source)).toBe(true);
  });

  it('tells whole numbers of a schema apart from doubles', () => {
    expect(typeName(adapt(1))).toBe('int');
    expect(typeName(adapt(1, { scalar: 'double' }))).toBe('double');
  });
});

describe('a wrong CEL expression', () => {
  it.each([
    ['nope + 1', "ERROR: <input>:1:1: undeclared reference to 'nope' (in container '')\n | nope + 1\n | ^"],
    [
      "1 + 'a'",
      "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | 1 + 'a'\n | ..^",
    ],
    ['self.', "ERROR: <input>:1:6: Syntax error: no viable alternative at input '.'\n | self.\n | .....^"],
    [
      'self.foo.bar()',
      "ERROR: <input>:1:13: undeclared reference to 'bar' (in container '')\n | self.foo.bar()\n | ............^",
    ],
  ])('%s is refused when it is compiled', (source, message) => {
    expect(compileError(source)).toBe(message);
  });

  it.each([
    ['self.nope == 1', 'no such key: nope'],
    ['self.tags[7]', 'index out of bounds: 7'],
    ['self.replicas / 0', 'division by zero'],
    ['9223372036854775807 + 1', 'integer overflow'],
    ['timestamp(self.name)', "type conversion error from 'string' to 'google.protobuf.Timestamp'"],
    ['self.name + 1', 'no such overload: _+_'],
    ["semver('x')", 'No Major.Minor.Patch elements found'],
    [
      "ip('nope')",
      'IP Address "nope" parse error during conversion from string: ParseAddr("nope"): unable to parse IP',
    ],
  ])('%s fails when it runs', (source, message) => {
    expect(runError(source)).toBe(message);
  });
});
