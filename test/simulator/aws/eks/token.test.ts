import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { verifyEksToken } from '../../../../lib/simulator/aws/eks/token';

const CREDENTIALS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' };
const ARN = 'arn:aws:iam::000123456789:user/dev';
const NOW = Date.UTC(2026, 5, 1, 12);

class Sha256 {
  private readonly hash;
  constructor(secret?: string | Uint8Array) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }
  update(data: string | Uint8Array) {
    this.hash.update(data);
  }
  async digest() {
    return new Uint8Array(this.hash.digest());
  }
}

/** The token as the AWS CLI makes it, signed by the SDK's own signer. */
async function tokenFor(clusterName: string, change: { signed?: number; expiresIn?: number; host?: string } = {}) {
  const signer = new SignatureV4({
    credentials: CREDENTIALS,
    region: 'eu-west-1',
    service: 'sts',
    sha256: Sha256 as never,
  });
  const hostname = change.host ?? 'sts.eu-west-1.amazonaws.com';
  const request = {
    method: 'GET',
    protocol: 'https:',
    hostname,
    path: '/',
    query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
    headers: { host: hostname, 'x-k8s-aws-id': clusterName },
  };
  const signed = await signer.presign(request as never, {
    expiresIn: change.expiresIn ?? 60,
    signingDate: new Date(change.signed ?? NOW),
    unhoistableHeaders: new Set(['x-k8s-aws-id']),
    hoistableHeaders: new Set(),
  });
  const query = Object.entries(signed.query as Record<string, string>)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join('&');
  return `k8s-aws-v1.${Buffer.from(`https://${hostname}/?${query}`).toString('base64url')}`;
}

const verify = (token: string, clusterName = 'dev', now = NOW) =>
  verifyEksToken(token, {
    clusterName,
    now,
    identityOf: (id) =>
      id === CREDENTIALS.accessKeyId ? { secretAccessKey: CREDENTIALS.secretAccessKey, arn: ARN } : undefined,
  });

describe('an EKS token', () => {
  test('signed by the SDK names its IAM principal', async () => {
    expect(verify(await tokenFor('dev'))).toEqual({ arn: ARN, accessKeyId: CREDENTIALS.accessKeyId });
  });

  test('for one cluster is refused by another', async () => {
    const token = await tokenFor('dev');
    expect(() => verify(token, 'prod')).toThrow(/signature does not match/);
  });

  test('is good for fifteen minutes, whatever it says', async () => {
    const token = await tokenFor('dev');
    expect(() => verify(token, 'dev', NOW + 14 * 60_000)).not.toThrow();
    expect(() => verify(token, 'dev', NOW + 16 * 60_000)).toThrow(/expired/);
    const long = await tokenFor('dev', { expiresIn: 3600 });
    expect(() => verify(long)).toThrow(/X-Amz-Expires/);
  });

  test('is refused when it is anything else than a signed question to STS', async () => {
    expect(() => verify('Bearer abc')).toThrow(/does not start with/);
    expect(() => verify(`k8s-aws-v1.${Buffer.from('http://sts.amazonaws.com/').toString('base64url')}`)).toThrow(
      /scheme/,
    );
    expect(() => verify(`k8s-aws-v1.${'A'.repeat(5000)}`)).toThrow(/too large/);
    const elsewhere = await tokenFor('dev', { host: 'sts.example.com' });
    expect(() => verify(elsewhere)).toThrow(/host/);
    const [prefix, body] = (await tokenFor('dev')).split('.') as [string, string];
    const url = Buffer.from(body, 'base64url').toString();
    const again = (text: string) => `${prefix}.${Buffer.from(text).toString('base64url')}`;
    expect(() => verify(again(`${url}&Action=GetCallerIdentity`))).toThrow(/repeated/);
    expect(() => verify(again(`${url}&x=1`))).toThrow(/unexpected query parameter/);
    expect(() => verify(again(url.replace('x-k8s-aws-id', 'x-other')))).toThrow(/not signed/);
  });
});
