/**
 * Change sets: what an update would do, worked out before it is done.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html
 *
 * The new properties are resolved against the stack as it is; a reference to something that the update makes or replaces
 * resolves to a marker, so that the change shows.
 */
import { AwsError, validationError } from '../aws-error';
import { findResourceType } from '../resource-types';
import type { Scope, WireObject } from '../service';
import { canonical, changedProperties } from './deployment';
import { isNoUpdate, newStack, type OnFailure, startCreate, startUpdate } from './engine';
import { createEvaluation, liveResources } from './environment';
import { stackEvent } from './events';
import { dependenciesOf, referencesOf } from './graph';
import { type ImportPlan, planImport, startImport } from './import';
import { type Evaluation, evaluate } from './intrinsics';
import { type DesiredStack, prepareStack } from './prepare';
import type { Properties } from './resource-type';
import { cloudFormationOf, isInProgress, type Stack } from './state';

export interface ChangeSet {
  readonly id: string;
  readonly name: string;
  readonly stackId: string;
  readonly type: 'CREATE' | 'UPDATE' | 'IMPORT';
  readonly creationTime: string;
  readonly description?: string;
  readonly desired: DesiredStack;
  readonly changes: readonly ResourceChange[];
  /** What a change set of type IMPORT brings in. */
  readonly imports?: ImportPlan;
  readonly onFailure: OnFailure;
  readonly includeNestedStacks: boolean;
  status: string;
  statusReason?: string;
  executionStatus: string;
}

export interface ResourceChange {
  readonly Action: 'Add' | 'Modify' | 'Remove' | 'Import';
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceType: string;
  readonly Replacement?: 'True' | 'False' | 'Conditional';
  readonly PolicyAction?: string;
  readonly Scope: readonly string[];
  readonly Details: readonly WireObject[];
  readonly BeforeContext?: string;
  readonly AfterContext?: string;
}

const UNKNOWN = '{{changeSet:KNOWN_AFTER_APPLY}}';
const NO_CHANGES =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

export function createChangeSet(scope: Scope, input: WireObject): ChangeSet {
  const state = cloudFormationOf(scope);
  const type = String(input.ChangeSetType ?? 'UPDATE') as ChangeSet['type'];
  const existing = state.tryStack(String(input.StackName));
  if (type === 'UPDATE' && !existing) throw validationError(`Stack [${input.StackName}] does not exist`);
  if (type === 'CREATE' && existing && existing.status !== 'REVIEW_IN_PROGRESS') {
    throw validationError(
      `Stack [${existing.name}] already exists and cannot be created again with the changeSet [${input.ChangeSetName}].`,
    );
  }
  if (existing && isInProgress(existing)) {
    throw validationError(`Stack:${existing.id} is in ${existing.status} state and can not be updated.`);
  }
  if (existing?.changeSets.has(String(input.ChangeSetName))) {
    throw new AwsError(
      'AlreadyExistsException',
      `ChangeSet ${input.ChangeSetName} cannot be created due to a mismatch with existing attribute Name`,
    );
  }
  const desired = prepareStack(scope, input, existing);
  const imports = type === 'IMPORT' ? planImport(scope, existing, desired, input) : undefined;
  const stack = existing ?? reviewStack(scope, desired, String(input.StackName));
  const changes = imports ? importsOf(desired, imports) : changesOf(scope, stack, desired);
  const isEmpty = type === 'UPDATE' && isNoUpdate(stack, desired);
  const { region, account } = scope;
  const changeSet: ChangeSet = {
    id: `arn:aws:cloudformation:${region}:${account.accountId}:changeSet/${input.ChangeSetName}/${state.uuid()}`,
    name: String(input.ChangeSetName),
    stackId: stack.id,
    type,
    creationTime: account.timestamp,
    description: input.Description,
    desired,
    changes,
    imports,
    onFailure: (input.OnStackFailure ?? 'ROLLBACK') as OnFailure,
    includeNestedStacks: String(input.IncludeNestedStacks) === 'true',
    status: isEmpty ? 'FAILED' : 'CREATE_COMPLETE',
    statusReason: isEmpty ? NO_CHANGES : undefined,
    executionStatus: isEmpty ? 'UNAVAILABLE' : 'AVAILABLE',
  };
  stack.changeSets.set(changeSet.name, changeSet);
  return changeSet;
}

