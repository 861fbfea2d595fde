/**
 * Import: resources that exist already become a stack's, without being touched.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html
 *
 * A type can be imported when it can be read; the template must say what becomes of the resource when the stack goes.
 */
import { AwsError, validationError } from '../aws-error';
import { findResourceType, identifiersOf } from '../resource-types';
import type { Scope, WireObject } from '../service';
import { policiesOf } from './deployment';
import { adopt, beginOperation, newDeployment } from './engine';
import { requestFor } from './environment';
import { resourceEvent, stackEvent } from './events';
import { dependenciesOf } from './graph';
import { evaluate } from './intrinsics';
import { applyOutputs } from './outputs';
import type { DesiredStack } from './prepare';
import { cloudFormationOf, type Stack, type StackResource } from './state';

/** How long it takes to look at one resource. */
const LOOK_MS = 3_000;

/** Physical id by logical id. */
export type ImportPlan = ReadonlyMap<string, string>;

/** @throws ValidationError in CloudFormation's words when the request cannot be carried out */
export function planImport(
  scope: Scope,
  stack: Stack | undefined,
  desired: DesiredStack,
  input: WireObject,
): ImportPlan {
  const wanted: WireObject[] = input.ResourcesToImport ?? [];
  if (wanted.length === 0) throw validationError('ResourcesToImport must be specified for a change set of type IMPORT');
  const plan = new Map<string, string>();
  for (const { LogicalResourceId: id, ResourceType, ResourceIdentifier } of wanted) {
    const definition = desired.template.Resources[id];
    if (!definition || !desired.active.has(id)) {
      throw validationError(`The following resources to import [${id}] are not found in the template.`);
    }
    const type = findResourceType(definition.Type, scope);
    if (definition.Type !== ResourceType || !type.read) {
      throw validationError(`ResourceTypes [${ResourceType}] are not supported for Import`);
    }
    if (definition.DeletionPolicy === undefined) {
      throw validationError(
        `The following resources to import [${id}] must have DeletionPolicy attribute specified in the template.`,
      );
    }
    const names = identifiersOf(definition.Type);
    const values = names.map((name) => (ResourceIdentifier as WireObject)[name]);
    if (values.includes(undefined)) {
      throw validationError(`The resource identifiers of [${id}] must be [${names.join(', ')}]`);
    }
    const physicalId = values.join('|');
    const owner = ownerOf(scope, physicalId);
    if (owner) throw validationError(`${physicalId} already exists in stack ${owner.id}`);
    plan.set(id, physicalId);
  }
  const others = [...desired.active].filter((id) => !plan.has(id) && !stack?.resources.has(id));
  const removed = [...(stack?.resources.keys() ?? [])].filter((id) => !desired.active.has(id));
  if (others.length + removed.length > 0) {
    throw validationError(
      `As part of the import operation, you cannot modify or add [Resources] ([${[...others, ...removed].join(', ')}])`,
    );
  }
  return plan;
}

function ownerOf(scope: Scope, physicalId: string): Stack | undefined {
  return cloudFormationOf(scope)
    .living()
    .find(({ resources }) => [...resources.values()].some((resource) => resource.physicalId === physicalId));
}

export function startImport(scope: Scope, stack: Stack, desired: DesiredStack, plan: ImportPlan): void {
  const end = beginOperation(scope, stack);
  stackEvent(scope, stack, 'IMPORT_IN_PROGRESS', 'User Initiated');
  const previous = { ...stack };
  adopt(stack, desired);
  const deployment = newDeployment(scope, stack, desired);
  const resources = [...plan].map(([id, physicalId]): StackResource => {
    const definition = desired.template.Resources[id]!;
    return {
      logicalId: id,
      type: definition.Type,
      physicalId,
      status: '',
      timestamp: scope.account.timestamp,
      properties: {},
      dependencies: [...dependenciesOf(definition, (name) => desired.active.has(name))],
      generation: 0,
      ...policiesOf(definition),
    };
  });
  for (const resource of resources) {
    stack.resources.set(resource.logicalId, resource);
    resourceEvent(scope, stack, resource, 'IMPORT_IN_PROGRESS', 'Resource import started.');
  }
  const undo = (reason: string) => {
    stackEvent(scope, stack, 'IMPORT_ROLLBACK_IN_PROGRESS', reason);
    for (const { logicalId } of resources) stack.resources.delete(logicalId);
    const { template, templateBody, parameters, tags } = previous;
    Object.assign(stack, { template, templateBody, parameters, tags });
    stackEvent(scope, stack, 'IMPORT_ROLLBACK_COMPLETE');
    end();
  };
  scope.account.simulation.clock.after(LOOK_MS, () => {
    const missing: string[] = [];
    for (const resource of resources) {
      if (!exists(scope, stack, resource)) {
        missing.push(resource.logicalId);
        const text = `Resource of type '${resource.type}' with identifier '${resource.physicalId}' was not found.`;
        resourceEvent(scope, stack, resource, 'IMPORT_FAILED', text);
        continue;
      }
      resource.properties = evaluate(desired.template.Resources[resource.logicalId]!.Properties ?? {}, deployment.env);
      resourceEvent(scope, stack, resource, 'IMPORT_COMPLETE', 'Resource import completed.');
    }
    if (missing.length > 0) return undo(`The following resource(s) failed to import: [${missing.join(', ')}]. `);
    applyOutputs(deployment);
    stackEvent(scope, stack, 'IMPORT_COMPLETE');
    return end();
  });
}

function exists(scope: Scope, stack: Stack, resource: StackResource): boolean {
  try {
    const type = findResourceType(resource.type, scope);
    return type.read!(resource.physicalId!, requestFor(scope, stack, resource)) !== undefined;
  } catch (error) {
    if (error instanceof AwsError) return false;
    throw error;
  }
}
