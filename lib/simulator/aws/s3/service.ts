/**
 * S3, as far as publishing assets and emptying buckets needs it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html
 *
 * Left out: versions (a bucket keeps the newest object), ACLs, lifecycle rules, ranges.
 */
import { createHash } from 'node:crypto';
import { AwsError } from '../aws-error';
import { childrenOf, childText, readXml } from '../http/read-xml';
import { flatList } from '../http/xml';
import type { Call, Operation, Service, WireObject } from '../service';
import { s3Protocol } from './protocol';
import { createBucket, deleteBucket, findBucket, findObject, putObject, type S3Object, s3Of } from './state';

export const s3: Service = {
  name: 'S3',
  signingName: 's3',
  protocol: s3Protocol,
  operations: {
    ListBuckets: (_input, call) => ({
      xml: {
        ListAllMyBucketsResult: {
          Buckets: {
            Bucket: flatList(
              'Bucket',
              [...s3Of(call).buckets.values()].map((bucket) => ({
                Name: bucket.name,
                CreationDate: bucket.creationDate,
                BucketRegion: bucket.region,
              })),
            ),
          },
          Owner: { ID: call.account.accountId },
        },
      },
    }),
    CreateBucket: ({ Bucket }, call) => {
      createBucket(call, Bucket);
      return { headers: { location: `/${Bucket}` } };
    },
    DeleteBucket: ({ Bucket }, call) => {
      deleteBucket(call, Bucket);
      return { status: 204 };
    },
    HeadBucket: ({ Bucket }, call) => ({ headers: { 'x-amz-bucket-region': findBucket(call, Bucket).region } }),
    GetBucketLocation: ({ Bucket }, call) => {
      const { region } = findBucket(call, Bucket);
      return { xml: { LocationConstraint: region === 'us-east-1' ? '' : region } };
    },
    GetBucketEncryption: ({ Bucket }, call) => {
      const { algorithm, keyId } = findBucket(call, Bucket).encryption;
      const byDefault = { SSEAlgorithm: algorithm, KMSMasterKeyID: keyId };
      const rule = { ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled: false };
      return { xml: { ServerSideEncryptionConfiguration: { Rule: flatList('Rule', [rule]) } } };
    },
    GetBucketVersioning: ({ Bucket }, call) => ({
      xml: { VersioningConfiguration: { Status: findBucket(call, Bucket).versioning } },
    }),
    GetBucketTagging: ({ Bucket }, call) => {
      const tags = findBucket(call, Bucket).tags;
      if (tags.length === 0) throw new AwsError('NoSuchTagSet', 'The TagSet does not exist', 404);
      return { xml: { Tagging: { TagSet: { Tag: flatList('Tag', tags) } } } };
    },
    GetBucketPolicy: ({ Bucket }, call) => {
      const { policy } = findBucket(call, Bucket);
      if (!policy) throw new AwsError('NoSuchBucketPolicy', 'The bucket policy does not exist', 404);
      return { body: Buffer.from(policy) };
    },
    GetPublicAccessBlock: ({ Bucket }, call) => {
      const block = findBucket(call, Bucket).publicAccessBlock;
      if (!block) {
        const message = 'The public access block configuration was not found';
        throw new AwsError('NoSuchPublicAccessBlockConfiguration', message, 404);
      }
      return { xml: { PublicAccessBlockConfiguration: block } };
    },
    ListObjectsV2: (input, call) => listObjects(input, call),
    ListObjectVersions: ({ Bucket, query }, call) => ({
      xml: {
        ListVersionsResult: {
          Name: Bucket,
          IsTruncated: false,
          Version: flatList(
            'Version',
            objectsWithPrefix(call, Bucket, query.get('prefix')).map((object) => ({
              ...wireObject(object),
              VersionId: 'null',
              IsLatest: true,
            })),
          ),
        },
      },
    }),
    ...objectOperations(),
    ...multipartOperations(),
  },
};

function objectOperations(): Record<string, Operation> {
  return {
    PutObject: ({ Bucket, Key, headers, body }, call) => {
      const source: string | undefined = headers['x-amz-copy-source'];
      if (source) return copyObject(source, { Bucket, Key }, call);
      const object = putObject(call, Bucket, {
        key: Key,
        body,
        contentType: headers['content-type'],
        metadata: metadataOf(headers),
      });
      return { headers: { etag: object.etag } };
    },
    GetObject: ({ Bucket, Key }, call) => {
      const object = findObject(call, Bucket, Key);
      return { body: object.body, headers: objectHeaders(object) };
    },
    HeadObject: ({ Bucket, Key }, call) => {
      const object = findObject(call, Bucket, Key);
      return { body: object.body, headers: objectHeaders(object) };
    },
    DeleteObject: ({ Bucket, Key }, call) => {
      findBucket(call, Bucket).objects.delete(Key);
      return { status: 204 };
    },
    DeleteObjects: ({ Bucket, body }, call) => {
      const bucket = findBucket(call, Bucket);
      const [request] = Object.values(readXml(body.toString('utf8'))).flat();
      const keys = childrenOf(request, 'Object').map((object) => childText(object, 'Key') ?? '');
      for (const key of keys) bucket.objects.delete(key);
      return {
        xml: {
          DeleteResult: {
            Deleted: flatList(
              'Deleted',
              keys.map((Key) => ({ Key })),
            ),
          },
        },
      };
    },
  };
}

