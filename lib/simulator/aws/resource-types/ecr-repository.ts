/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repository.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { createRepository, deleteRepository, findRepository } from '../ecr/service';

export const repository: ResourceType = {
  typeName: 'AWS::ECR::Repository',
  create: (properties, request) => {
    const name = String(properties.RepositoryName ?? request.generatedName(256).toLowerCase());
    createRepository(request, {
      repositoryName: name,
      imageTagMutability: properties.ImageTagMutability,
      tags: request.tags(properties.Tags),
    });
    return name;
  },
  update: (name, properties, request) => {
    const item = findRepository(request, name);
    item.imageTagMutability = String(properties.ImageTagMutability ?? 'MUTABLE');
    item.lifecyclePolicyText = properties.LifecyclePolicy?.LifecyclePolicyText;
    item.policyText = properties.RepositoryPolicyText && JSON.stringify(properties.RepositoryPolicyText);
  },
  delete: (name, request) => {
    deleteRepository(request, name);
  },
  attributes: {
    Arn: (name, request) => findRepository(request, name).repositoryArn,
    RepositoryUri: (name, request) => findRepository(request, name).repositoryUri,
  },
};
