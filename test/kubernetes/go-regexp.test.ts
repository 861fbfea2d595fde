import { GoRegExpError, goRegExp } from '../../lib/kubernetes/go-regexp';

describe("Go's regular expressions", () => {
  it.each<[string, string[], string[]]>([
    ['^(?i)(abort|warn)?$', ['', 'ABORT'], ['x']],
    ['^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', ['a-b'], ['-a', 'A']],
    ['^[\\w\\-\\.\\_\\:]+$', ['a-b.c_d:e'], ['a b']],
    ['^[[:alpha:]]+$', ['abc'], ['a1']],
    ['\\Aab\\z', ['ab'], ['ab\n']],
    ['^(?P<n>\\d+)$', ['12'], ['x']],
    ['^(0|(([0-9]+)y)?(([0-9]+)w)?)$', ['0', '1y2w'], ['1']],
    ['^\\Qa.b\\E$', ['a.b'], ['axb']],
    ['^[^\\/]+\\/[a-z]{1,3}$', ['x/abc'], ['x/abcd']],
    ['^[a-z]+[\\/]{1}$', ['a/'], ['a']],
    ['(?s)^a.b$', ['a\nb'], ['ab']],
    ['^\\d+(?:\\.\\d+){2}$', ['1.2.3'], ['1.2']],
    ['^[^[\\]]+$', ['a'], ['[', ']']],
    ['^\\@\\%\\&$', ['@%&'], ['x']],
  ])('%s', (pattern, matching, others) => {
    for (const text of matching) expect(goRegExp(pattern).test(text)).toBe(true);
    for (const text of others) expect(goRegExp(pattern).test(text)).toBe(false);
  });

  it.each([
    ['(', 'missing closing ): `(`'],
    ['a)', 'unexpected ): `a)`'],
    ['[a', 'missing closing ]: `[a`'],
    ['*a', 'missing argument to repetition operator: `*a`'],
    ['a(?=b)', 'invalid or unsupported Perl syntax: `(?=`'],
  ])('refuses %s', (pattern, message) => {
    expect(() => goRegExp(pattern)).toThrow(GoRegExpError);
    expect(() => goRegExp(pattern)).toThrow(message);
  });
});
