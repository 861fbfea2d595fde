/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-nodegroup.html */
import { AwsError } from '../aws-error';
import type { Properties, ResourceRequest, ResourceType } from '../cloudformation/resource-type';
import {
  createNodegroup,
  deleteNodegroup,
  findNodegroup,
  updateNodegroupConfig,
  updateNodegroupVersion,
} from '../eks/nodegroups';
import { eksOf } from '../eks/state';
import type { WireObject } from '../service';
import { tagsToMap } from '../tags';
import { apiMembers } from './eks-properties';

/** The physical id is `cluster/nodegroup`. */
const split = (id: string) => id.split('/') as [string, string];
const find = (id: string, request: ResourceRequest) => findNodegroup(request, ...split(id));

/** What an update needs to say: labels and taints as differences. */
function configOf(properties: Properties, previous: Properties): WireObject {
  const { labels = {}, taints = [], scalingConfig, updateConfig } = apiMembers(properties);
  const before = apiMembers(previous);
  const removeLabels = Object.keys(before.labels ?? {}).filter((key) => !Object.hasOwn(labels, key));
  return {
    scalingConfig,
    updateConfig,
    labels: { addOrUpdateLabels: labels, removeLabels },
    taints: { addOrUpdateTaints: taints, removeTaints: before.taints ?? [] },
  };
}

export const nodegroup: ResourceType = {
  typeName: 'AWS::EKS::Nodegroup',
  create: (properties, request) => {
    const name = String(properties.NodegroupName ?? `${request.logicalId}-${request.uniqueId.slice(0, 12)}`);
    // Tags of a node group are a map already.
    const tags = { ...properties.Tags, ...tagsToMap(request.tags([])) };
    createNodegroup(request, { ...apiMembers(properties), nodegroupName: name, tags });
    return `${properties.ClusterName}/${name}`;
  },
  settled: (id, request) => {
    const { status, health } = find(id, request);
    if (status === 'CREATE_FAILED') {
      const [issue] = health.issues;
      throw new AwsError(
        'NotStabilized',
        `Resource stabilization failed: [Issue(Code=${issue?.code}, Message=${issue?.message})]`,
      );
    }
    return status === 'ACTIVE';
  },
  update: (id, properties, request, previous) => {
    const [clusterName, name] = split(id);
    const changed = (...names: string[]) =>
      names.some((key) => JSON.stringify(previous[key]) !== JSON.stringify(properties[key]));
    find(id, request).tags = { ...properties.Tags, ...tagsToMap(request.tags([])) };
    if (changed('Version', 'ReleaseVersion', 'LaunchTemplate')) {
      updateNodegroupVersion(request, clusterName, name, apiMembers(properties));
    } else if (changed('ScalingConfig', 'Labels', 'Taints', 'UpdateConfig', 'NodeRepairConfig')) {
      updateNodegroupConfig(request, clusterName, name, configOf(properties, previous));
    }
  },
  latencies: { deletePatience: 15 * 60_000 },
  delete: (id, request) => {
    deleteNodegroup(request, ...split(id));
  },
  deleted: (id, request) => !eksOf(request).clusters.get(split(id)[0])?.nodegroups.has(split(id)[1]),
  attributes: {
    Arn: (id, request) => find(id, request).nodegroupArn,
    ClusterName: (id) => split(id)[0],
    NodegroupName: (id) => split(id)[1],
    Id: (id) => id,
  },
  read: (id, request) => {
    const { scalingConfig, capacityType, amiType, instanceTypes } = find(id, request);
    return {
      ScalingConfig: {
        MinSize: scalingConfig.minSize,
        MaxSize: scalingConfig.maxSize,
        DesiredSize: scalingConfig.desiredSize,
      },
      CapacityType: capacityType,
      AmiType: amiType,
      InstanceTypes: instanceTypes,
    };
  },
};
