/**
 * The way back from an update that failed: every changed resource as it was, then the deletion of what the update made.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-continueupdaterollback.html
 *
 * "As it was" is the stack's last stable state, kept from the first update that fails until one succeeds or is rolled back.
 */
import type { Scope } from '../service';
import { deleteResources } from './deletion';
import { changedProperties, runUpdate } from './deployment';
import { resourceEvent, stackEvent } from './events';
import { runGraph } from './graph-run';
import type { StableState, Stack, StackResource } from './state';

export function stableStateOf(stack: Stack): StableState {
  const { template, templateBody, parameters, tags, capabilities, notificationArns, outputs } = stack;
  return {
    desired: { template, templateBody, parameters, tags, capabilities, notificationArns, outputs },
    resources: new Map([...stack.resources].map(([id, resource]) => [id, { ...resource }])),
  };
}

export interface RollBackOptions {
  readonly reason?: string;
  /** Logical ids that are taken for rolled back, whatever they are. */
  readonly skip?: ReadonlySet<string>;
  end(): void;
}

export function rollBackUpdate(scope: Scope, stack: Stack, { reason, skip, end }: RollBackOptions): void {
  const stable = stack.lastStable!;
  stackEvent(scope, stack, 'UPDATE_ROLLBACK_IN_PROGRESS', reason);
  Object.assign(stack, stable.desired);
  const { made, changed } = differences(stack, stable);
  const run = runGraph({
    clock: scope.account.simulation.clock,
    dependencies: new Map(
      [...changed].map(([id, old]) => [id, new Set(old.dependencies.filter((need) => changed.has(need)))]),
    ),
    stopOnFailure: false,
    start: (id, done) => restore(scope, stack, changed.get(id)!, skip?.has(id) ?? false, done),
    finished: (failed) => {
      if (failed.length > 0) {
        const names = failed.join(', ');
        stackEvent(scope, stack, 'UPDATE_ROLLBACK_FAILED', `The following resource(s) failed to update: [${names}]. `);
        end();
      } else finish(scope, stack, made, end);
    },
  });
  stack.cancel = () => run.cancel();
}

/** What was made since (replacements too), and what was there and is different now. */
function differences(stack: Stack, stable: StableState) {
  const wasThere = (resource: StackResource) =>
    stable.resources.get(resource.logicalId)?.generation === resource.generation;
  const made = [...stack.superseded, ...stack.resources.values()].filter((resource) => !wasThere(resource));
  const changed = new Map<string, StackResource>();
  for (const [id, old] of stable.resources) {
    const now = stack.resources.get(id);
    const isSame =
      now !== undefined &&
      wasThere(now) &&
      !/FAILED|IN_PROGRESS/.test(now.status) &&
      changedProperties(now.properties, old.properties).length === 0;
    if (!isSame) changed.set(id, old);
  }
  return { made, changed };
}

function restore(
  scope: Scope,
  stack: Stack,
  old: StackResource,
  skip: boolean,
  done: (error?: Error) => void,
): (() => void) | undefined {
  const current = stack.resources.get(old.logicalId);
  const isReplaced = current?.generation !== old.generation;
  const isChanged = !isReplaced && changedProperties(current.properties, old.properties).length > 0;
  if (current) resourceEvent(scope, stack, current, 'UPDATE_IN_PROGRESS');
  if (isChanged && !skip) return runUpdate(scope, stack, current, old.properties, done);
  const restored = { ...old };
  stack.resources.set(old.logicalId, restored);
  resourceEvent(scope, stack, restored, 'UPDATE_COMPLETE');
  done();
  return undefined;
}

function finish(scope: Scope, stack: Stack, made: readonly StackResource[], end: () => void): void {
  stackEvent(scope, stack, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
  stack.cancel = deleteResources({
    scope,
    stack,
    resources: made,
    retain: new Set(),
    finished: () => {
      for (const resource of made) {
        if (stack.resources.get(resource.logicalId) === resource) stack.resources.delete(resource.logicalId);
      }
      stack.lastStable = undefined;
      stack.superseded = [];
      stackEvent(scope, stack, 'UPDATE_ROLLBACK_COMPLETE');
      end();
    },
  });
}
