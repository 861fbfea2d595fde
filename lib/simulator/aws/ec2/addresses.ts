/** IPv4 arithmetic: which addresses a block has. */

export interface Block {
  /** The first address as a number. */
  readonly start: number;
  readonly size: number;
  readonly prefix: number;
}

/** `10.0.0.0/24` -> start 167772160, size 256. */
export function parseCidr(cidr: string): Block {
  const [address = '', prefixText = '32'] = cidr.split('/');
  const prefix = Number(prefixText);
  const size = 2 ** (32 - prefix);
  return { start: Math.floor(toNumber(address) / size) * size, size, prefix };
}

export function toNumber(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

export function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

export function contains(outer: Block, inner: Block): boolean {
  return inner.start >= outer.start && inner.start + inner.size <= outer.start + outer.size;
}

export function overlaps(a: Block, b: Block): boolean {
  return a.start < b.start + b.size && b.start < a.start + a.size;
}

/** EC2 keeps the first four addresses of a subnet and the last. */
export function usableAddresses(block: Block): { first: number; count: number } {
  return { first: block.start + 4, count: block.size - 5 };
}