function reviewStack(scope: Scope, desired: DesiredStack, name: string): Stack {
  const stack = newStack(scope, desired, { name });
  stack.tags = desired.tags;
  stackEvent(scope, stack, 'REVIEW_IN_PROGRESS', 'User Initiated');
  return stack;
}

export function findChangeSet(scope: Scope, name: string, stackName?: string): { stack: Stack; changeSet: ChangeSet } {
  const state = cloudFormationOf(scope);
  const stacks = stackName === undefined ? [...state.stacks.values()] : [state.findStack(stackName)];
  for (const stack of stacks) {
    const changeSet = [...stack.changeSets.values()].find((item) => item.id === name || item.name === name);
    if (changeSet) return { stack, changeSet };
  }
  throw new AwsError('ChangeSetNotFound', `ChangeSet [${name}] does not exist`, 404);
}

export function executeChangeSet(scope: Scope, stack: Stack, changeSet: ChangeSet, input: WireObject): void {
  if (changeSet.executionStatus !== 'AVAILABLE') {
    throw new AwsError(
      'InvalidChangeSetStatus',
      `ChangeSet [${changeSet.id}] cannot be executed in its current execution status of [${changeSet.executionStatus}]`,
    );
  }
  const disableRollback = String(input.DisableRollback) === 'true' || changeSet.onFailure === 'DO_NOTHING';
  changeSet.executionStatus = 'EXECUTE_COMPLETE';
  stack.changeSetId = changeSet.id;
  stack.clientRequestToken = input.ClientRequestToken;
  if (input.ClientRequestToken !== undefined) stack.usedTokens.add(String(input.ClientRequestToken));
  // Executing one change set of a stack takes the others away: they were worked out for another state.
  for (const other of [...stack.changeSets.values()]) if (other !== changeSet) stack.changeSets.delete(other.name);
  if (changeSet.imports) startImport(scope, stack, changeSet.desired, changeSet.imports);
  else if (changeSet.type === 'CREATE')
    startCreate(scope, stack, changeSet.desired, disableRollback ? 'DO_NOTHING' : changeSet.onFailure);
  else startUpdate(scope, stack, changeSet.desired, { disableRollback });
}

function importsOf(desired: DesiredStack, imports: ImportPlan): ResourceChange[] {
  return [...imports].map(([id, physicalId]) => ({
    Action: 'Import',
    LogicalResourceId: id,
    PhysicalResourceId: physicalId,
    ResourceType: desired.template.Resources[id]!.Type,
    Scope: [],
    Details: [],
  }));
}

function changesOf(scope: Scope, stack: Stack, desired: DesiredStack): ResourceChange[] {
  const changes: ResourceChange[] = [];
  const unknown = new Set<string>();
  const live = liveResources(scope, stack);
  const env = createEvaluation(scope, {
    template: desired.template,
    parameters: desired.parameters,
    stackName: stack.name,
    stackId: stack.id,
    notificationArns: desired.notificationArns,
    resources: {
      ref: (id) => (unknown.has(id) ? UNKNOWN : live.ref(id)),
      getAtt: (id, attribute) => (unknown.has(id) ? UNKNOWN : live.getAtt(id, attribute)),
    },
  });
  for (const id of inOrder(desired)) {
    const change = changeOf(stack, desired, env, id);
    if (!change) continue;
    if (change.Action === 'Add' || change.Replacement === 'True') unknown.add(id);
    changes.push(change);
  }
  for (const resource of stack.resources.values()) {
    if (desired.active.has(resource.logicalId)) continue;
    changes.push({
      Action: 'Remove',
      LogicalResourceId: resource.logicalId,
      PhysicalResourceId: resource.physicalId,
      ResourceType: resource.type,
      PolicyAction: resource.deletionPolicy === 'Retain' ? 'Retain' : 'Delete',
      Scope: [],
      Details: [],
      BeforeContext: contextOf(resource.properties),
    });
  }
  return changes.sort((a, b) => (a.LogicalResourceId < b.LogicalResourceId ? -1 : 1));
}

