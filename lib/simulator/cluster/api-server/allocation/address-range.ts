/**
 * The order in which addresses and ports of a range are given out: the lower part is left to people who choose by hand, and
 * only used when the upper one is full.
 * https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/#avoid-ClusterIP-conflict
 */
import type { Random } from '../../../random';

/** How many numbers at the start of a range are kept for choices by hand: min(max(16, size / step), most). */
export function reservedBand(size: number, step: number, most: number): number {
  if (size < 16) return 0;
  return Math.min(Math.max(16, Math.floor(size / step)), most);
}

/** A free offset, drawn by chance from the upper part, then from the lower one; undefined when all are taken. */
export function pickOffset(
  size: number,
  reserved: number,
  random: Random,
  isFree: (offset: number) => boolean,
): number | undefined {
  return pickBetween(reserved, size, random, isFree) ?? pickBetween(0, reserved, random, isFree);
}

/** A random start, then the next free one: a full range still ends. */
function pickBetween(
  from: number,
  to: number,
  random: Random,
  isFree: (offset: number) => boolean,
): number | undefined {
  const count = to - from;
  if (count <= 0) return undefined;
  const start = random.int(count);
  for (let i = 0; i < count; i++) {
    const offset = from + ((start + i) % count);
    if (isFree(offset)) return offset;
  }
  return undefined;
}

export interface AddressRange {
  readonly cidr: string;
  readonly first: number;
  readonly size: number;
}

/** The usable addresses of an IPv4 range: without its own address and the broadcast address. */
export function parseRange(cidr: string): AddressRange {
  const [address = '', bits = ''] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  return { cidr, first: addressToNumber(address) + 1, size: Math.max(0, size - 2) };
}

export function addressToNumber(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}

export function numberToAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
