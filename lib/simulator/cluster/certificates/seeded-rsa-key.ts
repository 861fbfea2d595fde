/**
 * RSA keys from the simulation's seed, for what the cluster itself signs: tokens of service accounts, requested certificates.
 * https://www.rfc-editor.org/rfc/rfc8017
 *
 * The same cluster signs the same. (RSA because its signatures, unlike those of ECDSA, have no chance in them.) So whoever
 * knows the seed can forge them: a simulated cluster guards nothing.
 */
import { checkPrimeSync, createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Random } from '../../random';

export interface SeededRsaKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** As a JWKS lists it. */
  readonly jwk: object;
}

const PRIME_BYTES = 128;
const EXPONENT = 65537n;
const SMALL_PRIMES = smallPrimes(2000);
const TOP_BITS = 3n << BigInt(PRIME_BYTES * 8 - 2);

/** 2048 bits. Takes some 70 ms, so it is remembered by where it came from. */
const known = new Map<number, SeededRsaKey>();
const MAX_KNOWN = 20;

export function seededRsaKey(random: Random): SeededRsaKey {
  let key = known.get(random.seed);
  if (!key) {
    if (known.size >= MAX_KNOWN) known.clear();
    key = makeKey(random);
    known.set(random.seed, key);
  }
  return key;
}

function makeKey(random: Random): SeededRsaKey {
  const [a, b] = [prime(random), prime(random)];
  const [p, q] = a > b ? [a, b] : [b, a];
  const d = inverse(EXPONENT, (p - 1n) * (q - 1n));
  const [n, e] = [encode(p * q), encode(EXPONENT)];
  const privateParts = { d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const encoded = Object.fromEntries(Object.entries(privateParts).map(([name, value]) => [name, encode(value)]));
  const privateKey = createPrivateKey({ format: 'jwk', key: { kty: 'RSA', n, e, ...encoded } });
  const publicKey = createPublicKey(privateKey);
  const id = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  return { id, privateKey, publicKey, jwk: { use: 'sig', kty: 'RSA', kid: id, alg: 'RS256', n, e } };
}

/** 1024 bits; the two highest are set, so that two of them have 2048 together. */
function prime(random: Random): bigint {
  let candidate = BigInt(`0x${random.hex(PRIME_BYTES * 2)}`) | TOP_BITS | 1n;
  while (SMALL_PRIMES.some((each) => candidate % each === 0n) || !isUsable(candidate)) candidate += 2n;
  return candidate;
}

const isUsable = (candidate: bigint): boolean => (candidate - 1n) % EXPONENT !== 0n && checkPrimeSync(candidate);

function smallPrimes(limit: number): bigint[] {
  const primes: number[] = [];
  for (let i = 3; i < limit; i += 2) if (primes.every((each) => i % each !== 0)) primes.push(i);
  return primes.map(BigInt);
}

/** x with a * x = 1 modulo m (extended Euclid). */
function inverse(a: bigint, m: bigint): bigint {
  let [r, next] = [m, a % m];
  let [x, nextX] = [0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [x, nextX] = [nextX, x - quotient * nextX];
  }
  return x < 0n ? x + m : x;
}

function encode(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
}
