/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-cluster.html */
import { AwsError } from '../aws-error';
import type { Properties, ResourceRequest, ResourceType } from '../cloudformation/resource-type';
import { createCluster, deleteCluster, updateClusterConfig, updateClusterVersion } from '../eks/clusters';
import { eksOf } from '../eks/state';
import type { WireObject } from '../service';
import { tagsToMap } from '../tags';
import { apiMembers } from './eks-properties';

function inputOf(name: string, properties: Properties, request: ResourceRequest): WireObject {
  const { logging, ...members } = apiMembers(properties);
  const types = (logging?.clusterLogging?.enabledTypes ?? []).map(({ type }: WireObject) => type);
  return {
    ...members,
    name,
    logging: { clusterLogging: types.length > 0 ? [{ types, enabled: true }] : [] },
    tags: tagsToMap(request.tags(properties.Tags)),
  };
}

const find = (name: string, request: ResourceRequest) => eksOf(request).find(name).cluster;

export const cluster: ResourceType = {
  typeName: 'AWS::EKS::Cluster',
  create: (properties, request) => {
    const name = String(properties.Name ?? `${request.logicalId}-${request.uniqueId}`);
    createCluster(request, inputOf(name, properties, request));
    return name;
  },
  settled: (name, request) => {
    const { status } = find(name, request);
    if (status === 'FAILED') throw new AwsError('NotStabilized', `Cluster ${name} is in FAILED status`);
    return status === 'ACTIVE';
  },
  update: (name, properties, request, previous) => {
    find(name, request).tags = tagsToMap(request.tags(properties.Tags));
    const changed = Object.keys({ ...previous, ...properties }).filter(
      (key) => JSON.stringify(previous[key]) !== JSON.stringify(properties[key]),
    );
    if (changed.every((key) => key === 'Tags')) return;
    if (changed.includes('Version')) updateClusterVersion(request, name, String(properties.Version));
    else updateClusterConfig(request, name, inputOf(name, properties, request));
  },
  latencies: { deletePatience: 15 * 60_000 },
  delete: (name, request) => {
    deleteCluster(request, name);
  },
  deleted: (name, request) => !eksOf(request).clusters.has(name),
  attributes: {
    Arn: (name, request) => find(name, request).arn,
    Id: (name) => name,
    Endpoint: (name, request) => find(name, request).endpoint,
    CertificateAuthorityData: (name, request) => find(name, request).certificateAuthority.data,
    ClusterSecurityGroupId: (name, request) => find(name, request).resourcesVpcConfig.clusterSecurityGroupId,
    EncryptionConfigKeyArn: (name, request) => find(name, request).encryptionConfig?.[0]?.provider?.keyArn ?? '',
    OpenIdConnectIssuerUrl: (name, request) => find(name, request).identity.oidc.issuer,
    'KubernetesNetworkConfig.ServiceIpv6Cidr': () => '',
  },
  read: (name, request) => {
    const { version, roleArn, deletionProtection } = find(name, request);
    return { Version: version, RoleArn: roleArn, DeletionProtection: deletionProtection };
  },
};
