/** What `up` would change: the stacks by their templates, the objects by a dry run of the API server. */
import { isEmpty, type Plan, plan } from '../apply';
import type { Backend } from '../backends/backend';
import { UserError } from '../kubernetes/user-error';
import { loadManifests } from '../manifests/load';
import { connectAsAdmin } from './access';
import { type CdkApp, loadCdkApp } from './cdk';

export interface EnvironmentDiff {
  /** Name and difference in words, of each stack that differs. */
  readonly stacks: ReadonlyMap<string, string>;
  /** Undefined while there is no cluster to ask. */
  readonly objects?: Plan;
  readonly different: boolean;
}

export async function readDiff(
  backend: Backend,
  projectDirectory: string,
  manifestsDirectory: string,
): Promise<EnvironmentDiff> {
  const app = await loadCdkApp(projectDirectory, backend);
  const stacks = await app.diff();
  const objects = await planObjects(backend, app, manifestsDirectory);
  return { stacks, ...(objects ? { objects } : {}), different: stacks.size > 0 || !objects || !isEmpty(objects) };
}

async function planObjects(backend: Backend, app: CdkApp, directory: string): Promise<Plan | undefined> {
  const stacks = app.stacks.map((stack) => stack.name);
  const cluster = app.stacks.flatMap((stack) => stack.clusters)[0];
  if (!cluster) return undefined;
  const objects = await loadManifests(directory);
  try {
    const transport = await connectAsAdmin(backend, cluster, stacks);
    try {
      return await plan({ objects, transport });
    } finally {
      transport.close();
    }
  } catch (error) {
    if (error instanceof UserError && error.code === 'NoCluster') return undefined;
    throw error;
  }
}
