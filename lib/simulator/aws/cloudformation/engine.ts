/**
 * The life of a stack: create, update, delete, and the way back when something fails.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
 *
 * The engine knows graphs and events, and no resource type. Every function starts an operation and returns; virtual time
 * does the rest.
 */
import type { Timer } from '../../../clock';
import { validationError } from '../aws-error';
import type { Scope } from '../service';
import { deleteResources } from './deletion';
import { canonical, type Deployment, deployResources } from './deployment';
import { createEvaluation, liveResources } from './environment';
import { resourceEvent, stackEvent } from './events';
import { applyOutputs } from './outputs';
import type { DesiredStack } from './prepare';
import { checkStackPolicy } from './stack-policy';
import { cloudFormationOf, isInProgress, type StableState, type Stack, type StackResource } from './state';
import { rollBackUpdate, stableStateOf } from './update-rollback';

export type OnFailure = 'ROLLBACK' | 'DELETE' | 'DO_NOTHING';

export interface NewStackOptions {
  readonly name: string;
  readonly terminationProtection?: boolean;
  readonly timeoutInMinutes?: number;
  readonly parent?: Stack;
}

/** A stack without resources: what a change set for a new stack looks at. */
export function newStack(scope: Scope, desired: DesiredStack, options: NewStackOptions): Stack {
  const state = cloudFormationOf(scope);
  const stack: Stack = {
    id: state.newStackId(options.name),
    name: options.name,
    creationTime: scope.account.timestamp,
    status: '',
    templateBody: '',
    template: desired.template,
    parameters: [],
    tags: [],
    outputs: [],
    capabilities: [],
    notificationArns: [],
    disableRollback: false,
    terminationProtection: options.terminationProtection ?? false,
    timeoutInMinutes: options.timeoutInMinutes,
    resources: new Map(),
    superseded: [],
    events: [],
    imports: new Set(),
    usedTokens: new Set(),
    changeSets: new Map(),
    parentId: options.parent?.id,
    rootId: options.parent && (options.parent.rootId ?? options.parent.id),
  };
  state.stacks.set(stack.id, stack);
  return stack;
}

/** Makes the stack's resources. */
export function startCreate(
  scope: Scope,
  stack: Stack,
  desired: DesiredStack,
  onFailure: OnFailure = 'ROLLBACK',
): void {
  const end = beginOperation(scope, stack);
  stack.disableRollback = onFailure === 'DO_NOTHING';
  stackEvent(scope, stack, 'CREATE_IN_PROGRESS', 'User Initiated');
  adopt(stack, desired);
  const deployment = newDeployment(scope, stack, desired);
  const finish = (reason: string | undefined) => {
    timeout?.cancel();
    if (reason !== undefined && onFailure !== 'DO_NOTHING') {
      rollBackCreation(scope, stack, reason, onFailure, end);
      return;
    }
    stackEvent(scope, stack, reason === undefined ? 'CREATE_COMPLETE' : 'CREATE_FAILED', reason);
    end();
  };
  const cancel = deployResources(deployment, (failed) =>
    finish(failed.length > 0 ? failedToCreate(failed) : tryOutputs(deployment)),
  );
  const timeout = startTimeout(scope, stack, () => {
    cancel();
    finish('Stack creation time exceeded the specified timeout. ');
  });
  stack.cancel = () => {
    timeout?.cancel();
    cancel();
  };
}

/** `TimeoutInMinutes` counts for the creation only. */
function startTimeout(scope: Scope, { timeoutInMinutes }: Stack, expired: () => void): Timer | undefined {
  if (timeoutInMinutes === undefined) return undefined;
  return scope.account.simulation.clock.after(timeoutInMinutes * 60_000, expired);
}

