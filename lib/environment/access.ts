/**
 * As whom drydock works in the cluster. A cluster made by CloudFormation belongs to CloudFormation's role, not to the person
 * who deployed it; the stacks name a role that administers it in their output `AdminRoleArn`, and drydock assumes that.
 * https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
 */
import type { Transport } from '../apply';
import type { Backend } from '../backends/backend';
import type { EnvironmentRecord } from './state';

const OUTPUT = /AdminRoleArn/;

/** What decides as whom to work: the stacks that made the cluster, or a role that the user named. */
export type Access = Pick<EnvironmentRecord, 'stacks' | 'roleArn'>;

/** Opens a connection as the cluster's administrator, or as the caller where neither user nor stacks name such a role. */
export async function connectAsAdmin(backend: Backend, cluster: string, access: Access): Promise<Transport> {
  return backend.connect(cluster, access.roleArn ?? (await findAdminRole(backend, access.stacks)));
}

async function findAdminRole({ sdk }: Backend, stacks: readonly string[]): Promise<string | undefined> {
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient(sdk);
  for (const StackName of stacks) {
    const answer = await client.send(new DescribeStacksCommand({ StackName })).catch((error: Error) => {
      // The stack may be gone already, or not be there yet.
      if (error.name === 'ValidationError') return undefined;
      throw error;
    });
    const output = answer?.Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OUTPUT.test(OutputKey ?? ''));
    if (output?.OutputValue) return output.OutputValue;
  }
  return undefined;
}
