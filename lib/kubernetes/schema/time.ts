/**
 * Reads the two forms of time that the API knows, and writes them in UTC as the server does: `metav1.Time` in whole
 * seconds, `metav1.MicroTime` with exactly six digits. Errors have the words of Go's time.Parse.
 * https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#Time
 */

export type ReadTime = { readonly time: string; readonly error?: undefined } | { readonly error: string };

const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)([.,]\d+)?(Z|[+-]\d\d:\d\d)$/;

/** What was read lately: a simulated cluster writes thousands of objects within one second. */
const known = new Map<string, ReadTime>();
const MAX_KNOWN = 1_000;

export function readTime(text: string): ReadTime {
  let read = known.get(text);
  if (read === undefined) {
    const ms = parse(text);
    read =
      ms === undefined
        ? { error: parseError(text, '2006-01-02T15:04:05Z07:00') }
        : { time: `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}Z` };
    if (known.size >= MAX_KNOWN) known.clear();
    if (text.length < 64) known.set(text, read);
  }
  return read;
}

/** `2026-01-01T00:00:00.123456Z`: the fraction must have six digits. */
export function readMicroTime(text: string): ReadTime {
  const layout = '2006-01-02T15:04:05.000000Z07:00';
  const match = TIME.exec(text);
  const ms = parse(text);
  if (ms === undefined || match === null || match[7]?.length !== 7) return { error: parseError(text, layout) };
  return { time: `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}.${match[7].slice(1)}Z` };
}

function parse(text: string): number | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match.map(Number);
  const ms = Date.UTC(year!, month! - 1, day, hour, minute, second);
  const back = new Date(ms);
  // Date.UTC carries over (31 April becomes 1 May); Go refuses.
  if (back.getUTCDate() !== day || back.getUTCHours() !== hour || back.getUTCSeconds() !== second) return undefined;
  const zone = match[8]!;
  if (zone === 'Z') return ms;
  const sign = zone[0] === '-' ? -1 : 1;
  return ms - sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6))) * 60_000;
}

/** Go's parser names the rest of the text and the part of the layout at which it stopped. */
function parseError(text: string, layout: string): string {
  const parts: readonly [RegExp, string][] = [
    [/^\d{4}/, '2006'],
    [/^-/, '-'],
    [/^\d\d/, '01'],
    [/^-/, '-'],
    [/^\d\d/, '02'],
    [/^T/, 'T'],
    [/^\d\d/, '15'],
    [/^:/, ':'],
    [/^\d\d/, '04'],
    [/^:/, ':'],
    [/^\d\d/, '05'],
    ...(layout.includes('.000000') ? [[/^\.\d{6}(?!\d)/, '.000000'] as [RegExp, string]] : []),
    [/^(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)/, 'Z07:00'],
  ];
  let rest = text;
  for (const [pattern, name] of parts) {
    const match = pattern.exec(rest);
    if (match === null) {
      return `parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(name)}`;
    }
    rest = rest.slice(match[0].length);
  }
  if (rest !== '') return `parsing time ${JSON.stringify(text)}: extra text: ${JSON.stringify(rest)}`;
  return `parsing time ${JSON.stringify(text)}: day out of range`;
}