function rollBackCreation(scope: Scope, stack: Stack, reason: string, onFailure: OnFailure, end: () => void): void {
  const [inProgress, verb] =
    onFailure === 'DELETE' ? ['DELETE_IN_PROGRESS', 'DELETE'] : ['ROLLBACK_IN_PROGRESS', 'ROLLBACK'];
  stackEvent(scope, stack, inProgress, `${reason}${onFailure === 'DELETE' ? 'Delete' : 'Rollback'} requested by user.`);
  stack.cancel = deleteResources({
    scope,
    stack,
    resources: [...stack.resources.values()],
    retain: new Set([...stack.resources.values()].filter(keepsOnRollback).map(({ logicalId }) => logicalId)),
    finished: (failed) => {
      stack.outputs = [];
      stack.imports = new Set();
      if (failed.length > 0) stackEvent(scope, stack, `${verb}_FAILED`, failedToDelete(failed));
      else {
        if (verb === 'DELETE') stack.deletionTime = scope.account.timestamp;
        stackEvent(scope, stack, `${verb}_COMPLETE`);
      }
      end();
    },
  });
}

function keepsOnRollback({ deletionPolicy, physicalId }: StackResource): boolean {
  return deletionPolicy === 'Retain' && physicalId !== undefined;
}

/** Whether the stack would be left as it is. */
export function isNoUpdate(stack: Stack, desired: DesiredStack): boolean {
  if (stack.status.endsWith('FAILED')) return false;
  const view = ({
    template,
    parameters,
    tags,
    notificationArns,
    active,
  }: Omit<DesiredStack, 'templateBody' | 'capabilities'>) =>
    canonical({
      resources: [...active]
        .map((id) => [id, template.Resources[id]])
        .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)),
      outputs: template.Outputs,
      values: parameters.map(({ ParameterKey, ParameterValue, ResolvedValue }) => [
        ParameterKey,
        ResolvedValue ?? ParameterValue,
      ]),
      tags,
      notificationArns,
    });
  const before = { ...stack, active: new Set(stack.resources.keys()) };
  return view(before) === view(desired);
}

export function checkUpdatable(stack: Stack): void {
  if (isInProgress(stack) || /ROLLBACK_COMPLETE|FAILED/.test(stack.status)) {
    // What failed without being rolled back may be tried again.
    if (/^(UPDATE_ROLLBACK_COMPLETE|UPDATE_FAILED|CREATE_FAILED)$/.test(stack.status)) return;
    throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
  }
}

/** Ends an update that is under way, and goes back. @throws ValidationError when none is */
export function startCancelUpdate(scope: Scope, stack: Stack): void {
  if (stack.status !== 'UPDATE_IN_PROGRESS') {
    throw validationError(`CancelUpdateStack cannot be called from current stack status`);
  }
  stack.cancel?.();
  stack.endOperation?.();
  rollBackUpdate(scope, stack, { reason: 'User Initiated', end: beginOperation(scope, stack) });
}

