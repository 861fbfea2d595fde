/**
 * Stack policies: which resources an update may modify, replace or delete. A stack without one allows everything; with one,
 * what no statement allows is denied.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
 */
import { validationError } from '../aws-error';
import { decide } from '../iam/policy';
import type { WireObject } from '../service';

export type UpdateAction = 'Update:Modify' | 'Update:Replace' | 'Update:Delete';

/** The policy of a request, checked. @throws ValidationError */
export function parseStackPolicy(text: unknown): string | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    const { Statement } = JSON.parse(String(text)) as { Statement?: WireObject[] };
    const isSound = Array.isArray(Statement) && Statement.every(({ Effect, Principal }) => Effect && Principal === '*');
    if (isSound) return String(text);
  } catch {
    // Said below.
  }
  throw validationError('Error validating stack policy: Invalid stack policy');
}

/** @throws ValidationError when the policy does not let the update do this to the resource */
export function checkStackPolicy(
  policy: string | undefined,
  action: UpdateAction,
  { logicalId, type }: { readonly logicalId: string; readonly type: string },
): void {
  if (!policy) return;
  const resource = `LogicalResourceId/${logicalId}`;
  const request = { action, resource, principal: '*', context: { resourcetype: type } };
  const decision = decide([policy], request);
  if (decision === 'allowed') return;
  if (decision === 'implicitDeny') throw validationError('Action not allowed by stack policy');
  const statements: WireObject[] = JSON.parse(policy).Statement;
  const index = statements.findIndex((statement) => decide([{ Statement: statement }], request) === 'explicitDeny');
  const { Action, Resource } = statements[index]!;
  const list = (value: unknown) => [value].flat().join(', ');
  throw validationError(
    `Action denied by stack policy: Statement [#${index + 1}] does not allow [${list(Action)}] for resource [${list(Resource)}]`,
  );
}
