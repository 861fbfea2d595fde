/**
 * Cron schedules in five fields, `30 8 * * 1-5`, and their abbreviations, `@daily`.
 * https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 *
 * The grammar, and the words of its errors, are those of the parser that Kubernetes uses (robfig/cron, standard form). Days of
 * the month and days of the week are alternatives when both are restricted: `0 0 13 * 5` is every 13th and every Friday.
 */

export interface CronSchedule {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly daysOfMonth: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly daysOfWeek: ReadonlySet<number>;
  /** Whether the days of the month, and those of the week, say `*`. */
  readonly anyDayOfMonth: boolean;
  readonly anyDayOfWeek: boolean;
  /** `@every 90s`, in milliseconds; the fields are empty then. */
  readonly every?: number;
}

/** A text that is no schedule. */
export class CronError extends Error {
  override readonly name = 'CronError';
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const fields: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: ['', ...MONTHS] },
  { min: 0, max: 6, names: DAYS },
];

const abbreviations: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** @throws CronError */
export function parseCron(text: string): CronSchedule {
  if (text === '') throw new CronError('empty spec string');
  const spec = withoutTimeZone(text);
  if (spec.startsWith('@')) return parseAbbreviation(spec);
  const parts = spec.split(/\s+/).filter((part) => part !== '');
  if (parts.length !== 5) throw new CronError(`expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`);
  const [minutes, hours, daysOfMonth, months, daysOfWeek] = parts.map((part, i) => parseField(part, fields[i]!));
  return {
    minutes: minutes!.values,
    hours: hours!.values,
    daysOfMonth: daysOfMonth!.values,
    months: months!.values,
    daysOfWeek: daysOfWeek!.values,
    anyDayOfMonth: daysOfMonth!.any,
    anyDayOfWeek: daysOfWeek!.any,
  };
}

/** `TZ=UTC 0 * * * *`: Kubernetes forbids it elsewhere. */
function withoutTimeZone(text: string): string {
  if (!text.startsWith('TZ=') && !text.startsWith('CRON_TZ=')) return text;
  const space = text.indexOf(' ');
  const zone = text.slice(text.indexOf('=') + 1, space < 0 ? undefined : space);
  if (!isTimeZone(zone)) throw new CronError(`provided bad location ${zone}: unknown time zone ${zone}`);
  return space < 0 ? '' : text.slice(space).trim();
}

/** Whether the IANA database knows the time zone. */
export function isTimeZone(zone: string): boolean {
  if (zone === '' || zone === 'UTC' || zone === 'Local') return true;
  if (/^[+-]/.test(zone)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

function parseAbbreviation(spec: string): CronSchedule {
  const full = Object.hasOwn(abbreviations, spec) ? abbreviations[spec] : undefined;
  if (full) return parseCron(full);
  if (!spec.startsWith('@every ')) throw new CronError(`unrecognized descriptor: ${spec}`);
  const every = parseDuration(spec.slice('@every '.length));
  if (every === undefined) {
    const text = spec.slice('@every '.length);
    throw new CronError(`failed to parse duration ${spec}: time: invalid duration "${text}"`);
  }
  const none = new Set<number>();
  const nothing = { minutes: none, hours: none, daysOfMonth: none, months: none, daysOfWeek: none };
  // Less than a second is a second.
  return { ...nothing, anyDayOfMonth: false, anyDayOfWeek: false, every: Math.max(1000, every) };
}

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** `1h30m` in milliseconds. */
function parseDuration(text: string): number | undefined {
  if (!/^([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9.]+)(ns|us|µs|ms|s|m|h)/g))
    total += Number(amount) * unitMs[unit!]!;
  return total;
}

function parseField(text: string, bounds: Bounds): { values: Set<number>; any: boolean } {
  const values = new Set<number>();
  let any = false;
  for (const part of text.split(',').filter((item) => item !== '')) {
    const range = parseRange(part, bounds);
    any ||= range.any;
    for (let value = range.start; value <= range.end; value += range.step) values.add(value);
  }
  return { values, any };
}

/** `*`, `5`, `mon-fri`, every 15 (`*` with a step), `10/5` (from 10 to the end). */
function parseRange(text: string, bounds: Bounds) {
  const [span, ...steps] = text.split('/') as [string, ...string[]];
  const ends = span.split('-');
  const wild = ends[0] === '*' || ends[0] === '?';
  const start = wild ? bounds.min : parseNumber(ends[0]!, bounds.names);
  let end = wild ? bounds.max : start;
  if (!wild && ends.length === 2) end = parseNumber(ends[1]!, bounds.names);
  if (!wild && ends.length > 2) throw new CronError(`too many hyphens: ${text}`);
  if (steps.length > 1) throw new CronError(`too many slashes: ${text}`);
  const step = steps.length === 1 ? parseNumber(steps[0]!) : 1;
  if (steps.length === 1 && ends.length === 1) end = bounds.max;
  if (start < bounds.min) {
    throw new CronError(`beginning of range (${start}) below minimum (${bounds.min}): ${text}`);
  }
  if (end > bounds.max) throw new CronError(`end of range (${end}) above maximum (${bounds.max}): ${text}`);
  if (start > end) throw new CronError(`beginning of range (${start}) beyond end of range (${end}): ${text}`);
  if (step === 0) throw new CronError(`step of range should be a positive number: ${text}`);
  return { start, end, step, any: wild && step <= 1 };
}

function parseNumber(text: string, names?: readonly string[]): number {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0 && text !== '') return named;
  if (!/^[+-]?[0-9]+$/.test(text)) {
    throw new CronError(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  const value = Number(text);
  if (value < 0) throw new CronError(`negative number (${value}) not allowed: ${text}`);
  return value;
}