/** Goes back from an operation that failed and was left as it is. @throws ValidationError when there is none */
export function startRollback(scope: Scope, stack: Stack, skip?: ReadonlySet<string>): void {
  if (stack.status === 'CREATE_FAILED') {
    rollBackCreation(scope, stack, '', 'ROLLBACK', beginOperation(scope, stack));
    return;
  }
  if (!/^UPDATE_(ROLLBACK_)?FAILED$/.test(stack.status)) {
    throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be rolled back.`);
  }
  rollBackUpdate(scope, stack, { reason: 'User Initiated', skip, end: beginOperation(scope, stack) });
}

export interface UpdateOptions {
  /** Leave things as they are when the update fails. @default false */
  readonly disableRollback?: boolean;
  /** The stack policy that counts for this update. @default the stack's own */
  readonly policy?: string;
}

/** Changes the stack's resources. */
export function startUpdate(
  scope: Scope,
  stack: Stack,
  desired: DesiredStack,
  { disableRollback = false, policy = stack.policy }: UpdateOptions = {},
): void {
  checkUpdatable(stack);
  checkTypesKept(stack, desired);
  const end = beginOperation(scope, stack);
  const before = stack.lastStable ?? stableStateOf(stack);
  stack.lastStable = before;
  stack.lastUpdatedTime = scope.account.timestamp;
  stack.disableRollback = disableRollback;
  stackEvent(scope, stack, 'UPDATE_IN_PROGRESS', 'User Initiated');
  const tagsChanged = canonical(stack.tags) !== canonical(desired.tags);
  adopt(stack, desired);
  const deployment = { ...newDeployment(scope, stack, desired, tagsChanged), policy };
  const kept = protectedFromRemoval(deployment);
  const deploy = kept.length > 0 ? failAtOnce(kept) : deployResources;
  stack.cancel = deploy(deployment, (failed) => {
    const reason = failed.length > 0 ? failedToUpdate(stack, before, failed) : tryOutputs(deployment);
    if (reason === undefined) cleanUp(deployment, end);
    else if (disableRollback) {
      stackEvent(scope, stack, 'UPDATE_FAILED', reason);
      end();
    } else rollBackUpdate(scope, stack, { reason, end });
  });
}

/** Resources that the new template no longer has and that the stack policy keeps; each gets its event. */
function protectedFromRemoval({ scope, stack, desired, policy }: Deployment): string[] {
  const removed = [...stack.resources.values()].filter(({ logicalId }) => !desired.active.has(logicalId));
  return removed.flatMap((resource) => {
    try {
      checkStackPolicy(policy, 'Update:Delete', resource);
      return [];
    } catch (error) {
      resourceEvent(scope, stack, resource, 'UPDATE_FAILED', (error as Error).message);
      return [resource.logicalId];
    }
  });
}

/** In place of a deployment: nothing is changed. */
function failAtOnce(ids: readonly string[]): typeof deployResources {
  return ({ scope }, finished) => {
    const timer = scope.account.simulation.clock.after(0, () => finished(ids));
    return () => timer.cancel();
  };
}

/** Deletes what the new template no longer has and what was replaced. A failure here does not fail the update. */
function cleanUp(deployment: Deployment, end: () => void): void {
  const { scope, stack } = deployment;
  stack.lastStable = undefined;
  const removed = [...stack.resources.values()].filter(({ logicalId }) => !deployment.desired.active.has(logicalId));
  const old = stack.superseded;
  stackEvent(scope, stack, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
  const retain = new Set(
    removed.filter(({ deletionPolicy }) => deletionPolicy === 'Retain').map(({ logicalId }) => logicalId),
  );
  for (const { logicalId, updateReplacePolicy } of old) if (updateReplacePolicy === 'Retain') retain.add(logicalId);
  stack.cancel = deleteResources({
    scope,
    stack,
    resources: [...removed, ...old],
    retain,
    finished: () => {
      for (const resource of removed) {
        if (stack.resources.get(resource.logicalId) === resource) stack.resources.delete(resource.logicalId);
      }
      stack.superseded = [];
      stackEvent(scope, stack, 'UPDATE_COMPLETE');
      end();
    },
  });
}

export interface DeleteStackOptions {
  readonly retain?: readonly string[];
  readonly force?: boolean;
}

/** Deletes the stack; does nothing when it is gone already. */
export function startDelete(scope: Scope, stack: Stack, options: DeleteStackOptions = {}): void {
  if (stack.status === 'DELETE_COMPLETE' || stack.status === 'DELETE_IN_PROGRESS') return;
  if (stack.terminationProtection) {
    throw validationError(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
  }
  if (/^UPDATE_.*IN_PROGRESS$/.test(stack.status)) {
    throw validationError(`Stack [${stack.id}] cannot be deleted while in status ${stack.status}`);
  }
  if ((options.retain?.length ?? 0) > 0 && stack.status !== 'DELETE_FAILED') {
    throw validationError(
      `Invalid operation on stack [${stack.id}]. When deleting a stack, RetainResources can be specified only for stacks in the DELETE_FAILED state`,
    );
  }
  stack.cancel?.();
  stack.endOperation?.();
  const end = beginOperation(scope, stack);
  stackEvent(scope, stack, 'DELETE_IN_PROGRESS', 'User Initiated');
  const used = stack.outputs.find(
    ({ ExportName }) => ExportName && importersElsewhere(scope, stack, ExportName).length > 0,
  );
  if (used) {
    const users = importersElsewhere(scope, stack, used.ExportName!)
      .map(({ name }) => name)
      .join(', ');
    const reason = `Delete canceled. Cannot delete export ${used.ExportName} as it is in use by ${users}.`;
    stackEvent(scope, stack, 'DELETE_FAILED', reason);
    end();
    return;
  }
  const left = [...stack.resources.values()].filter(({ status }) => !/^DELETE_(COMPLETE|SKIPPED)$/.test(status));
  const kept = left.filter(({ deletionPolicy }) => deletionPolicy === 'Retain').map(({ logicalId }) => logicalId);
  stack.cancel = deleteResources({
    scope,
    stack,
    resources: left,
    retain: new Set([...kept, ...(options.retain ?? [])]),
    finished: (failed) => {
      if (failed.length > 0 && !options.force) stackEvent(scope, stack, 'DELETE_FAILED', failedToDelete(failed));
      else {
        stack.deletionTime = scope.account.timestamp;
        stack.outputs = [];
        stackEvent(scope, stack, 'DELETE_COMPLETE');
      }
      end();
    },
  });
}

function importersElsewhere(scope: Scope, stack: Stack, exportName: string): Stack[] {
  return cloudFormationOf(scope)
    .importersOf(exportName)
    .filter((other) => other !== stack);
}

export function beginOperation(scope: Scope, stack: Stack): () => void {
  stack.cancel = undefined;
  const end = scope.account.begin(`the stack ${stack.name}`);
  stack.endOperation = () => {
    stack.cancel = undefined;
    stack.endOperation = undefined;
    stack.clientRequestToken = undefined;
    end();
  };
  return stack.endOperation;
}

export function adopt(stack: Stack, desired: DesiredStack): void {
  const { template, templateBody, parameters, tags, capabilities, notificationArns, roleArn } = desired;
  Object.assign(stack, { template, templateBody, parameters, tags, capabilities, notificationArns, roleArn });
  stack.description = template.Description;
  stack.imports = new Set();
}

export function newDeployment(scope: Scope, stack: Stack, desired: DesiredStack, tagsChanged = false): Deployment {
  const env = createEvaluation(scope, {
    template: desired.template,
    parameters: desired.parameters,
    stackName: stack.name,
    stackId: stack.id,
    notificationArns: desired.notificationArns,
    resources: liveResources(scope, stack),
    imports: stack.imports,
  });
  return { scope, stack, desired, env, tagsChanged };
}

function tryOutputs(deployment: Deployment): string | undefined {
  try {
    applyOutputs(deployment);
    return undefined;
  } catch (error) {
    return `${(error as Error).message} `;
  }
}

function checkTypesKept(stack: Stack, desired: DesiredStack): void {
  const changed = [...desired.active].filter((id) => {
    const existing = stack.resources.get(id);
    return existing && existing.type !== desired.template.Resources[id]!.Type;
  });
  if (changed.length === 0) return;
  throw validationError(
    `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${changed.join(', ')}]`,
  );
}

function failedToCreate(failed: readonly string[]): string {
  return `The following resource(s) failed to create: [${failed.join(', ')}]. `;
}

function failedToUpdate(stack: Stack, before: StableState, failed: readonly string[]): string {
  const created = failed.filter((id) => !before.resources.has(id));
  const updated = failed.filter((id) => before.resources.has(id));
  const texts = [
    created.length > 0 ? failedToCreate(created) : '',
    updated.length > 0 ? `The following resource(s) failed to update: [${updated.join(', ')}]. ` : '',
  ];
  return texts.join('') || `${stack.name} failed to update. `;
}

function failedToDelete(failed: readonly StackResource[]): string {
  return `The following resource(s) failed to delete: [${failed.map(({ logicalId }) => logicalId).join(', ')}]. `;
}
