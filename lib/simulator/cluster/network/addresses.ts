/**
 * Addresses of pods and nodes: ranges, and pools that hand out the addresses of a range in turn.
 * https://kubernetes.io/docs/concepts/cluster-administration/networking/
 */

/** Hands out addresses, each to one pod at a time. */
export interface PodAddressPool {
  /** Undefined when none is left. */
  allocate(): string | undefined;
  release(address: string): void;
}

export function parseAddress(address: string): number {
  let value = 0;
  for (const part of address.split('.')) value = value * 256 + Number(part);
  return value;
}

export function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

export function parseCidr(cidr: string): { readonly first: number; readonly size: number } {
  const [address, bits] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  const value = parseAddress(address!);
  return { first: value - (value % size), size };
}

export function cidrContains(cidr: string, address: string): boolean {
  const { first, size } = parseCidr(cidr);
  const value = parseAddress(address);
  return value >= first && value < first + size;
}

/** A pool over a range, without its first address and its last. An address that was given back waits for its turn. */
export function poolOfCidr(cidr: string): PodAddressPool {
  const { first, size } = parseCidr(cidr);
  const used = new Set<number>();
  const usable = size - 2;
  let next = 0;
  return {
    allocate() {
      for (let tried = 0; tried < usable; tried++) {
        const address = first + 1 + next;
        next = (next + 1) % usable;
        if (used.has(address)) continue;
        used.add(address);
        return formatAddress(address);
      }
      return undefined;
    },
    release(address) {
      used.delete(parseAddress(address));
    },
  };
}

/** Cuts a range into blocks and hands them out one after the other. */
export function blocksOfCidr(cidr: string): (bits: number) => string {
  const { first, size } = parseCidr(cidr);
  let next = first;
  return (bits) => {
    const block = 2 ** (32 - bits);
    const start = Math.ceil(next / block) * block;
    if (start + block > first + size) throw new Error(`no block of /${bits} is left in ${cidr}`);
    next = start + block;
    return `${formatAddress(start)}/${bits}`;
  };
}
