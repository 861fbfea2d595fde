/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-route53-hostedzone.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { createZone, deleteZone, findZone } from '../route53/state';

export const hostedZone: ResourceType = {
  typeName: 'AWS::Route53::HostedZone',
  required: ['Name'],
  latencies: { create: 40_000 },
  create: (properties, request) =>
    createZone(request, {
      name: String(properties.Name),
      callerReference: request.uniqueId,
      comment: properties.HostedZoneConfig?.Comment,
      isPrivate: (properties.VPCs ?? []).length > 0,
      tags: request.tags(properties.HostedZoneTags),
    }).id,
  update: (id, properties, request) => {
    const zone = findZone(request, id);
    zone.comment = properties.HostedZoneConfig?.Comment;
    zone.tags = request.tags(properties.HostedZoneTags);
  },
  delete: (id, request) => deleteZone(request, id),
  attributes: { Id: (id) => id, NameServers: (id, request) => findZone(request, id).nameServers },
};
