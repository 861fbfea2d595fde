/**
 * Systems Manager, as far as Parameter Store.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-parameter-store.html
 *
 * Left out: policies, labels, tiers' limits. Public parameters (`/aws/service/...`) exist for EKS images only.
 */
import { AwsError } from '../aws-error';
import { jsonProtocol } from '../http/json-protocol';
import { regionalState, type Scope, type Service, type WireObject } from '../service';
import { mergeTags, type Tag } from '../tags';

export interface Parameter {
  readonly Name: string;
  readonly Type: 'String' | 'StringList' | 'SecureString';
  readonly Value: string;
  readonly Version: number;
  readonly Description?: string;
  readonly LastModifiedDate: number;
  readonly tags: readonly Tag[];
}

export const parametersOf = regionalState('ssm', () => new Map<string, Parameter>());

export function tryParameter(scope: Scope, name: string): Parameter | undefined {
  const plainName = name.replace(new RegExp(`^arn:aws:ssm:${scope.region}:\\d+:parameter`), '').replace(/:\d+$/, '');
  return parametersOf(scope).get(plainName) ?? publicParameter(scope, plainName);
}

export function findParameter(scope: Scope, name: string): Parameter {
  const parameter = tryParameter(scope, name);
  if (!parameter) throw new AwsError('ParameterNotFound', `Parameter ${name} not found.`);
  return parameter;
}

export function putParameter(scope: Scope, input: WireObject): Parameter {
  const parameters = parametersOf(scope);
  const name = String(input.Name);
  const before = parameters.get(name);
  if (before && !input.Overwrite) {
    throw new AwsError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  }
  const parameter: Parameter = {
    Name: name,
    Type: input.Type ?? before?.Type ?? 'String',
    Value: String(input.Value),
    Version: (before?.Version ?? 0) + 1,
    Description: input.Description ?? before?.Description,
    LastModifiedDate: scope.account.now / 1000,
    tags: mergeTags(before?.tags ?? [], input.Tags ?? []),
  };
  parameters.set(name, parameter);
  return parameter;
}

export function deleteParameter(scope: Scope, name: string): void {
  if (!parametersOf(scope).delete(name)) throw new AwsError('ParameterNotFound', `Parameter ${name} not found.`);
}

function wire(scope: Scope, parameter: Parameter): WireObject {
  const { tags: _, Description: __, ...members } = parameter;
  const slash = parameter.Name.startsWith('/') ? '' : '/';
  const ARN = `arn:aws:ssm:${scope.region}:${scope.account.accountId}:parameter${slash}${parameter.Name}`;
  return { ...members, ARN, DataType: 'text' };
}

/** The recommended node images of EKS and EC2; the id depends on the name only. */
function publicParameter(scope: Scope, name: string): Parameter | undefined {
  if (!/^\/aws\/service\/(eks\/optimized-ami|bottlerocket|ami-amazon-linux-latest)\//.test(name)) return undefined;
  const Value = name.endsWith('image_version')
    ? '1.0.0'
    : name.endsWith('release_version')
      ? '1.35.0-20260101'
      : `ami-0${scope.account.random(name).hex(16)}`;
  return { Name: name, Type: 'String', Value, Version: 1, LastModifiedDate: scope.account.now / 1000, tags: [] };
}

export const ssm: Service = {
  name: 'Ssm',
  signingName: 'ssm',
  protocol: jsonProtocol,
  operations: {
    GetParameter: (input, call) => ({ Parameter: wire(call, findParameter(call, String(input.Name))) }),
    GetParameters: (input, call) => {
      const names: string[] = input.Names ?? [];
      const found = names.map((name) => tryParameter(call, name)).filter((parameter) => parameter !== undefined);
      return {
        Parameters: found.map((parameter) => wire(call, parameter)),
        InvalidParameters: names.filter((name) => !tryParameter(call, name)),
      };
    },
    GetParametersByPath: (input, call) => {
      const path = `${String(input.Path).replace(/\/$/, '')}/`;
      const matches = ({ Name }: Parameter) =>
        Name.startsWith(path) && (input.Recursive === true || !Name.slice(path.length).includes('/'));
      return {
        Parameters: sorted(call)
          .filter(matches)
          .map((parameter) => wire(call, parameter)),
      };
    },
    DescribeParameters: (_input, call) => ({
      Parameters: sorted(call).map(({ Name, Type, Version, Description, LastModifiedDate }) => {
        return { Name, Type, Version, Description, LastModifiedDate };
      }),
    }),
    PutParameter: (input, call) => ({ Version: putParameter(call, input).Version, Tier: 'Standard' }),
    DeleteParameter: (input, call) => {
      deleteParameter(call, String(input.Name));
      return {};
    },
    DeleteParameters: (input, call) => {
      const names: string[] = input.Names ?? [];
      const DeletedParameters = names.filter((name) => parametersOf(call).delete(name));
      return { DeletedParameters, InvalidParameters: names.filter((name) => !DeletedParameters.includes(name)) };
    },
    ListTagsForResource: (input, call) => ({ TagList: findParameter(call, String(input.ResourceId)).tags }),
  },
};

function sorted(scope: Scope): Parameter[] {
  return [...parametersOf(scope).values()].sort((a, b) => (a.Name < b.Name ? -1 : 1));
}
