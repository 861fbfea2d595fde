/**
 * Brings a stack to a template: creates what is new, changes what differs, replaces what cannot be changed, each as soon
 * as what it needs is there.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
 */
import { AwsError } from '../aws-error';
import { findResourceType } from '../resource-types';
import type { Scope } from '../service';
import { runAction } from './action';
import { requestFor } from './environment';
import { resourceEvent } from './events';
import { dependenciesOf } from './graph';
import { runGraph } from './graph-run';
import { type Evaluation, evaluate } from './intrinsics';
import type { DesiredStack } from './prepare';
import type { Properties, RegisteredResourceType } from './resource-type';
import { checkStackPolicy } from './stack-policy';
import type { Stack, StackResource } from './state';
import type { TemplateResource } from './template';

/** Virtual milliseconds of a step whose type says nothing. */
const DEFAULT_LATENCY_MS = 2_000;

export interface Deployment {
  readonly scope: Scope;
  readonly stack: Stack;
  readonly desired: DesiredStack;
  readonly env: Evaluation;
  /** The stack has other tags now: every resource that can have tags gets them. */
  readonly tagsChanged: boolean;
  /** The stack policy that counts for this update. @default none */
  readonly policy?: string;
}

/** Calls `finished` with the logical ids that failed or were cancelled. Returns how to stop. */
export function deployResources(deployment: Deployment, finished: (failed: readonly string[]) => void): () => void {
  const { desired, stack, scope } = deployment;
  const dependencies = new Map(
    [...desired.active].map((id) => [
      id,
      dependenciesOf(desired.template.Resources[id]!, (name) => desired.active.has(name)),
    ]),
  );
  const cancelledIds: string[] = [];
  const run = runGraph({
    clock: scope.account.simulation.clock,
    dependencies,
    stopOnFailure: true,
    start: (id, done) => startResource(deployment, id, dependencies.get(id)!, done),
    cancelled: (ids) => {
      cancelledIds.push(...ids);
      for (const id of ids) {
        const resource = stack.resources.get(id)!;
        const verb = resource.status.startsWith('UPDATE') ? 'UPDATE' : 'CREATE';
        const reason = verb === 'CREATE' ? 'Resource creation cancelled' : 'Resource update cancelled';
        resourceEvent(scope, stack, resource, `${verb}_FAILED`, reason);
      }
    },
    finished: (failed) => finished([...failed, ...cancelledIds]),
  });
  return () => run.cancel();
}

function startResource(
  deployment: Deployment,
  id: string,
  needs: ReadonlySet<string>,
  done: (error?: Error) => void,
): (() => void) | undefined {
  const { stack, desired, env, scope } = deployment;
  const definition = desired.template.Resources[id]!;
  const existing = stack.resources.get(id);
  let properties: Properties;
  try {
    properties = evaluate(definition.Properties ?? {}, env);
  } catch (error) {
    const resource = existing ?? newResource(scope, id, definition, {}, needs);
    stack.resources.set(id, resource);
    const verb = existing ? 'UPDATE' : 'CREATE';
    resourceEvent(scope, stack, resource, `${verb}_FAILED`, (error as Error).message);
    done(error as Error);
    return undefined;
  }
  if (!existing) return create(deployment, newResource(scope, id, definition, properties, needs), done);
  Object.assign(existing, policiesOf(definition), { dependencies: [...needs] });
  const changed = changedProperties(existing.properties, properties);
  // Never came to be, in an earlier try: made anew.
  if (/^(CREATE_FAILED|DELETE_COMPLETE)$/.test(existing.status))
    return createAgain(deployment, existing, properties, done);
  const type = findResourceType(definition.Type, scope);
  const getsTags = deployment.tagsChanged && type.properties?.has('Tags') === true && type.update !== undefined;
  if (changed.length === 0 && existing.status !== 'UPDATE_FAILED' && !getsTags) {
    done();
    return undefined;
  }
  const replaces = changed.some((name) => type.replaceOn.includes(name));
  try {
    checkStackPolicy(deployment.policy, replaces ? 'Update:Replace' : 'Update:Modify', existing);
  } catch (error) {
    resourceEvent(scope, stack, existing, 'UPDATE_FAILED', (error as Error).message);
    done(error as Error);
    return undefined;
  }
  return replaces ? replace(deployment, existing, properties, done) : update(deployment, existing, properties, done);
}

function newResource(
  scope: Scope,
  logicalId: string,
  definition: TemplateResource,
  properties: Properties,
  needs: ReadonlySet<string>,
): StackResource {
  return {
    logicalId,
    type: definition.Type,
    status: '',
    timestamp: scope.account.timestamp,
    properties,
    dependencies: [...needs],
    generation: 0,
    ...policiesOf(definition),
  };
}

export function policiesOf(definition: TemplateResource) {
  return {
    deletionPolicy: String(definition.DeletionPolicy ?? 'Delete'),
    updateReplacePolicy: String(definition.UpdateReplacePolicy ?? 'Delete'),
    metadata: definition.Metadata,
  };
}

function create(deployment: Deployment, resource: StackResource, done: (error?: Error) => void): () => void {
  const { scope, stack } = deployment;
  stack.resources.set(resource.logicalId, resource);
  resourceEvent(scope, stack, resource, 'CREATE_IN_PROGRESS');
  return runCreation(deployment, resource, 'CREATE', done);
}

function createAgain(
  deployment: Deployment,
  existing: StackResource,
  properties: Properties,
  done: (error?: Error) => void,
): () => void {
  if (existing.physicalId !== undefined && existing.status !== 'DELETE_COMPLETE') {
    deployment.stack.superseded.push({ ...existing });
  }
  const generation = existing.generation + 1;
  return create(deployment, { ...existing, properties, physicalId: undefined, generation }, done);
}

