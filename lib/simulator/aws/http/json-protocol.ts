/**
 * JSON 1.1: one path, the operation in `X-Amz-Target: AmazonSSM.GetParameter`. SSM, KMS, CloudWatch Logs, ECR.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
import { AwsError } from '../aws-error';
import type { Protocol } from '../service';

const HEADERS = { 'content-type': 'application/x-amz-json-1.1' };

export const jsonProtocol: Protocol = {
  decode(request, service) {
    const operation = request.headers['x-amz-target']?.split('.').pop();
    if (!operation)
      throw new AwsError('UnknownOperationException', `The request to ${service.name} has no X-Amz-Target`);
    return { operation, input: readJson(request.body) };
  },
  encode: (output, { requestId }) => ({
    status: 200,
    headers: { ...HEADERS, 'x-amzn-requestid': requestId },
    body: JSON.stringify(output),
  }),
  encodeError: (error, requestId) => ({
    status: error.status,
    headers: { ...HEADERS, 'x-amzn-requestid': requestId, 'x-amzn-errortype': error.code },
    body: JSON.stringify({ __type: error.code, message: error.message, ...error.details }),
  }),
};

export function readJson(body: Buffer): Readonly<Record<string, any>> {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8')) ?? {};
  } catch {
    throw new AwsError('SerializationException', 'The request body is not JSON');
  }
}
