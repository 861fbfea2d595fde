/** The options of verbs that also work on a cluster which was built elsewhere. */
import { Option } from 'commander';
import type { EnvironmentSource } from '../environment/target';

export interface ExistingOptions {
  readonly cluster?: string;
  readonly roleArn?: string;
}

export const clusterOption = (): Option =>
  new Option('--cluster <name>', 'an EKS cluster that was built elsewhere, in place of the CDK app');

export const roleOption = (): Option =>
  new Option('--role-arn <arn>', 'the IAM role to work as in that cluster (default: your own)');

/** The cluster that was named, or else the app of this folder. */
export function sourceOf({ cluster, roleArn }: ExistingOptions): EnvironmentSource {
  const projectDirectory = process.cwd();
  if (cluster === undefined) return { projectDirectory };
  return { projectDirectory, existing: { name: cluster, ...(roleArn ? { roleArn } : {}) } };
}
