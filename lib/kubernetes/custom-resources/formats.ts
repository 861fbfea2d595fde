/**
 * The string formats that the API server checks in custom resources.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
 * Formats it does not know are no constraint. Left out: the exotic national ones (ssn, isbn, creditcard) accept any text.
 */
const DATE = /^\d{4}-(\d{2})-(\d{2})$/;
const DATE_TIME = /^\d{4}-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const HOST_LABEL = '[a-zA-Z0-9\\p{L}]([a-zA-Z0-9\\p{L}_-]{0,61}[a-zA-Z0-9\\p{L}])?';
const HOSTNAME = new RegExp(`^${HOST_LABEL}(\\.${HOST_LABEL})*$`, 'u');
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const DURATION =
  /^((\d+(\.\d+)?)\s*(ns|us|µs|μs|ms|s|m|h|d|w|nanoseconds?|microseconds?|millis(econds?)?|seconds?|minutes?|hours?|days?|weeks?)\s*)+$/i;
const IPV4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;

const checks: Readonly<Record<string, (text: string) => boolean>> = {
  date: (text) => isDay(DATE.exec(text)),
  'date-time': isDateTime,
  datetime: isDateTime,
  email: (text) => /^[^\s@<>()[\]\\,;:"]+@[^\s@]+$/.test(text),
  hostname: (text) => text.length <= 255 && HOSTNAME.test(text),
  ipv4: (text) => IPV4.test(text),
  ipv6: isIpv6,
  cidr: isCidr,
  mac: (text) => /^([0-9a-fA-F]{2}[:-]){5}([0-9a-fA-F]{2}[:-][0-9a-fA-F]{2}[:-])?[0-9a-fA-F]{2}$/.test(text),
  uri: isUri,
  uuid: (text) => UUID.test(text),
  uuid3: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
  uuid4: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(text),
  uuid5: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(text),
  byte: (text) => /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
  bsonobjectid: (text) => /^[0-9a-f]{24}$/i.test(text),
  hexcolor: (text) => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text),
  rgbcolor: (text) => /^rgb\(\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3}\s*\)$/.test(text),
  duration: (text) => DURATION.test(text),
};

/** Whether the text has the format; formats nobody knows fit everything. */
export function hasFormat(format: string, text: string): boolean {
  return checks[format]?.(text) ?? true;
}

function isDay(match: RegExpExecArray | null): boolean {
  if (!match) return false;
  const [year, month, day] = [Number(match[0].slice(0, 4)), Number(match[1]), Number(match[2])];
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function isDateTime(text: string): boolean {
  const match = DATE_TIME.exec(text);
  return isDay(match) && Number(match![3]) < 24 && Number(match![4]) < 60 && Number(match![5]) < 61;
}

/** Eight groups, or fewer with one `::`; the last two may be an IPv4 address. */
export function isIpv6(text: string): boolean {
  const [left, right, ...more] = text.split('::');
  if (more.length > 0) return false;
  const groups = (part: string | undefined) => (part ? part.split(':') : []);
  const all = [...groups(left), ...groups(right)];
  const last = all.at(-1) ?? '';
  const tail = last.includes('.') ? (IPV4.test(last) ? 2 : -1) : last === '' ? 0 : 1;
  if (tail < 0 || !all.slice(0, -1).every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false;
  if (tail === 1 && !/^[0-9a-fA-F]{1,4}$/.test(last)) return false;
  const count = Math.max(0, all.length - 1) + tail;
  return right === undefined ? count === 8 : count < 8;
}

export const isIpv4 = (text: string): boolean => IPV4.test(text);

export function isCidr(text: string): boolean {
  const slash = text.lastIndexOf('/');
  const [address, bits] = [text.slice(0, slash), text.slice(slash + 1)];
  if (slash < 0 || !/^(0|[1-9]\d{0,2})$/.test(bits)) return false;
  return (isIpv4(address) && Number(bits) <= 32) || (isIpv6(address) && Number(bits) <= 128);
}

/** Absolute, or an absolute path: what Go's `url.ParseRequestURI` takes. */
function isUri(text: string): boolean {
  if (/[\s\p{Cc}]/u.test(text)) return false;
  return text.startsWith('/') || /^[a-zA-Z][a-zA-Z0-9+.-]*:./.test(text);
}
