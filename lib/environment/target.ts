/**
 * What an environment is built on: the cluster that the CDK app makes, or one that was built elsewhere (with another CDK app,
 * Terraform, eksctl), to which only objects are brought. Nothing above asks which of the two it is, but whether there are stacks.
 */
import type { Backend } from '../backends/backend';
import { UserError } from '../kubernetes/user-error';
import type { Access } from './access';
import { type CdkApp, loadCdkApp } from './cdk';

export interface ExistingCluster {
  readonly name: string;
  /** The role to work as. @default the caller's own */
  readonly roleArn?: string;
}

export interface EnvironmentSource {
  /** Holds cdk.json. */
  readonly projectDirectory: string;
  /** Used in place of a CDK app. @default none */
  readonly existing?: ExistingCluster;
}

export interface Target extends Access {
  readonly cluster: string;
  /** What makes the cluster; undefined when it was built elsewhere. */
  readonly app?: CdkApp;
}

/** @throws UserError when the app makes no cluster, or several */
export async function findTarget(backend: Backend, source: EnvironmentSource): Promise<Target> {
  if (source.existing) {
    const { name, roleArn } = source.existing;
    return { cluster: name, stacks: [], ...(roleArn ? { roleArn } : {}) };
  }
  const app = await loadCdkApp(source.projectDirectory, backend);
  return { cluster: onlyCluster(app), stacks: app.stacks.map((stack) => stack.name), app };
}

function onlyCluster(app: CdkApp): string {
  const clusters = app.stacks.flatMap((stack) => stack.clusters);
  if (clusters.length === 1) return clusters[0]!;
  throw new UserError(
    clusters.length === 0 ? 'NoClusterInApp' : 'SeveralClusters',
    clusters.length === 0
      ? 'the CDK app makes no EKS cluster with a name'
      : `the CDK app makes ${clusters.length} EKS clusters: ${clusters.join(', ')}`,
    'drydock applies the manifests to the one cluster of the app; give it a clusterName, or name one that exists with --cluster.',
  );
}
