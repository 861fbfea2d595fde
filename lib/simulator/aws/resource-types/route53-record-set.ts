/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-route53-recordset.html */
import { AwsError } from '../aws-error';
import type { Properties, ResourceRequest, ResourceType } from '../cloudformation/resource-type';
import { changeRecords, findZone, fullName, type HostedZone, type RecordSet, zonesOf } from '../route53/state';

function zoneOf(properties: Properties, request: ResourceRequest): HostedZone {
  if (properties.HostedZoneId) return findZone(request, String(properties.HostedZoneId));
  const name = fullName(String(properties.HostedZoneName));
  const zone = [...zonesOf(request).values()].find((item) => item.name === name);
  if (!zone) throw new AwsError('NoSuchHostedZone', `No hosted zone found with name: ${name}`, 404);
  return zone;
}

function recordOf({ Name, Type, SetIdentifier, TTL, ResourceRecords, AliasTarget }: Properties): RecordSet {
  return {
    name: fullName(String(Name)),
    type: String(Type),
    setIdentifier: SetIdentifier,
    ttl: TTL === undefined ? undefined : Number(TTL),
    values: ResourceRecords ?? [],
    alias: AliasTarget && {
      hostedZoneId: AliasTarget.HostedZoneId,
      dnsName: fullName(String(AliasTarget.DNSName)),
      evaluateTargetHealth: String(AliasTarget.EvaluateTargetHealth) === 'true',
    },
  };
}

/** The physical id is the record's name. */
export const recordSet: ResourceType = {
  typeName: 'AWS::Route53::RecordSet',
  latencies: { create: 30_000, update: 30_000, delete: 30_000 },
  create: (properties, request) => {
    changeRecords(zoneOf(properties, request), [{ action: 'CREATE', record: recordOf(properties) }]);
    return String(properties.Name);
  },
  update: (_id, properties, request) =>
    changeRecords(zoneOf(properties, request), [{ action: 'UPSERT', record: recordOf(properties) }]),
  delete: (_id, request, properties) =>
    changeRecords(zoneOf(properties, request), [{ action: 'DELETE', record: recordOf(properties) }]),
};
