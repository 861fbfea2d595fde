/** Route 53's API. https://docs.aws.amazon.com/Route53/latest/APIReference/API_Operations_Amazon_Route_53.html */
import { AwsError } from '../aws-error';
import { childrenOf, childText, readXml, type XmlNode } from '../http/read-xml';
import { escapeXml, listOf, xmlContent } from '../http/xml';
import type { Call, Protocol, Service, WireObject } from '../service';
import {
  changeRecords,
  createZone,
  deleteZone,
  findZone,
  fullName,
  type HostedZone,
  type RecordAction,
  type RecordSet,
  sortedRecords,
  zonesOf,
} from './state';

const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/';
const ROUTES: readonly (readonly [method: string, path: RegExp, operation: string])[] = [
  ['POST', /^\/2013-04-01\/hostedzone\/?$/, 'CreateHostedZone'],
  ['GET', /^\/2013-04-01\/hostedzone\/?$/, 'ListHostedZones'],
  ['GET', /^\/2013-04-01\/hostedzonesbyname\/?$/, 'ListHostedZonesByName'],
  ['GET', /^\/2013-04-01\/hostedzone\/([^/]+)$/, 'GetHostedZone'],
  ['DELETE', /^\/2013-04-01\/hostedzone\/([^/]+)$/, 'DeleteHostedZone'],
  ['GET', /^\/2013-04-01\/hostedzone\/([^/]+)\/rrset\/?$/, 'ListResourceRecordSets'],
  ['POST', /^\/2013-04-01\/hostedzone\/([^/]+)\/rrset\/?$/, 'ChangeResourceRecordSets'],
  ['GET', /^\/2013-04-01\/change\/([^/]+)$/, 'GetChange'],
  ['GET', /^\/2013-04-01\/tags\/hostedzone\/([^/]+)$/, 'ListTagsForResource'],
];

