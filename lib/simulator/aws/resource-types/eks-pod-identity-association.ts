/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-podidentityassociation.html */
import type { ResourceRequest, ResourceType } from '../cloudformation/resource-type';
import { createPodIdentity, findPodIdentity } from '../eks/identities';
import { eksOf } from '../eks/state';
import { tagsToMap } from '../tags';
import { apiMembers } from './eks-properties';

/** The physical id is the ARN: `.../podidentityassociation/CLUSTER/ID`. */
const find = (arn: string, request: ResourceRequest) => {
  const [clusterName, id] = arn.split('/').slice(-2) as [string, string];
  return findPodIdentity(request, clusterName, id);
};

export const podIdentityAssociation: ResourceType = {
  typeName: 'AWS::EKS::PodIdentityAssociation',
  create: (properties, request) =>
    createPodIdentity(request, { ...apiMembers(properties), tags: tagsToMap(request.tags(properties.Tags)) })
      .associationArn,
  update: (arn, properties, request) => {
    find(arn, request).roleArn = String(properties.RoleArn);
  },
  delete: (arn, request) => {
    const { clusterName, associationId } = find(arn, request);
    eksOf(request).find(clusterName).podIdentities.delete(associationId);
  },
  attributes: {
    AssociationArn: (arn) => arn,
    AssociationId: (arn, request) => find(arn, request).associationId,
  },
};
