/**
 * As whom drydock works in the cluster. A cluster made by CloudFormation belongs to CloudFormation's role, not to the person
 * who deployed it; the stacks name a role that administers it in their output `AdminRoleArn`, and drydock assumes that.
 * https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
 */
import type { Transport } from '../apply';
import type { Backend } from '../backends/backend';

const OUTPUT = /AdminRoleArn/;

/** Opens a connection as the cluster's administrator, or as the caller where no stack names such a role. */
export async function connectAsAdmin(backend: Backend, cluster: string, stacks: readonly string[]): Promise<Transport> {
  return backend.connect(cluster, await findAdminRole(backend, stacks));
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
