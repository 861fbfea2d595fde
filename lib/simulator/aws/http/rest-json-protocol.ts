/**
 * REST-JSON: the operation is a method and a path, `POST /clusters/{name}/node-groups`; members come from the path, the
 * query and the JSON body. EKS.
 * https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 */
import { AwsError } from '../aws-error';
import type { Protocol } from '../service';
import { readJson } from './json-protocol';

/** `'POST /clusters/{clusterName}/node-groups': 'CreateNodegroup'`. */
export type Routes = Readonly<Record<string, string>>;

const HEADERS = { 'content-type': 'application/json' };

export function restJsonProtocol(routes: Routes): Protocol {
  const compiled = Object.entries(routes).map(([route, operation]) => compile(route, operation));
  return {
    decode(request, service) {
      for (const { method, pattern, names, operation } of compiled) {
        const match = method === request.method ? pattern.exec(request.path) : null;
        if (!match) continue;
        const fromQuery = [...new Set(request.query.keys())].map((key) => [key, queryValue(request.query.getAll(key))]);
        const fromPath = names.map((name, i) => [name, decodeURIComponent(match[i + 1]!)]);
        const input = { ...readJson(request.body), ...Object.fromEntries([...fromQuery, ...fromPath]) };
        return { operation, input };
      }
      throw new AwsError(
        'UnknownOperationException',
        `${request.method} ${request.path} of ${service.name} is not simulated by drydock (see docs/fidelity.md)`,
        404,
      );
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
}

function compile(route: string, operation: string) {
  const [method, path] = route.split(' ') as [string, string];
  const names: string[] = [];
  const pattern = path.replace(/\{(\w+)\}/g, (_, name) => {
    names.push(name);
    return '([^/]+)';
  });
  return { method, pattern: new RegExp(`^${pattern}/?$`), names, operation };
}

function queryValue(values: string[]): string | string[] {
  return values.length === 1 ? values[0]! : values;
}
