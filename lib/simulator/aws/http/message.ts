/**
 * The HTTP door without sockets: one request in, one answer out.
 *
 * Every service has one address; the SigV4 credential scope (`.../REGION/SERVICE/aws4_request`) in the Authorization
 * header or in a presigned query says which service is meant.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 *
 * Left out: signatures are not checked here (any key is let in; `eks/token.ts` does check them), nor clock skew.
 */
import type { AwsAccount } from '../account';
import { AwsError, notSimulated } from '../aws-error';
import type { Service } from '../service';
import { tryService } from '../services';
import { jsonProtocol } from './json-protocol';
import { queryProtocol } from './query-protocol';

export interface HttpRequest {
  readonly method: string;
  /** Without the query. Still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

interface CredentialScope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

export function answer(account: AwsAccount, request: HttpRequest): HttpResponse {
  const requestId = account.stateOf('http/request-ids', () => account.random('request-ids')).uuid();
  const scope = tryCredentialScope(request);
  const service = serviceOf(request, scope);
  if (!service) {
    const what = scope ? `The service "${scope.service}"` : `${request.method} ${request.path}, which is not signed,`;
    // Nobody says which protocol the client speaks; what it sent does.
    const isJson = /json|cbor/.test(request.headers['content-type'] ?? '') || request.method === 'GET';
    return (isJson ? jsonProtocol : queryProtocol).encodeError(notSimulated(what), requestId);
  }
  try {
    const { operation, input } = service.protocol.decode(request, service);
    const output = account.call(service.signingName, operation, input, {
      region: scope?.region ?? account.region,
      principal: principalOf(account, scope),
    });
    return service.protocol.encode(output, { service, operation, requestId });
  } catch (error) {
    if (error instanceof AwsError) return service.protocol.encodeError(error, requestId);
    if (error instanceof URIError) {
      const refused = new AwsError('InvalidRequest', `The address ${request.path} is not well-formed`);
      return service.protocol.encodeError(refused, requestId);
    }
    const message = `drydock failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    // A bug of ours. 501 is a status that no SDK retries: it reaches the person at once.
    return service.protocol.encodeError({ code: 'InternalFailure', message, status: 501, details: {} }, requestId);
  }
}

/** Which operation a request names, if it names one that this account knows. */
export function tryOperationOf(request: HttpRequest): string | undefined {
  const service = serviceOf(request, tryCredentialScope(request));
  if (!service) return undefined;
  try {
    return `${service.signingName}:${service.protocol.decode(request, service).operation}`;
  } catch {
    return undefined;
  }
}

function principalOf(account: AwsAccount, scope: CredentialScope | undefined): string {
  return (scope && account.tryIdentityOf(scope.accessKeyId)?.arn) ?? account.userArn;
}

function serviceOf(request: HttpRequest, scope: CredentialScope | undefined): Service | undefined {
  if (scope) return tryService(scope.service);
  const fromHost = /^([a-z0-9-]+)\..*amazonaws\.com/.exec(request.headers.host ?? '')?.[1];
  if (fromHost && tryService(fromHost)) return tryService(fromHost);
  const target = request.headers['x-amz-target'];
  if (target) return tryService(target.startsWith('AmazonSSM.') ? 'ssm' : target.startsWith('Logs_') ? 'logs' : '');
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  // Unsigned Query requests exist (AssumeRoleWithWebIdentity); every other unsigned request is S3's.
  return tryService(isForm ? 'sts' : 's3');
}

function tryCredentialScope(request: HttpRequest): CredentialScope | undefined {
  const header = request.headers.authorization ?? '';
  const text = /Credential=([^,\s]+)/.exec(header)?.[1] ?? request.query.get('X-Amz-Credential') ?? '';
  const [accessKeyId, , region, service] = text.split('/');
  return accessKeyId && region && service ? { accessKeyId, region, service } : undefined;
}
