/**
 * The simulator's only source of chance: xoshiro128**, seeded once and handed down.
 *
 * The same seed gives the same history. `fork(label)` derives an independent stream, so that a new consumer of chance
 * in one place does not shift the choices made everywhere else.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  constructor(readonly seed: number) {
    let state = seed >>> 0;
    const splitmix = () => {
      state = (state + 0x9e3779b9) >>> 0;
      let z = state;
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
      return (z ^ (z >>> 16)) >>> 0;
    };
    this.a = splitmix();
    this.b = splitmix();
    this.c = splitmix();
    this.d = splitmix() | 1;
  }

  /** An independent stream that depends on this seed and the label only. */
  fork(label: string): Random {
    let hash = (2166136261 ^ this.seed) >>> 0;
    for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 16777619) >>> 0;
    return new Random(hash);
  }

  /** A whole number, 0 <= n < 2^32. */
  uint32(): number {
    const result = Math.imul(rotl(Math.imul(this.b, 5), 7), 9) >>> 0;
    const t = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= t;
    this.d = rotl(this.d, 11);
    return result;
  }

  /** A whole number, 0 <= n < limit. */
  int(limit: number): number {
    return Math.floor((this.uint32() / 0x1_0000_0000) * limit);
  }

  /** A fraction, 0 <= x < 1. */
  fraction(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('cannot pick from an empty list');
    return items[this.int(items.length)]!;
  }

  /** `length` characters of `alphabet`. */
  text(length: number, alphabet: string): string {
    let out = '';
    for (let i = 0; i < length; i++) out += alphabet[this.int(alphabet.length)];
    return out;
  }

  /** The suffix the API server and the controllers append to generated names: no vowels, no look-alikes. */
  nameSuffix(length = 5): string {
    return this.text(length, 'bcdfghjklmnpqrstvwxz2456789');
  }

  hex(length: number): string {
    return this.text(length, '0123456789abcdef');
  }

  /** A version 4 UUID. */
  uuid(): string {
    const h = this.hex(30);
    const variant = '89ab'[this.int(4)];
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(12, 15)}-${variant}${h.slice(15, 18)}-${h.slice(18, 30)}`;
  }
}

function rotl(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}
