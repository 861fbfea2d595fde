/**
 * Outputs of deployed stacks, put into the manifests that use them.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
 */
import type { Backend } from '../backends/backend';
import type { KubernetesObject } from '../kubernetes/object';
import { UserError } from '../kubernetes/user-error';
import { refuseErrors, validate } from '../manifests/check';
import { lateValuesIn, resolveLateValues } from '../manifests/late-values';

/** @throws UserError for uses of stacks that the app does not have: nothing of it will be deployed. */
export function refuseForeignStacks(objects: readonly KubernetesObject[], stacks: readonly string[]): void {
  const foreign = lateValuesIn(objects).find(({ stack }) => !stacks.includes(stack));
  if (foreign === undefined) return;
  const { object, stack, output } = foreign;
  throw new UserError(
    'NoSuchStack',
    `${object.kind} "${object.metadata.name}" uses output ${output} of stack ${stack}, and the app has no such stack`,
    `It has ${stacks.join(', ')}.`,
  );
}

/**
 * The objects with what the deployed stacks say. They are checked again, now that all of their values are known.
 * @throws UserError for outputs that are not there, and for values that the API server would refuse
 */
export async function withStackOutputs(
  backend: Backend,
  objects: readonly KubernetesObject[],
): Promise<readonly KubernetesObject[]> {
  const stacks = new Set(lateValuesIn(objects).map(({ stack }) => stack));
  if (stacks.size === 0) return objects;
  const outputs = await readOutputs(backend, stacks);
  const resolved = resolveLateValues(objects, ({ stack, output }) => outputs.get(`${stack}.${output}`));
  refuseErrors(validate(resolved));
  return resolved;
}

/** By `<stack>.<output>`; stacks that are not there have none. */
async function readOutputs(backend: Backend, stacks: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient(backend.sdk);
  const found = new Map<string, string>();
  for (const name of stacks) {
    const answer = await client.send(new DescribeStacksCommand({ StackName: name })).catch((error: Error) => {
      if (/does not exist/.test(error.message)) return undefined;
      throw error;
    });
    for (const { OutputKey, OutputValue } of answer?.Stacks?.[0]?.Outputs ?? []) {
      found.set(`${name}.${OutputKey}`, OutputValue ?? '');
    }
  }
  client.destroy();
  return found;
}