/** What is needed comes first, so that a replaced resource is known before its users are looked at. */
function inOrder(desired: DesiredStack): string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (id: string) => {
    if (seen.has(id)) return;
    seen.add(id);
    for (const need of dependenciesOf(desired.template.Resources[id]!, (name) => desired.active.has(name))) visit(need);
    order.push(id);
  };
  for (const id of desired.active) visit(id);
  return order;
}

function changeOf(stack: Stack, desired: DesiredStack, env: Evaluation, id: string): ResourceChange | undefined {
  const definition = desired.template.Resources[id]!;
  const properties: Properties = evaluateOrUnknown(definition.Properties, env);
  const existing = stack.resources.get(id);
  const common = { LogicalResourceId: id, ResourceType: definition.Type };
  if (!existing) return { Action: 'Add', ...common, Scope: [], Details: [], AfterContext: contextOf(properties) };
  const changed = changedProperties(existing.properties, properties);
  const tagsOnly = changed.length > 0 && changed.every((name) => name === 'Tags');
  const metadataChanged = canonical(existing.metadata) !== canonical(definition.Metadata);
  if (changed.length === 0 && !metadataChanged) return undefined;
  const { replaceOn } = findResourceType(definition.Type, env);
  const replacing = changed.filter((name) => replaceOn.includes(name));
  const isSure = replacing.some((name) => !canonical(properties[name]).includes(UNKNOWN));
  const replacement = replacing.length === 0 ? 'False' : isSure ? 'True' : 'Conditional';
  return {
    Action: 'Modify',
    ...common,
    PhysicalResourceId: existing.physicalId,
    Replacement: replacement,
    PolicyAction:
      replacement === 'False'
        ? undefined
        : `ReplaceAnd${existing.updateReplacePolicy === 'Retain' ? 'Retain' : 'Delete'}`,
    Scope: changed.length === 0 ? ['Metadata'] : tagsOnly ? ['Tags'] : ['Properties'],
    Details: changed.map((name) =>
      detailOf(name, definition.Properties?.[name], existing.properties[name], properties[name], replaceOn),
    ),
    BeforeContext: contextOf(existing.properties),
    AfterContext: contextOf(properties),
  };
}

function detailOf(
  name: string,
  source: unknown,
  before: unknown,
  after: unknown,
  replaceOn: readonly string[],
): WireObject {
  const references = referencesOf(source);
  const [attribute] = references.attributes;
  const [reference] = references.names;
  const asText = (value: unknown) => (value === undefined || typeof value === 'string' ? value : JSON.stringify(value));
  return {
    Target: {
      Attribute: name === 'Tags' ? 'Tags' : 'Properties',
      Name: name === 'Tags' ? undefined : name,
      RequiresRecreation: replaceOn.includes(name) ? 'Always' : 'Never',
      Path: `/Properties/${name}`,
      BeforeValue: asText(before),
      AfterValue: asText(after),
      AttributeChangeType: before === undefined ? 'Add' : after === undefined ? 'Remove' : 'Modify',
    },
    Evaluation: canonical(after).includes(UNKNOWN) ? 'Dynamic' : 'Static',
    ChangeSource: attribute ? 'ResourceAttribute' : reference ? 'ResourceReference' : 'DirectModification',
    CausingEntity: attribute ? attribute.join('.') : reference,
  };
}

function evaluateOrUnknown(properties: unknown, env: Evaluation): Properties {
  try {
    return evaluate(properties ?? {}, env);
  } catch (error) {
    // Joining or selecting from something that does not exist yet.
    if (error instanceof AwsError && error.message.includes('Template error')) return { [UNKNOWN]: UNKNOWN };
    throw error;
  }
}

function contextOf(properties: Properties): string {
  return JSON.stringify({ Properties: properties });
}
