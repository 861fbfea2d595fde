/**
 * What names mean while a stack is being made: parameters, conditions, the resources that exist already, exports of other
 * stacks. One Evaluation per deployment.
 */
import { validationError } from '../aws-error';
import { findResourceType } from '../resource-types';
import type { Scope } from '../service';
import type { Tag } from '../tags';
import { conditionsOf, type Evaluation } from './intrinsics';
import { parameterValues, type StackParameter } from './parameters';
import type { ResourceRequest } from './resource-type';
import { cloudFormationOf, type Stack, type StackResource } from './state';
import type { Template } from './template';

export interface EvaluationInput {
  readonly template: Template;
  readonly parameters: readonly StackParameter[];
  readonly stackName: string;
  readonly stackId: string;
  readonly notificationArns?: readonly string[];
  /** Resolves names of resources. @default there are none: every reference throws */
  readonly resources?: Pick<Evaluation, 'ref' | 'getAtt'>;
  /** Filled with the names of the exports that were read. */
  readonly imports?: Set<string>;
}

export function createEvaluation(scope: Scope, input: EvaluationInput): Evaluation {
  const unresolved = (id: string): never => {
    const message = `Unresolved dependencies [${id}]. Cannot reference resources in the Conditions block of the template`;
    throw validationError(`Template format error: ${message}`);
  };
  const env: Evaluation = {
    account: scope.account,
    region: scope.region,
    template: input.template,
    stackName: input.stackName,
    stackId: input.stackId,
    notificationArns: input.notificationArns ?? [],
    parameters: parameterValues(input.template, input.parameters),
    condition: conditionsOf(input.template, () => env),
    ref: input.resources?.ref ?? unresolved,
    getAtt: input.resources?.getAtt ?? unresolved,
    importValue: (name) => {
      const found = cloudFormationOf(scope)
        .exports()
        .find((item) => item.name === name);
      if (!found) throw validationError(`No export named ${name} found. Rollback requested by user.`);
      input.imports?.add(name);
      return found.value;
    },
  };
  return env;
}

/** References to a stack's resources as they are now. */
export function liveResources(scope: Scope, stack: Stack): Pick<Evaluation, 'ref' | 'getAtt'> {
  const find = (id: string): StackResource & { physicalId: string } => {
    const resource = stack.resources.get(id);
    if (resource?.physicalId === undefined) {
      throw validationError(
        `Template format error: Unresolved resource dependencies [${id}] in the Resources block of the template`,
      );
    }
    return resource as StackResource & { physicalId: string };
  };
  return {
    ref: (id) => {
      const resource = find(id);
      const type = findResourceType(resource.type, scope);
      return type.ref?.(resource.physicalId, requestFor(scope, stack, resource)) ?? resource.physicalId;
    },
    getAtt: (id, attribute) => {
      const resource = find(id);
      const type = findResourceType(resource.type, scope);
      const request = requestFor(scope, stack, resource);
      const read = type.attributes?.[attribute];
      if (read) return read(resource.physicalId, request);
      if (type.attribute) return type.attribute(attribute, resource.physicalId, request);
      throw validationError(
        `Template error: resource ${id} does not support attribute type ${attribute} in Fn::GetAtt`,
      );
    },
  };
}

/** What a resource type's handlers are told. */
export function requestFor(scope: Scope, stack: Stack, resource: StackResource): ResourceRequest {
  const label = `${stack.id}/${resource.logicalId}/${resource.generation}`;
  const random = scope.account.random(label);
  const suffix = random.text(12, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789');
  return {
    account: scope.account,
    region: scope.region,
    stackName: stack.name,
    stackId: stack.id,
    logicalId: resource.logicalId,
    principal: stack.roleArn ?? scope.account.userArn,
    uniqueId: random.fork('unique').hex(32),
    tags: (own = []) => withStackTags(own, stack, resource.logicalId),
    generatedName: (maxLength = 64) => generatedName(stack.name, resource.logicalId, suffix, maxLength),
  };
}

function withStackTags(own: readonly Tag[], stack: Stack, logicalId: string): Tag[] {
  const tags = new Map<string, Tag>();
  for (const tag of [...stack.tags, ...own]) tags.set(tag.Key, { Key: tag.Key, Value: String(tag.Value) });
  return [
    ...tags.values(),
    { Key: 'aws:cloudformation:stack-name', Value: stack.name },
    { Key: 'aws:cloudformation:stack-id', Value: stack.id },
    { Key: 'aws:cloudformation:logical-id', Value: logicalId },
  ];
}

/** `dev-network-VpcFlowLogRole1A2B3C4D-x7Kq9aPz2LmN`: the stack's and the resource's names are cut, never the suffix. */
function generatedName(stackName: string, logicalId: string, suffix: string, maxLength: number): string {
  const room = maxLength - suffix.length - 2;
  const stackRoom = Math.max(Math.ceil(room / 2), room - logicalId.length);
  const stackPart = stackName.slice(0, stackRoom);
  return `${stackPart}-${logicalId.slice(0, room - stackPart.length)}-${suffix}`;
}
