/**
 * Elastic Container Registry: repositories as records. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/Welcome.html
 *
 * Left out: images; `docker push` has nothing to talk to.
 */
import { AwsError } from '../aws-error';
import { jsonProtocol } from '../http/json-protocol';
import { regionalState, type Scope, type Service, type WireObject } from '../service';
import type { Tag } from '../tags';

export interface Repository {
  readonly repositoryName: string;
  readonly repositoryArn: string;
  readonly registryId: string;
  readonly repositoryUri: string;
  readonly createdAt: number;
  imageTagMutability: string;
  policyText?: string;
  lifecyclePolicyText?: string;
  tags: readonly Tag[];
}

export const repositoriesOf = regionalState('ecr', () => new Map<string, Repository>());

export function createRepository(scope: Scope, input: WireObject): Repository {
  const { account, region } = scope;
  const name = String(input.repositoryName);
  const repositories = repositoriesOf(scope);
  if (repositories.has(name)) {
    const message = `The repository with name '${name}' already exists in the registry with id '${account.accountId}'`;
    throw new AwsError('RepositoryAlreadyExistsException', message);
  }
  const repository: Repository = {
    repositoryName: name,
    repositoryArn: `arn:aws:ecr:${region}:${account.accountId}:repository/${name}`,
    registryId: account.accountId,
    repositoryUri: `${account.accountId}.dkr.ecr.${region}.amazonaws.com/${name}`,
    createdAt: account.now / 1000,
    imageTagMutability: String(input.imageTagMutability ?? 'MUTABLE'),
    tags: input.tags ?? [],
  };
  repositories.set(name, repository);
  return repository;
}

export function findRepository(scope: Scope, name: string): Repository {
  const repository = repositoriesOf(scope).get(name);
  if (!repository) {
    const message = `The repository with name '${name}' does not exist in the registry with id '${scope.account.accountId}'`;
    throw new AwsError('RepositoryNotFoundException', message);
  }
  return repository;
}

export function deleteRepository(scope: Scope, name: string): Repository {
  const repository = findRepository(scope, name);
  repositoriesOf(scope).delete(name);
  return repository;
}

export const ecr: Service = {
  name: 'Ecr',
  signingName: 'ecr',
  protocol: jsonProtocol,
  operations: {
    CreateRepository: (input, call) => ({ repository: wire(createRepository(call, input)) }),
    DeleteRepository: (input, call) => ({ repository: wire(deleteRepository(call, String(input.repositoryName))) }),
    DescribeRepositories: (input, call) => {
      const names: string[] | undefined = input.repositoryNames;
      const found = names ? names.map((name) => findRepository(call, name)) : [...repositoriesOf(call).values()];
      return { repositories: found.map(wire) };
    },
    DescribeImages: (input, call) => {
      findRepository(call, String(input.repositoryName));
      throw new AwsError('ImageNotFoundException', 'The image requested does not exist in the repository.');
    },
    ListImages: () => ({ imageIds: [] }),
    SetRepositoryPolicy: (input, call) => {
      findRepository(call, String(input.repositoryName)).policyText = String(input.policyText);
      return input;
    },
    PutLifecyclePolicy: (input, call) => {
      findRepository(call, String(input.repositoryName)).lifecyclePolicyText = String(input.lifecyclePolicyText);
      return input;
    },
  },
};

function wire(repository: Repository): WireObject {
  const { policyText: _, lifecyclePolicyText: __, tags: ___, ...members } = repository;
  return members;
}
