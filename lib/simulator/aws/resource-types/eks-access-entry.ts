/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-accessentry.html */
import type { ResourceRequest, ResourceType } from '../cloudformation/resource-type';
import { associatePolicy, findAccessEntry, putAccessEntry } from '../eks/access-entries';
import { eksOf } from '../eks/state';
import { tagsToMap } from '../tags';
import { apiMembers } from './eks-properties';

/** The physical id is `principal ARN|cluster`. */
const find = (id: string, request: ResourceRequest) => {
  const [principalArn, clusterName] = id.split('|') as [string, string];
  return findAccessEntry(eksOf(request).find(clusterName), principalArn);
};

export const accessEntry: ResourceType = {
  typeName: 'AWS::EKS::AccessEntry',
  create: (properties, request) => {
    const record = eksOf(request).findActive(String(properties.ClusterName));
    const tags = tagsToMap(request.tags(properties.Tags));
    putAccessEntry(request, record, { ...apiMembers(properties), tags });
    return `${properties.PrincipalArn}|${properties.ClusterName}`;
  },
  update: (id, properties, request) => {
    const entry = find(id, request);
    const { kubernetesGroups = [], username, accessPolicies = [] } = apiMembers(properties);
    entry.kubernetesGroups = kubernetesGroups;
    if (username) entry.username = username;
    entry.policies = [];
    for (const policy of accessPolicies) associatePolicy(request, entry, policy);
  },
  delete: (id, request) => {
    const { clusterName, principalArn } = find(id, request);
    eksOf(request).find(clusterName).accessEntries.delete(principalArn);
  },
  attributes: { AccessEntryArn: (id, request) => find(id, request).accessEntryArn },
};
