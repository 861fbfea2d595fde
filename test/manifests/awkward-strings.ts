/**
 * Strings that YAML readers are known to take for something else, or to lose: words and numbers of YAML 1.1 and 1.2, indicators,
 * white space, control characters; and each of them with something before, behind and around it.
 */
const words = `y Y yes Yes YES n N no No NO on On ON off Off OFF true True TRUE false False FALSE null Null NULL ~
  0 -0 +0 00 1 -1 +1 012 -012 0o12 0O12 0x1F 0X1f -0x1F 0b11 0B11 -0b11 1_000 1__0 0_ _1 1_ 0x_1 1e3 1E3 1e+3 1e-3 -1e3
  1.5 -1.5 .5 -.5 +.5 5. 1.5e3 .inf .Inf .INF -.inf +.inf .nan .NaN .NAN inf nan Infinity NaN e3 .e3 1.2.3 1.10
  190:20:30 1:30 12:30:45 2001-12-14 2001-12-14t21:59:43.10-05:00 2001-12-15T02:59:43Z 2001-1-1 1999-13-45
  - -- --- ---- -a --b -1a ... .. . ? ?a : :a a: :: # #a a# & &a * *a ! !a !!str !!binary | > |- >- |+ % %a %YAML @ @a \` \`a
  " ' "a 'a a"b a'b {} {a} {a:b} [] [a] [a,b] { } [ ] , ,a a, = == << <<: {{ {{x}} $x \${x} \\ \\n \\t a\\b
  NULL~ nulls trueish no-one on.line yesterday nginx:1.10 a:b a::b http://a/b?c=d&e=f#g a@b /etc/passwd C:\\x
  app.kubernetes.io/name 100m 1Gi 1,000 1.000,5 é ü 日本語 \u{1f600} \u00a0 \u2003 \u200b \u202e`
  .split(/[ \n]+/)
  .filter(Boolean);

const spaced = [
  '',
  ' ',
  '  ',
  'a b',
  ' a',
  'a ',
  'a: b',
  'a : b',
  'a :b',
  'a # b',
  'a #b',
  '- a',
  '? a',
  ': a',
  'key: |',
  'a, b',
  '# a',
  '\t',
  '\ta',
  'a\t',
  'a\tb',
  '\n',
  '\n\n',
  'a\n',
  'a\n\n',
  'a\n\n\n',
  '\na',
  'a\nb',
  'a\nb\n',
  'a\n\nb',
  'a\n b\n',
  ' a\nb',
  '  a\n b\n',
  'a \nb',
  'a\n \nb',
  'a\n  ',
  'a\n\t\nb',
  'a\n\tb\n',
  'a\r\nb',
  'a\rb',
  '\r',
  '---\na',
  'a\n---\nb',
  'a\n...\nb',
  '#!/bin/sh\necho "hi"\n',
  'a: 1\nb: 2\n',
  '- a\n- b\n',
  '\n- a',
  '{"a": "b\\n"}\n',
  '%YAML 1.2\n---\n',
  "it's\n",
  '"\n"',
  'tab\tinside\nlines\n',
  '\u00e9\n\u65e5\n',
];

const controls = [
  ...Array.from({ length: 0x20 }, (_, code) => code),
  ...Array.from({ length: 0x21 }, (_, code) => 0x7f + code),
  0xad,
  0x2028,
  0x2029,
  0xfeff,
  0xfffd,
  0x10000,
  0x1f600,
].map((code) => String.fromCodePoint(code));

const around: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `${text} `,
  (text) => ` ${text}`,
  (text) => `${text}\n`,
  (text) => `a ${text}`,
  (text) => `${text} a`,
  (text) => `a${text}`,
  (text) => `${text}:`,
  (text) => `${text}: x`,
  (text) => `${text} #`,
  (text) => `-${text}`,
  (text) => `"${text}"`,
  (text) => `'${text}'`,
  (text) => `first\n${text}\n`,
  (text) => `${text}\nlast`,
  (text) => `${text}\t`,
  (text) => `[${text}]`,
];

export const awkwardStrings: readonly string[] = [
  ...new Set([...words, ...spaced, ...controls].flatMap((text) => around.map((put) => put(text)))),
];
