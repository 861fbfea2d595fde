/**
 * S3's own REST: the operation follows from the method, from whether the path names a bucket or a key, and from
 * sub-resources in the query (`?location`, `?uploads`).
 * https://docs.aws.amazon.com/AmazonS3/latest/API/Type_API_Reference.html
 */
import { AwsError } from '../aws-error';
import type { HttpRequest, HttpResponse } from '../http/message';
import { escapeXml, xmlContent } from '../http/xml';
import type { Protocol } from '../service';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** `METHOD level ?sub-resource` -> operation; the first sub-resource that the query has decides. */
const OPERATIONS: Readonly<Record<string, string>> = {
  'GET service': 'ListBuckets',
  'PUT bucket': 'CreateBucket',
  'HEAD bucket': 'HeadBucket',
  'DELETE bucket': 'DeleteBucket',
  'GET bucket': 'ListObjectsV2',
  'GET bucket location': 'GetBucketLocation',
  'GET bucket encryption': 'GetBucketEncryption',
  'GET bucket versioning': 'GetBucketVersioning',
  'GET bucket versions': 'ListObjectVersions',
  'GET bucket policy': 'GetBucketPolicy',
  'GET bucket publicAccessBlock': 'GetPublicAccessBlock',
  'GET bucket tagging': 'GetBucketTagging',
  'POST bucket delete': 'DeleteObjects',
  'GET key': 'GetObject',
  'HEAD key': 'HeadObject',
  'PUT key': 'PutObject',
  'PUT key partNumber': 'UploadPart',
  'DELETE key': 'DeleteObject',
  'DELETE key uploadId': 'AbortMultipartUpload',
  'POST key uploads': 'CreateMultipartUpload',
  'POST key uploadId': 'CompleteMultipartUpload',
};
const SUB_RESOURCES = [
  'location',
  'encryption',
  'versioning',
  'versions',
  'policy',
  'publicAccessBlock',
  'tagging',
  'delete',
  'uploads',
  'partNumber',
  'uploadId',
  'acl',
  'lifecycle',
  'cors',
  'website',
  'notification',
  'attributes',
];

export const s3Protocol: Protocol = {
  decode(request) {
    const [bucket = '', ...rest] = request.path.slice(1).split('/');
    const key = decodeURIComponent(rest.join('/'));
    const level = key ? 'key' : bucket ? 'bucket' : 'service';
    const sub = SUB_RESOURCES.find((name) => request.query.has(name));
    const operation = OPERATIONS[sub ? `${request.method} ${level} ${sub}` : `${request.method} ${level}`];
    if (!operation) {
      const what = `${request.method} on a ${level}${sub ? ` with ?${sub}` : ''}`;
      throw new AwsError('NotImplemented', `${what} is not simulated by drydock (see docs/fidelity.md)`, 400);
    }
    const body = decodeBody(request);
    return {
      operation,
      input: { Bucket: decodeURIComponent(bucket), Key: key, query: request.query, headers: request.headers, body },
    };
  },
  /** A handler answers `{ body, headers }` for bytes, or `{ root: content }` for XML. */
  encode(output, { requestId }): HttpResponse {
    const headers = { 'x-amz-request-id': requestId, ...(output.headers as Record<string, string> | undefined) };
    const status = Number(output.status ?? 200);
    if (output.xml === undefined) return { status, headers, body: (output.body as Buffer | undefined) ?? '' };
    const [[root, content]] = Object.entries(output.xml) as [[string, unknown]];
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${xmlContent(content, 'member')}</${root}>`;
    return { status, headers: { ...headers, 'content-type': 'application/xml' }, body };
  },
  encodeError(error, requestId) {
    const details = Object.entries(error.details)
      .map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`)
      .join('');
    const body =
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message>` +
      `${details}<RequestId>${requestId}</RequestId></Error>`;
    return {
      status: error.status,
      headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId },
      body,
    };
  },
};

/** `aws-chunked` bodies: `SIZE;chunk-signature=...\r\n DATA \r\n ... 0\r\n trailers`. */
function decodeBody(request: HttpRequest): Buffer {
  const streamed =
    request.headers['content-encoding']?.includes('aws-chunked') ||
    request.headers['x-amz-content-sha256']?.startsWith('STREAMING-');
  if (!streamed) return request.body;
  const chunks: Buffer[] = [];
  let offset = 0;
  for (;;) {
    const end = request.body.indexOf('\r\n', offset);
    if (end < 0) break;
    const size = Number.parseInt(request.body.toString('latin1', offset, end), 16);
    if (!(size > 0)) break;
    chunks.push(request.body.subarray(end + 2, end + 2 + size));
    offset = end + 2 + size + 2;
  }
  return Buffer.concat(chunks);
}