function multipartOperations(): Record<string, Operation> {
  const findUpload = (call: Call, query: URLSearchParams) => {
    const upload = s3Of(call).uploads.get(query.get('uploadId') ?? '');
    if (!upload) throw new AwsError('NoSuchUpload', 'The specified multipart upload does not exist.', 404);
    return upload;
  };
  return {
    CreateMultipartUpload: ({ Bucket, Key, headers }, call) => {
      findBucket(call, Bucket);
      const UploadId = call.account.stateOf('s3/upload-ids', () => call.account.random('s3/uploads')).hex(32);
      s3Of(call).uploads.set(UploadId, {
        bucket: Bucket,
        key: Key,
        contentType: headers['content-type'],
        parts: new Map(),
      });
      return { xml: { InitiateMultipartUploadResult: { Bucket, Key, UploadId } } };
    },
    UploadPart: ({ query, body }, call) => {
      findUpload(call, query).parts.set(Number(query.get('partNumber')), body);
      return { headers: { etag: `"${createHash('md5').update(body).digest('hex')}"` } };
    },
    CompleteMultipartUpload: ({ Bucket, Key, query }, call) => {
      const upload = findUpload(call, query);
      const parts = [...upload.parts].sort((a, b) => a[0] - b[0]).map(([, part]) => part);
      const object = putObject(call, Bucket, {
        key: Key,
        body: Buffer.concat(parts),
        contentType: upload.contentType,
        metadata: {},
      });
      s3Of(call).uploads.delete(query.get('uploadId') ?? '');
      const Location = `https://${Bucket}.s3.${call.region}.amazonaws.com/${Key}`;
      return { xml: { CompleteMultipartUploadResult: { Location, Bucket, Key, ETag: object.etag } } };
    },
    AbortMultipartUpload: ({ query }, call) => {
      findUpload(call, query);
      s3Of(call).uploads.delete(query.get('uploadId') ?? '');
      return { status: 204 };
    },
  };
}

function listObjects({ Bucket, query }: WireObject, call: Call): WireObject {
  const prefix = query.get('prefix') ?? '';
  const maxKeys = Number(query.get('max-keys') ?? 1000);
  const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
  const all = objectsWithPrefix(call, Bucket, prefix).filter(({ key }) => key > after);
  const page = all.slice(0, maxKeys);
  const truncated = all.length > page.length;
  return {
    xml: {
      ListBucketResult: {
        Name: Bucket,
        Prefix: prefix,
        KeyCount: page.length,
        MaxKeys: maxKeys,
        IsTruncated: truncated,
        NextContinuationToken: truncated ? page[page.length - 1]!.key : undefined,
        Contents: flatList('Contents', page.map(wireObject)),
      },
    },
  };
}

function objectsWithPrefix(call: Call, bucket: string, prefix: string | null): S3Object[] {
  return [...findBucket(call, bucket).objects.values()]
    .filter(({ key }) => key.startsWith(prefix ?? ''))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

function copyObject(source: string, target: { Bucket: string; Key: string }, call: Call): WireObject {
  const [bucket = '', ...rest] = decodeURIComponent(source).replace(/^\//, '').split('/');
  const { body, contentType, metadata } = findObject(call, bucket, rest.join('/'));
  const object = putObject(call, target.Bucket, { key: target.Key, body, contentType, metadata });
  return { xml: { CopyObjectResult: { ETag: object.etag, LastModified: object.lastModified } } };
}

function wireObject(object: S3Object): WireObject {
  return {
    Key: object.key,
    LastModified: object.lastModified,
    ETag: object.etag,
    Size: object.body.length,
    StorageClass: 'STANDARD',
  };
}

function objectHeaders(object: S3Object): Record<string, string> {
  const metadata = Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]);
  return {
    etag: object.etag,
    'last-modified': new Date(object.lastModified).toUTCString(),
    'content-type': object.contentType ?? 'binary/octet-stream',
    ...Object.fromEntries(metadata),
  };
}

function metadataOf(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const prefix = 'x-amz-meta-';
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value ?? '']),
  );
}
