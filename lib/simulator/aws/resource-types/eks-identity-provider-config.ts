/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-identityproviderconfig.html */
import type { ResourceRequest, ResourceType } from '../cloudformation/resource-type';
import {
  associateIdentityProvider,
  disassociateIdentityProvider,
  findIdentityProvider,
} from '../eks/identity-providers';
import { eksOf } from '../eks/state';
import { tagsToMap } from '../tags';
import { apiMembers } from './eks-properties';

/** The physical id is `name/cluster/oidc`. */
const split = (id: string) => id.split('/') as [name: string, cluster: string];
const find = (id: string, request: ResourceRequest) => findIdentityProvider(request, split(id)[1], split(id)[0]);

export const identityProviderConfig: ResourceType = {
  typeName: 'AWS::EKS::IdentityProviderConfig',
  required: ['Oidc'],
  create: (properties, request) => {
    const name = String(
      properties.IdentityProviderConfigName ?? `${request.logicalId}-${request.uniqueId.slice(0, 12)}`,
    );
    const { requiredClaims, ...oidc } = apiMembers(properties.Oidc);
    associateIdentityProvider(request, {
      clusterName: properties.ClusterName,
      oidc: {
        ...oidc,
        identityProviderConfigName: name,
        requiredClaims: Object.fromEntries(
          (requiredClaims ?? []).map(({ key, value }: Record<string, string>) => [key, value]),
        ),
      },
      tags: tagsToMap(request.tags(properties.Tags)),
    });
    return `${name}/${properties.ClusterName}/oidc`;
  },
  settled: (id, request) => find(id, request).status === 'ACTIVE',
  update: (id, properties, request) => {
    find(id, request).tags = tagsToMap(request.tags(properties.Tags));
  },
  delete: (id, request) => {
    disassociateIdentityProvider(request, split(id)[1], split(id)[0]);
  },
  deleted: (id, request) => !eksOf(request).clusters.get(split(id)[1])?.identityProviders.has(split(id)[0]),
  attributes: { IdentityProviderConfigArn: (id, request) => find(id, request).identityProviderConfigArn },
};
