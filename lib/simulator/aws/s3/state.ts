/**
 * Buckets and objects. Bucket names are global; each bucket belongs to one region.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html
 */
import { createHash } from 'node:crypto';
import { AwsError } from '../aws-error';
import { globalState, type Scope } from '../service';
import type { Tag } from '../tags';

export interface S3Object {
  readonly key: string;
  readonly body: Buffer;
  /** With its quotes. */
  readonly etag: string;
  readonly contentType?: string;
  readonly lastModified: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Bucket {
  readonly name: string;
  readonly region: string;
  readonly creationDate: string;
  readonly objects: Map<string, S3Object>;
  tags: readonly Tag[];
  policy?: string;
  versioning?: string;
  /** `aws:kms` or `AES256`. */
  encryption: { algorithm: string; keyId?: string };
  publicAccessBlock?: Readonly<Record<string, unknown>>;
}

export interface MultipartUpload {
  readonly bucket: string;
  readonly key: string;
  readonly contentType?: string;
  readonly parts: Map<number, Buffer>;
}

interface S3State {
  readonly buckets: Map<string, Bucket>;
  readonly uploads: Map<string, MultipartUpload>;
}

export const s3Of = globalState<S3State>('s3', () => ({ buckets: new Map(), uploads: new Map() }));

export function findBucket(scope: Scope, name: string): Bucket {
  const bucket = s3Of(scope).buckets.get(name);
  if (!bucket) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: name });
  return bucket;
}

export function createBucket(scope: Scope, name: string): Bucket {
  const { buckets } = s3Of(scope);
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
    throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName: name });
  }
  if (buckets.has(name)) {
    throw new AwsError(
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      409,
      { BucketName: name },
    );
  }
  const bucket: Bucket = {
    name,
    region: scope.region,
    creationDate: scope.account.timestamp,
    objects: new Map(),
    tags: [],
    encryption: { algorithm: 'AES256' },
  };
  buckets.set(name, bucket);
  return bucket;
}

export function deleteBucket(scope: Scope, name: string): void {
  if (findBucket(scope, name).objects.size > 0) {
    throw new AwsError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409, { BucketName: name });
  }
  s3Of(scope).buckets.delete(name);
}

export function putObject(scope: Scope, bucketName: string, object: Omit<S3Object, 'etag' | 'lastModified'>): S3Object {
  const stored: S3Object = {
    ...object,
    etag: `"${createHash('md5').update(object.body).digest('hex')}"`,
    lastModified: scope.account.timestamp,
  };
  findBucket(scope, bucketName).objects.set(object.key, stored);
  return stored;
}

export function findObject(scope: Scope, bucketName: string, key: string): S3Object {
  const object = findBucket(scope, bucketName).objects.get(key);
  if (!object) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key });
  return object;
}

/**
 * Reads an object by its URL in any of the forms in use: path style (`http://127.0.0.1:4599/BUCKET/KEY`,
 * `https://s3.REGION.amazonaws.com/BUCKET/KEY`) or virtual-hosted (`https://BUCKET.s3.REGION.amazonaws.com/KEY`).
 */
export function findObjectByUrl(scope: Scope, url: string): S3Object {
  const { hostname, pathname } = new URL(url);
  const path = decodeURIComponent(pathname).slice(1);
  const virtual = /^(.+)\.s3[.-][a-z0-9.-]*amazonaws\.com(\.cn)?$/.exec(hostname);
  if (virtual) return findObject(scope, virtual[1]!, path);
  const slash = path.indexOf('/');
  return findObject(scope, path.slice(0, slash), path.slice(slash + 1));
}
