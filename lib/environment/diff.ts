/** What `up` would change: the stacks by their templates, the objects by a dry run of the API server. */
import { isEmpty, type Plan, plan } from '../apply';
import type { Backend } from '../backends/backend';
import { UserError } from '../kubernetes/user-error';
import { loadManifests } from '../manifests/load';
import { connectAsAdmin } from './access';
import { refuseForeignStacks, withStackOutputs } from './stack-outputs';
import { type EnvironmentSource, findTarget, type Target } from './target';

export interface EnvironmentDiff {
  /** Name and difference in words, of each stack that differs. */
  readonly stacks: ReadonlyMap<string, string>;
  /** Undefined while there is no cluster to ask. */
  readonly objects?: Plan;
  readonly different: boolean;
}

export async function readDiff(
  backend: Backend,
  source: EnvironmentSource,
  manifestsDirectory: string,
): Promise<EnvironmentDiff> {
  const target = await findTarget(backend, source);
  const stacks = (await target.app?.diff()) ?? new Map<string, string>();
  const objects = await planObjects(backend, target, manifestsDirectory);
  return { stacks, ...(objects ? { objects } : {}), different: stacks.size > 0 || !objects || !isEmpty(objects) };
}

async function planObjects(backend: Backend, target: Target, directory: string): Promise<Plan | undefined> {
  const written = await loadManifests(directory);
  if (target.app) refuseForeignStacks(written, target.stacks);
  try {
    const transport = await connectAsAdmin(backend, target.cluster, target);
    try {
      const objects = await withStackOutputs(backend, written);
      return await plan({ objects, transport });
    } finally {
      transport.close();
    }
  } catch (error) {
    if (target.app && error instanceof UserError && error.code === 'NoCluster') return undefined;
    throw error;
  }
}
