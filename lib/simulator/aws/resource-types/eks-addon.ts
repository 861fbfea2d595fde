/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-addon.html */
import { AwsError } from '../aws-error';
import type { ResourceRequest, ResourceType } from '../cloudformation/resource-type';
import { createAddon, deleteAddon, findAddon, updateAddon } from '../eks/addons';
import { eksOf } from '../eks/state';
import { tagsToMap } from '../tags';
import { apiMembers } from './eks-properties';

/** The physical id is `cluster|addon`. */
const split = (id: string) => id.split('|') as [string, string];
const find = (id: string, request: ResourceRequest) => findAddon(request, ...split(id));

export const addon: ResourceType = {
  typeName: 'AWS::EKS::Addon',
  create: (properties, request) => {
    createAddon(request, { ...apiMembers(properties), tags: tagsToMap(request.tags(properties.Tags)) });
    return `${properties.ClusterName}|${properties.AddonName}`;
  },
  settled: (id, request) => {
    const { status, health } = find(id, request);
    if (status === 'DEGRADED' || status.endsWith('FAILED')) {
      const [issue] = health.issues;
      throw new AwsError(
        'NotStabilized',
        `Resource failed to stabilize: [Issue(Code=${issue?.code}, Message=${issue?.message})]`,
      );
    }
    return status === 'ACTIVE';
  },
  update: (id, properties, request) => {
    find(id, request).tags = tagsToMap(request.tags(properties.Tags));
    updateAddon(request, { configurationValues: '', ...apiMembers(properties) });
  },
  delete: (id, request, { PreserveOnDelete }) => {
    deleteAddon(request, ...split(id), String(PreserveOnDelete) === 'true');
  },
  deleted: (id, request) => !eksOf(request).clusters.get(split(id)[0])?.addons.has(split(id)[1]),
  read: (id, request) => {
    const { addonVersion, serviceAccountRoleArn } = find(id, request);
    return { AddonVersion: addonVersion, ServiceAccountRoleArn: serviceAccountRoleArn };
  },
  attributes: { Arn: (id, request) => find(id, request).addonArn },
};
