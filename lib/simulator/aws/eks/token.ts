/**
 * The bearer token of `aws eks get-token`: a presigned STS request, in base64url, behind `k8s-aws-v1.`
 * https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster
 *
 * The real authenticator sends the URL to STS. Here the signature is computed again from the secret of the access key in
 * it, with this cluster's own name in the signed header: a token made for another cluster does not match.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

const PREFIX = 'k8s-aws-v1.';
const MAX_TOKEN_BYTES = 4 * 1024;
const MAX_EXPIRES_SECONDS = 900;
/** A presigned URL is good for 15 minutes, whatever its X-Amz-Expires says. */
const MAX_AGE_MS = 15 * 60_000;
/** Clocks differ a little. */
const MAX_SKEW_MS = 5 * 60_000;
const HOST = /^sts(-fips)?(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?$/;
const KNOWN_KEYS = new Set([
  'action',
  'version',
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-signedheaders',
  'x-amz-content-sha256',
  'x-amz-user-agent',
]);

export interface TokenIdentity {
  readonly accessKeyId: string;
  /** The IAM principal's ARN. */
  readonly arn: string;
}

export interface VerifyTokenOptions {
  readonly clusterName: string;
  /** Wall time, milliseconds since 1970: tokens are made outside, where no virtual clock runs. */
  readonly now: number;
  /** The secret of an access key, and who it belongs to. */
  identityOf(accessKeyId: string): { readonly secretAccessKey: string; readonly arn: string } | undefined;
}

/** Why a token was refused. The client only hears `Unauthorized`. */
export class InvalidToken extends Error {
  override readonly name = 'InvalidToken';
}

/** @throws InvalidToken */
export function verifyEksToken(token: string, options: VerifyTokenOptions): TokenIdentity {
  const url = readUrl(token);
  const query = readQuery(url);
  checkDate(query, options.now);
  const [accessKeyId, date, region, service, terminator] = query['x-amz-credential']!.split('/');
  if (!accessKeyId || !date || !region || service !== 'sts' || terminator !== 'aws4_request') {
    throw new InvalidToken('malformed X-Amz-Credential');
  }
  const identity = options.identityOf(accessKeyId);
  if (!identity) throw new InvalidToken(`unknown access key ${accessKeyId}`);
  const expected = sign(url, query, { ...options, secret: identity.secretAccessKey, date, region });
  const given = Buffer.from(query['x-amz-signature']!, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new InvalidToken(
      `the signature does not match (is the token for another cluster than ${options.clusterName}?)`,
    );
  }
  return { accessKeyId, arn: identity.arn };
}

function readUrl(token: string): URL {
  if (!token.startsWith(PREFIX)) throw new InvalidToken(`the token does not start with ${PREFIX}`);
  if (token.length > MAX_TOKEN_BYTES) throw new InvalidToken('the token is too large');
  const text = Buffer.from(token.slice(PREFIX.length), 'base64url').toString('utf8');
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new InvalidToken('the token holds no URL');
  }
  if (url.protocol !== 'https:') throw new InvalidToken(`unexpected scheme ${url.protocol}`);
  if (!HOST.test(url.host)) throw new InvalidToken(`unexpected host ${url.host}`);
  if (url.pathname !== '/') throw new InvalidToken(`unexpected path ${url.pathname}`);
  return url;
}

/** The query with lower-case keys. */
function readQuery(url: URL): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [key, value] of url.searchParams) {
    const name = key.toLowerCase();
    if (!KNOWN_KEYS.has(name)) throw new InvalidToken(`unexpected query parameter ${key}`);
    if (Object.hasOwn(query, name)) throw new InvalidToken(`repeated query parameter ${key}`);
    query[name] = value;
  }
  for (const name of [
    'action',
    'x-amz-credential',
    'x-amz-date',
    'x-amz-expires',
    'x-amz-signature',
    'x-amz-signedheaders',
  ]) {
    if (!query[name]) throw new InvalidToken(`missing query parameter ${name}`);
  }
  if (query.action !== 'GetCallerIdentity') throw new InvalidToken(`unexpected action ${query.action}`);
  if (query['x-amz-algorithm'] !== 'AWS4-HMAC-SHA256') throw new InvalidToken('unexpected signing algorithm');
  if (!query['x-amz-signedheaders']!.split(';').includes('x-k8s-aws-id')) {
    throw new InvalidToken('the header x-k8s-aws-id is not signed');
  }
  return query;
}

function checkDate(query: Record<string, string>, now: number): void {
  const expires = Number(query['x-amz-expires']);
  if (!(expires >= 0 && expires <= MAX_EXPIRES_SECONDS)) throw new InvalidToken(`invalid X-Amz-Expires ${expires}`);
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query['x-amz-date']!);
  if (!match) throw new InvalidToken('malformed X-Amz-Date');
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const signed = Date.UTC(year, month - 1, day, hour, minute, second);
  if (now - signed > MAX_AGE_MS) throw new InvalidToken('the token has expired');
  if (signed - now > MAX_SKEW_MS) throw new InvalidToken('the token is from the future');
}

interface SigningInput {
  readonly clusterName: string;
  readonly secret: string;
  readonly date: string;
  readonly region: string;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function sign(url: URL, query: Record<string, string>, { clusterName, secret, date, region }: SigningInput): Buffer {
  const headers: Record<string, string> = { host: url.host, 'x-k8s-aws-id': clusterName };
  const signedHeaders = query['x-amz-signedheaders']!;
  const canonicalHeaders = signedHeaders.split(';').map((name) => `${name}:${headers[name] ?? ''}\n`);
  const canonicalQuery = [...url.searchParams]
    .filter(([key]) => key.toLowerCase() !== 'x-amz-signature')
    .map(([key, value]) => `${encode(key)}=${encode(value)}`)
    .sort()
    .join('&');
  const emptyBody = sha256('');
  const canonicalRequest = ['GET', '/', canonicalQuery, canonicalHeaders.join(''), signedHeaders, emptyBody].join('\n');
  const scope = `${date}/${region}/sts/aws4_request`;
  const stringToSign = ['AWS4-HMAC-SHA256', query['x-amz-date'], scope, sha256(canonicalRequest)].join('\n');
  const key = [date, region, 'sts', 'aws4_request'].reduce<Buffer | string>(
    (k, part) => hmac(k, part),
    `AWS4${secret}`,
  );
  return hmac(key, stringToSign);
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
