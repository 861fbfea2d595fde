/**
 * The two form-encoded protocols: Query (`Tags.member.1.Key=a`, answers wrapped in `<XResult>`) and EC2 Query
 * (`Filter.1.Value.1=a`, answers without a wrapper).
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html  https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
 */
import { AwsError } from '../aws-error';
import type { Decoded, Protocol, Service, WireObject } from '../service';
import type { HttpRequest } from './message';
import { escapeXml, xmlContent } from './xml';

const XML_HEADERS = { 'content-type': 'text/xml;charset=utf-8' };

export const queryProtocol: Protocol = {
  decode: decodeForm,
  encode(output, { service, operation, requestId }) {
    const namespace = `xmlns="${namespaceOf(service)}"`;
    const result = `<${operation}Result>${xmlContent(output, 'member')}</${operation}Result>`;
    const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
    return {
      status: 200,
      headers: { ...XML_HEADERS, 'x-amzn-requestid': requestId },
      body: `<${operation}Response ${namespace}>${result}${metadata}</${operation}Response>`,
    };
  },
  encodeError(error, requestId) {
    const body =
      `<ErrorResponse><Error><Type>Sender</Type><Code>${error.code}</Code>` +
      `<Message>${escapeXml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
    return { status: error.status, headers: { ...XML_HEADERS, 'x-amzn-requestid': requestId }, body };
  },
};

export const ec2Protocol: Protocol = {
  decode: decodeForm,
  encode(output, { service, operation, requestId }) {
    const namespace = `xmlns="http://ec2.amazonaws.com/doc/${service.version}/"`;
    const content = `<requestId>${requestId}</requestId>${xmlContent(output, 'item')}`;
    return {
      status: 200,
      headers: { ...XML_HEADERS, 'x-amzn-requestid': requestId },
      body: `<${operation}Response ${namespace}>${content}</${operation}Response>`,
    };
  },
  encodeError(error, requestId) {
    const body =
      `<Response><Errors><Error><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message></Error></Errors>` +
      `<RequestID>${requestId}</RequestID></Response>`;
    return { status: error.status, headers: { ...XML_HEADERS, 'x-amzn-requestid': requestId }, body };
  },
};

function namespaceOf(service: Service): string {
  return `http://${service.signingName}.amazonaws.com/doc/${service.version}/`;
}

function decodeForm(request: HttpRequest, service: Service): Decoded {
  const form = request.body.length > 0 ? new URLSearchParams(request.body.toString('utf8')) : request.query;
  const operation = form.get('Action');
  if (!operation) throw new AwsError('MissingAction', `The request to ${service.name} names no Action`);
  return { operation, input: readForm(form) };
}

/**
 * `Tags.member.1.Key=a&Tags.member.1.Value=b` -> `{ Tags: [{ Key: 'a', Value: 'b' }] }`;
 * `Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1` -> `{ Filter: [{ Name: 'vpc-id', Value: ['vpc-1'] }] }`.
 */
export function readForm(form: URLSearchParams): WireObject {
  const root: Node = { children: new Map() };
  const emptyLists: string[] = [];
  for (const [name, value] of form) {
    if (name === 'Action' || name === 'Version') continue;
    if (value === '' && EMPTY_LIST.test(name)) {
      emptyLists.push(name);
      continue;
    }
    let node = root;
    for (const part of name.split('.')) {
      if (part === 'member') continue;
      let child = node.children.get(part);
      if (!child) {
        child = { children: new Map() };
        node.children.set(part, child);
      }
      node = child;
    }
    node.value = value;
  }
  const members = (plain(root) as WireObject | undefined) ?? {};
  return { ...Object.fromEntries(emptyLists.map((name) => [name, []])), ...members };
}

/** An empty list is written `Tags=`; nothing tells it from an empty string but its name, which is a plural. */
const EMPTY_LIST = /^[A-Za-z]+s$/;

interface Node {
  value?: string;
  readonly children: Map<string, Node>;
}

function plain(node: Node): unknown {
  if (node.children.size === 0) return node.value;
  const entries = [...node.children];
  if (entries.every(([key]) => /^\d+$/.test(key))) {
    return entries.sort((a, b) => Number(a[0]) - Number(b[0])).map(([, child]) => plain(child));
  }
  return Object.fromEntries(entries.map(([key, child]) => [key, plain(child)]));
}
