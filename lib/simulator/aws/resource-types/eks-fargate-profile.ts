/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-fargateprofile.html */
import type { ResourceRequest, ResourceType } from '../cloudformation/resource-type';
import { createFargateProfile, deleteFargateProfile, findFargateProfile } from '../eks/identities';
import { eksOf } from '../eks/state';
import { tagsToMap } from '../tags';
import { apiMembers } from './eks-properties';

/** The physical id is `cluster|profile`. */
const split = (id: string) => id.split('|') as [string, string];
const find = (id: string, request: ResourceRequest) => findFargateProfile(request, ...split(id));

export const fargateProfile: ResourceType = {
  typeName: 'AWS::EKS::FargateProfile',
  latencies: { deletePatience: 15 * 60_000 },
  create: (properties, request) => {
    const name = String(properties.FargateProfileName ?? `${request.logicalId}-${request.uniqueId.slice(0, 12)}`);
    const tags = tagsToMap(request.tags(properties.Tags));
    createFargateProfile(request, { ...apiMembers(properties), fargateProfileName: name, tags });
    return `${properties.ClusterName}|${name}`;
  },
  settled: (id, request) => find(id, request).status === 'ACTIVE',
  update: (id, properties, request) => {
    find(id, request).tags = tagsToMap(request.tags(properties.Tags));
  },
  delete: (id, request) => {
    deleteFargateProfile(request, ...split(id));
  },
  deleted: (id, request) => !eksOf(request).clusters.get(split(id)[0])?.fargateProfiles.has(split(id)[1]),
  attributes: { Arn: (id, request) => find(id, request).fargateProfileArn },
};