/** The replacement is made first; the old resource goes when the whole update has succeeded. */
function replace(
  deployment: Deployment,
  existing: StackResource,
  properties: Properties,
  done: (error?: Error) => void,
): () => void {
  const { scope, stack } = deployment;
  const reason = 'Requested update requires the creation of a new physical resource; hence creating one.';
  resourceEvent(scope, stack, existing, 'UPDATE_IN_PROGRESS', reason);
  stack.superseded.push({ ...existing });
  const replacement: StackResource = {
    ...existing,
    properties,
    physicalId: undefined,
    generation: existing.generation + 1,
  };
  stack.resources.set(existing.logicalId, replacement);
  return runCreation(deployment, replacement, 'UPDATE', done);
}

function runCreation(
  { scope, stack }: Deployment,
  resource: StackResource,
  verb: 'CREATE' | 'UPDATE',
  done: (error?: Error) => void,
): () => void {
  const type = findResourceType(resource.type, scope);
  const request = requestFor(scope, stack, resource);
  return runAction(scope.account.simulation, {
    latency: type.latencies?.create ?? DEFAULT_LATENCY_MS,
    begin: () => {
      checkProperties(type, resource);
      resource.physicalId = type.create(resource.properties, request);
      resourceEvent(scope, stack, resource, `${verb}_IN_PROGRESS`, 'Resource creation Initiated');
    },
    settled: () => type.settled?.(resource.physicalId!, request) ?? true,
    done: (error) => finish(scope, stack, resource, verb, error, done),
  });
}

function update(
  { scope, stack }: Deployment,
  resource: StackResource,
  properties: Properties,
  done: (error?: Error) => void,
): () => void {
  resourceEvent(scope, stack, resource, 'UPDATE_IN_PROGRESS');
  return runUpdate(scope, stack, resource, properties, done);
}

/** Changes one resource in place, forward or back. */
export function runUpdate(
  scope: Scope,
  stack: Stack,
  resource: StackResource,
  properties: Properties,
  done: (error?: Error) => void,
): () => void {
  const type = findResourceType(resource.type, scope);
  const request = requestFor(scope, stack, resource);
  const previous = resource.properties;
  resource.properties = properties;
  return runAction(scope.account.simulation, {
    latency: type.latencies?.update ?? DEFAULT_LATENCY_MS,
    begin: () => {
      checkProperties(type, resource);
      if (!type.update) {
        const names = changedProperties(previous, properties).join(', ');
        throw new AwsError('NotUpdatable', `drydock does not simulate updates of ${type.typeName} (${names})`);
      }
      type.update(resource.physicalId!, properties, request, previous);
    },
    settled: () => type.settled?.(resource.physicalId!, request) ?? true,
    done: (error) => finish(scope, stack, resource, 'UPDATE', error, done),
  });
}

function finish(
  scope: Scope,
  stack: Stack,
  resource: StackResource,
  verb: 'CREATE' | 'UPDATE',
  error: Error | undefined,
  done: (error?: Error) => void,
): void {
  if (error) resourceEvent(scope, stack, resource, `${verb}_FAILED`, failureReason(scope, resource, error));
  else resourceEvent(scope, stack, resource, `${verb}_COMPLETE`);
  done(error);
}

/** @throws Error in the words of the resource handlers: a property is missing, or there is no such property. */
function checkProperties(type: RegisteredResourceType, { logicalId, properties }: StackResource): void {
  const missing = type.required.filter((name) => properties[name] === undefined);
  const extraneous = Object.keys(properties).filter((name) => type.properties?.has(name) === false);
  const lines = [
    ...missing.map((name) => `#: required key [${name}] not found`),
    ...extraneous.map((name) => `#: extraneous key [${name}] is not permitted`),
  ];
  if (lines.length === 0) return;
  throw new Error(`Properties validation failed for resource ${logicalId} with message:\n${lines.join('\n')}`);
}

/** Top-level properties that differ. */
export function changedProperties(before: Properties, after: Properties): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => canonical(before[name]) !== canonical(after[name]));
}

/** Equal for equal values, whatever the order of their members. CloudFormation does not tell "3" from 3. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members
      .map(([key, member]) => `${key}:${canonical(member)}`)
      .sort()
      .join()}}`;
  }
  return JSON.stringify(value === undefined ? null : String(value));
}

/** An error of a service, as the resource handlers pass it on. Everything else speaks for itself. */
export function failureReason(scope: Scope, resource: StackResource, error: Error): string {
  if (!(error instanceof AwsError) || error.code === 'ValidationError') return error.message;
  const random = scope.account.random(`${resource.logicalId}/${resource.physicalId}/${scope.account.now}`);
  const service = resource.type.split('::')[1];
  const detail = `(Service: ${service}, Status Code: ${error.status}, Request ID: ${random.uuid()}) (SDK Attempt Count: 1)`;
  const token = `(RequestToken: ${random.uuid()}, HandlerErrorCode: ${handlerErrorCode(error)})`;
  return `Resource handler returned message: "${error.message} ${detail}" ${token}`;
}

function handlerErrorCode({ code }: AwsError): string {
  if (/AlreadyExists|Duplicate|ResourceInUse/.test(code)) return 'AlreadyExists';
  if (/NotFound|NoSuch/.test(code)) return 'NotFound';
  if (/AccessDenied|Unauthorized/.test(code)) return 'AccessDenied';
  if (/LimitExceeded|Quota/.test(code)) return 'ServiceLimitExceeded';
  if (/NotStabilized/.test(code)) return 'NotStabilized';
  return /Throttl/.test(code) ? 'Throttling' : 'InvalidRequest';
}
