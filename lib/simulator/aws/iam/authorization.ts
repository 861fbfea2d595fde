/**
 * Whether a role may do something: its policies decide, and the refusal is in the words of the service.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
import { AwsError } from '../aws-error';
import type { Scope } from '../service';
import { managedPolicyDocument } from './managed-policies';
import { decide, type PolicyRequest } from './policy';
import { iamOf, type Role } from './state';

/** @throws AwsError AccessDenied, or UnauthorizedOperation of EC2 */
export function authorizeRole(scope: Scope, role: Role, session: string, request: PolicyRequest): void {
  const decision = decide(policiesOf(scope, role), request);
  if (decision === 'allowed') return;
  const { action, resource } = request;
  const why =
    decision === 'explicitDeny'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  const message = `User: ${session} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
  if (!action.startsWith('ec2:')) throw new AwsError('AccessDenied', message, 403);
  throw new AwsError('UnauthorizedOperation', `You are not authorized to perform this operation. ${message}`, 403);
}

function policiesOf(scope: Scope, { attached, inline }: Role): unknown[] {
  const { policies } = iamOf(scope);
  return [...inline.values(), ...[...attached].map((arn) => policies.get(arn)?.document ?? managedPolicyDocument(arn))];
}

/** Whether the role's trust policy lets the principal take it. */
export function isTrusted(role: Role, request: Omit<PolicyRequest, 'resource'>): boolean {
  return decide([role.AssumeRolePolicyDocument], { ...request, resource: role.Arn }) === 'allowed';
}
