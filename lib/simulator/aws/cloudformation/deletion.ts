/**
 * Deletes resources of a stack, those that need others first. Used for DeleteStack, for rolling back, and for what an
 * update leaves behind.
 */
import { isNotFound } from '../aws-error';
import { findResourceType } from '../resource-types';
import type { Scope } from '../service';
import { runAction } from './action';
import { failureReason } from './deployment';
import { requestFor } from './environment';
import { resourceEvent } from './events';
import { runGraph } from './graph-run';
import type { Stack, StackResource } from './state';

const DEFAULT_LATENCY_MS = 2_000;

export interface DeletionOptions {
  readonly scope: Scope;
  readonly stack: Stack;
  readonly resources: readonly StackResource[];
  /** Logical ids that stay in AWS. */
  readonly retain: ReadonlySet<string>;
  finished(failed: readonly StackResource[]): void;
}

/** Starts the deletion; the result stops it. */
export function deleteResources({ scope, stack, resources, retain, finished }: DeletionOptions): () => void {
  const byKey = new Map(resources.map((resource) => [keyOf(resource), resource]));
  const run = runGraph({
    clock: scope.account.simulation.clock,
    dependencies: deletionOrder(resources),
    stopOnFailure: false,
    start: (key, done) => {
      const resource = byKey.get(key)!;
      if (retain.has(resource.logicalId)) {
        resourceEvent(scope, stack, resource, 'DELETE_SKIPPED');
        done();
        return undefined;
      }
      return deleteResource(scope, stack, resource, done);
    },
    finished: (failed) => finished(failed.map((key) => byKey.get(key)!)),
  });
  return () => run.cancel();
}

/** A resource goes after everything that was made with it in hand. */
function deletionOrder(resources: readonly StackResource[]): Map<string, Set<string>> {
  const order = new Map([...resources].reverse().map((resource) => [keyOf(resource), new Set<string>()]));
  const byLogicalId = groupByLogicalId(resources);
  for (const user of resources) {
    for (const need of user.dependencies) {
      for (const used of byLogicalId.get(need) ?? []) order.get(keyOf(used))?.add(keyOf(user));
    }
  }
  return order;
}

function groupByLogicalId(resources: readonly StackResource[]): Map<string, StackResource[]> {
  const groups = new Map<string, StackResource[]>();
  for (const resource of resources) {
    const group = groups.get(resource.logicalId);
    if (group) group.push(resource);
    else groups.set(resource.logicalId, [resource]);
  }
  return groups;
}

function keyOf(resource: StackResource): string {
  return `${resource.logicalId}#${resource.generation}`;
}

function deleteResource(
  scope: Scope,
  stack: Stack,
  resource: StackResource,
  done: (error?: Error) => void,
): (() => void) | undefined {
  const { physicalId } = resource;
  if (physicalId === undefined) {
    resourceEvent(scope, stack, resource, 'DELETE_COMPLETE');
    done();
    return undefined;
  }
  const type = findResourceType(resource.type, scope);
  const request = requestFor(scope, stack, resource);
  resourceEvent(scope, stack, resource, 'DELETE_IN_PROGRESS');
  return runAction(scope.account.simulation, {
    latency: type.latencies?.delete ?? DEFAULT_LATENCY_MS,
    patience: type.latencies?.deletePatience,
    begin: () => {
      try {
        type.delete(physicalId, request, resource.properties);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
    settled: () => type.deleted?.(physicalId, request) ?? true,
    done: (error) => {
      if (error) resourceEvent(scope, stack, resource, 'DELETE_FAILED', failureReason(scope, resource, error));
      else resourceEvent(scope, stack, resource, 'DELETE_COMPLETE');
      done(error);
    },
  });
}
