import { matchesFields, parseFieldSelector } from '../../lib/kubernetes/field-selectors';
import {
  compileLabelSelector,
  formatQuery,
  formatSelector,
  matchesLabels,
  parseLabelSelector,
  queryMatches,
  selectorMatches,
} from '../../lib/kubernetes/selectors';

const labels = { app: 'web', tier: 'front', n: '7', empty: '' };

describe('label selectors', () => {
  it.each([
    ['', true],
    ['app=web', true],
    ['app==web', true],
    ['app!=web', false],
    ['missing!=web', true],
    ['app in (api, web)', true],
    ['app notin (api)', true],
    ['missing notin (a)', true],
    ['app', true],
    ['!app', false],
    ['! missing', true],
    ['n>6', true],
    ['n<7', false],
    ['app>6', false],
    ['app=web,tier=back', false],
    ['empty=', true],
    ['empty in ()', true],
    ['empty in (,a)', true],
    ['constructor', false],
    ['in in (in)', false],
  ])('%p matches: %p', (text, expected) => {
    expect(queryMatches(parseLabelSelector(text), labels)).toBe(expected);
  });

  it.each([
    ['a,', "found '', expected: identifier after ','"],
    [',a', "found ',', expected: !, identifier, or 'end of string'"],
    ['a=b b', "found 'b', expected: ',' or 'end of string'"],
    ['a in', "unable to parse requirement: found '' expected: '('"],
    ['a in (', "unable to parse requirement: found '', expected: ',', ')' or identifier"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a===b', "unable to parse requirement: found '=', expected: identifier"],
    [
      'n>x',
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
  ])('%p is refused', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(message);
  });

  it('is written back sorted by key', () => {
    expect(formatQuery(parseLabelSelector('z, a in (c,b),!m,b != c'))).toBe('a in (b,c),b!=c,!m,z');
  });
});

describe('LabelSelector objects', () => {
  it('are compiled once and asked often; a plain map of labels is a selector of the old form', () => {
    const matches = compileLabelSelector({ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['api'] }] });
    expect([matches(labels), matches({ app: 'api' }), matches(undefined)]).toEqual([true, false, true]);
    expect(compileLabelSelector(null)(labels)).toBe(false);
    expect(matchesLabels({ app: 'web' }, labels)).toBe(true);
    expect(matchesLabels({ app: 'web', x: 'y' }, labels)).toBe(false);
  });

  it('select nothing when absent and everything when empty', () => {
    expect(selectorMatches(undefined, labels)).toBe(false);
    expect(selectorMatches({}, labels)).toBe(true);
  });

  it('combine labels and expressions', () => {
    const selector = {
      matchLabels: { app: 'web' },
      matchExpressions: [{ key: 'tier', operator: 'In', values: ['front'] }],
    };
    expect(selectorMatches(selector, labels)).toBe(true);
    expect(selectorMatches(selector, { app: 'web' })).toBe(false);
    expect(formatSelector(selector)).toBe('app=web,tier in (front)');
  });
});

describe('field selectors', () => {
  const read = (object: Record<string, string>, field: string) => object[field] ?? '';
  it.each([
    ['metadata.name=a', true],
    ['metadata.name!=a', false],
    ['metadata.name==a,x=', true],
    ['note=a\\,b', true],
  ])('%p matches: %p', (text, expected) => {
    const object: Record<string, string> = { 'metadata.name': 'a', note: 'a,b' };
    expect(matchesFields(parseFieldSelector(text), object, read)).toBe(expected);
  });

  it('refuses what it cannot read', () => {
    expect(() => parseFieldSelector('nope')).toThrow("invalid selector: 'nope'; can't understand 'nope'");
    expect(() => parseFieldSelector('a=b=c')).toThrow('unescaped character in value: 61');
  });
});
