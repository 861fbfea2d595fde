/**
 * IP addresses and CIDR ranges as Kubernetes adds them to CEL.
 * https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-ip-address-library
 */
import { isIpv4, isIpv6 } from '../custom-resources/formats';
import type { CelFunction } from './evaluate';
import { text } from './standard-functions';
import { CelError, noSuchOverload } from './values';

class Ip {
  readonly typeName = 'net.IP';
  constructor(
    readonly text: string,
    readonly bits: bigint,
    readonly family: 4 | 6,
  ) {}

  equals(other: unknown): boolean {
    return other instanceof Ip && other.family === this.family && other.bits === this.bits;
  }
}

class Cidr {
  readonly typeName = 'net.CIDR';
  constructor(
    readonly text: string,
    readonly ip: Ip,
    readonly prefix: number,
  ) {}

  equals(other: unknown): boolean {
    return other instanceof Cidr && other.prefix === this.prefix && this.ip.equals(other.ip);
  }
}

function tryParseIp(source: string): Ip | undefined {
  if (isIpv4(source)) {
    return new Ip(
      source,
      source.split('.').reduce((bits, part) => bits * 256n + BigInt(part), 0n),
      4,
    );
  }
  if (!isIpv6(source)) return undefined;
  const groups = (part: string | undefined) => (part ? part.split(':').flatMap(groupValues) : []);
  const [left, right] = source.split('::');
  const [head, tail] = [groups(left), groups(right)];
  const all = [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0n), ...tail];
  return new Ip(
    source,
    all.reduce((bits, group) => bits * 65536n + group, 0n),
    6,
  );
}

/** A group of an IPv6 address; the IPv4 form at its end is two. */
function groupValues(group: string): bigint[] {
  if (!group.includes('.')) return [BigInt(`0x${group}`)];
  const [a, b, c, d] = group.split('.').map(BigInt);
  return [a! * 256n + b!, c! * 256n + d!];
}

function parseIp(source: string): Ip {
  const ip = tryParseIp(source);
  if (!ip || /^::ffff:.*\./i.test(source)) {
    const cause = ip
      ? 'IPv4-mapped IPv6 address is not allowed'
      : `ParseAddr(${JSON.stringify(source)}): unable to parse IP`;
    throw new CelError(`IP Address ${JSON.stringify(source)} parse error during conversion from string: ${cause}`);
  }
  return ip;
}

function parseCidr(source: string): Cidr {
  const slash = source.lastIndexOf('/');
  const ip = slash < 0 ? undefined : tryParseIp(source.slice(0, slash));
  const prefix = source.slice(slash + 1);
  if (!ip || !/^(0|[1-9]\d*)$/.test(prefix) || Number(prefix) > widthOf(ip)) {
    const cause =
      slash < 0
        ? "no '/'"
        : ip
          ? 'prefix length out of range'
          : `ParseAddr(${JSON.stringify(source.slice(0, slash))}): unable to parse IP`;
    throw new CelError(
      `network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(source)}): ${cause}`,
    );
  }
  return new Cidr(source, ip, Number(prefix));
}

const widthOf = ({ family }: Ip): number => (family === 4 ? 32 : 128);

/** The network part: the first bits of an address. */
const networkOf = (ip: Ip, prefix: number): bigint => ip.bits >> BigInt(widthOf(ip) - prefix);

const contains = ({ ip, prefix }: Cidr, other: Ip): boolean =>
  ip.family === other.family && networkOf(ip, prefix) === networkOf(other, prefix);

function ipOf(value: unknown, name: string): Ip {
  if (value instanceof Ip) return value;
  throw noSuchOverload(name);
}

function cidrOf(value: unknown, name: string): Cidr {
  if (value instanceof Cidr) return value;
  throw noSuchOverload(name);
}

const within = (ip: Ip, ...cidrs: string[]): boolean => cidrs.some((cidr) => contains(parseCidr(cidr), ip));

/** `10.0.0.1`, or groups in hexadecimal with the longest run of zeros as `::`. */
function canonical(ip: Ip): string {
  const count = ip.family === 4 ? 4 : 8;
  const size = ip.family === 4 ? 8n : 16n;
  const parts = Array.from(
    { length: count },
    (_, i) => (ip.bits >> (size * BigInt(count - 1 - i))) & ((1n << size) - 1n),
  );
  if (ip.family === 4) return parts.join('.');
  const groups = parts.map((part) => part.toString(16)).join(':');
  const runs = [...groups.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].sort((a, b) => b[0].length - a[0].length);
  return runs.length === 0
    ? groups
    : groups
        .replace(runs[0]![0], ':')
        .replace(/^:(?!:)/, '::')
        .replace(/([^:]):$/, '$1::')
        .replace(/^:$/, '::')
        .replace(/:{3,}/, '::');
}

export const succeeds = (run: () => unknown): boolean => {
  try {
    run();
    return true;
  } catch {
    return false;
  }
};

export const addressFunctions: Readonly<Record<string, CelFunction>> = {
  ip: ([value], name) => (value instanceof Cidr ? value.ip : parseIp(text(value, name))),
  isIP: ([value], name) => succeeds(() => parseIp(text(value, name))),
  'ip.isCanonical': ([value], name) => canonical(parseIp(text(value, name))) === value,
  family: ([value], name) => BigInt(ipOf(value, name).family),
  isUnspecified: ([value], name) => ipOf(value, name).bits === 0n,
  isLoopback: ([value], name) => within(ipOf(value, name), '127.0.0.0/8', '::1/128'),
  isLinkLocalMulticast: ([value], name) => within(ipOf(value, name), '224.0.0.0/24', 'ff02::/16'),
  isLinkLocalUnicast: ([value], name) => within(ipOf(value, name), '169.254.0.0/16', 'fe80::/10'),
  isGlobalUnicast: ([value], name) => {
    const ip = ipOf(value, name);
    const special = [
      '127.0.0.0/8',
      '::1/128',
      '224.0.0.0/4',
      'ff00::/8',
      '169.254.0.0/16',
      'fe80::/10',
      '255.255.255.255/32',
    ];
    return ip.bits !== 0n && !within(ip, ...special);
  },
  cidr: ([value], name) => parseCidr(text(value, name)),
  isCIDR: ([value], name) => succeeds(() => parseCidr(text(value, name))),
  containsIP: ([cidr, value], name) =>
    contains(cidrOf(cidr, name), value instanceof Ip ? value : parseIp(text(value, name))),
  containsCIDR: ([cidr, value], name) => {
    const outer = cidrOf(cidr, name);
    const inner = value instanceof Cidr ? value : parseCidr(text(value, name));
    return outer.prefix <= inner.prefix && contains(outer, inner.ip);
  },
  masked: ([value], name) => {
    const { ip, prefix } = cidrOf(value, name);
    const shift = BigInt(widthOf(ip) - prefix);
    const network = new Ip('', (ip.bits >> shift) << shift, ip.family);
    const shown = canonical(network);
    return new Cidr(`${shown}/${prefix}`, new Ip(shown, network.bits, ip.family), prefix);
  },
  prefixLength: ([value], name) => BigInt(cidrOf(value, name).prefix),
};