const protocol: Protocol = {
  decode(request) {
    for (const [method, path, operation] of ROUTES) {
      const match = method === request.method ? path.exec(request.path) : null;
      if (!match) continue;
      const body = request.body.length > 0 ? Object.values(readXml(request.body.toString('utf8')))[0]?.[0] : undefined;
      return { operation, input: { Id: match[1], body, query: request.query } };
    }
    throw new AwsError(
      'InvalidAction',
      `${request.method} ${request.path} of Route53 is not simulated by drydock (see docs/fidelity.md)`,
    );
  },
  encode: (output, { operation, requestId }) => ({
    status: 200,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body: `<?xml version="1.0"?>\n<${operation}Response xmlns="${NAMESPACE}">${xmlContent(output, 'member')}</${operation}Response>`,
  }),
  encodeError: (error, requestId) => ({
    status: error.status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body:
      `<?xml version="1.0"?>\n<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>${error.code}</Code>` +
      `<Message>${escapeXml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  }),
};

export const route53: Service = {
  name: 'Route53',
  signingName: 'route53',
  protocol,
  operations: {
    CreateHostedZone: ({ body }, call) => {
      const zone = createZone(call, {
        name: childText(body, 'Name') ?? '',
        callerReference: childText(body, 'CallerReference') ?? '',
        comment: childText(childrenOf(body, 'HostedZoneConfig')[0], 'Comment'),
        isPrivate: childrenOf(body, 'VPC').length > 0,
      });
      return { HostedZone: wireZone(zone), ChangeInfo: changeInfo(call), DelegationSet: delegationSet(zone) };
    },
    ListHostedZones: (_input, call) => ({
      HostedZones: listOf('HostedZone', [...zonesOf(call).values()].map(wireZone)),
      IsTruncated: false,
      MaxItems: 100,
    }),
    ListHostedZonesByName: ({ query }, call) => {
      const from = query.get('dnsname') ? fullName(query.get('dnsname')) : '';
      const zones = [...zonesOf(call).values()].sort((a, b) => (a.name < b.name ? -1 : 1));
      const chosen = zones.filter(({ name }) => name >= from);
      return { HostedZones: listOf('HostedZone', chosen.map(wireZone)), IsTruncated: false, MaxItems: 100 };
    },
    GetHostedZone: ({ Id }, call) => {
      const zone = findZone(call, Id);
      return { HostedZone: wireZone(zone), DelegationSet: delegationSet(zone) };
    },
    DeleteHostedZone: ({ Id }, call) => {
      deleteZone(call, Id);
      return { ChangeInfo: changeInfo(call) };
    },
    ListResourceRecordSets: ({ Id }, call) => ({
      ResourceRecordSets: listOf('ResourceRecordSet', sortedRecords(findZone(call, Id)).map(wireRecord)),
      IsTruncated: false,
      MaxItems: 300,
    }),
    ChangeResourceRecordSets: ({ Id, body }, call) => {
      const changes = childrenOf(childrenOf(childrenOf(body, 'ChangeBatch')[0], 'Changes')[0], 'Change');
      changeRecords(
        findZone(call, Id),
        changes.map((change) => ({
          action: childText(change, 'Action') as RecordAction,
          record: readRecord(childrenOf(change, 'ResourceRecordSet')[0]),
        })),
      );
      return { ChangeInfo: changeInfo(call) };
    },
    GetChange: ({ Id }, call) => ({ ChangeInfo: { ...changeInfo(call), Id: `/change/${Id}` } }),
    ListTagsForResource: ({ Id }, call) => ({
      ResourceTagSet: { ResourceType: 'hostedzone', ResourceId: Id, Tags: listOf('Tag', findZone(call, Id).tags) },
    }),
  },
};

function changeInfo(call: Call): WireObject {
  const random = call.account.stateOf('route53/changes', () => call.account.random('route53/changes'));
  const Id = `/change/C${random.text(20, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789')}`;
  return { Id, Status: 'INSYNC', SubmittedAt: call.account.timestamp };
}

function delegationSet({ nameServers }: HostedZone): WireObject {
  return { NameServers: listOf('NameServer', nameServers) };
}

function wireZone({ id, name, callerReference, comment, isPrivate, records }: HostedZone): WireObject {
  return {
    Id: `/hostedzone/${id}`,
    Name: name,
    CallerReference: callerReference,
    Config: { Comment: comment, PrivateZone: isPrivate },
    ResourceRecordSetCount: records.size,
  };
}

function wireRecord({ name, type, setIdentifier, ttl, values, alias }: RecordSet): WireObject {
  return {
    Name: name,
    Type: type,
    SetIdentifier: setIdentifier,
    TTL: ttl,
    ResourceRecords:
      values.length > 0
        ? listOf(
            'ResourceRecord',
            values.map((Value) => ({ Value })),
          )
        : undefined,
    AliasTarget: alias && {
      HostedZoneId: alias.hostedZoneId,
      DNSName: alias.dnsName,
      EvaluateTargetHealth: alias.evaluateTargetHealth,
    },
  };
}

function readRecord(node: XmlNode | undefined): RecordSet {
  const ttl = childText(node, 'TTL');
  const [alias] = childrenOf(node, 'AliasTarget');
  return {
    name: fullName(childText(node, 'Name') ?? ''),
    type: childText(node, 'Type') ?? '',
    setIdentifier: childText(node, 'SetIdentifier'),
    ttl: ttl === undefined ? undefined : Number(ttl),
    values: childrenOf(childrenOf(node, 'ResourceRecords')[0], 'ResourceRecord').map(
      (record) => childText(record, 'Value') ?? '',
    ),
    alias:
      alias === undefined
        ? undefined
        : {
            hostedZoneId: childText(alias, 'HostedZoneId') ?? '',
            dnsName: fullName(childText(alias, 'DNSName') ?? ''),
            evaluateTargetHealth: childText(alias, 'EvaluateTargetHealth') === 'true',
          },
  };
}
