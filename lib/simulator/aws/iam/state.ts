/**
 * Identity and Access Management: roles, policies, instance profiles, OIDC providers. IAM has no regions.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/introduction.html
 *
 * Records carry the wire's names. Left out: policies are stored and never evaluated.
 */
import { AwsError } from '../aws-error';
import { globalState, type Scope } from '../service';
import type { Tag } from '../tags';

export interface Role {
  readonly RoleName: string;
  readonly RoleId: string;
  readonly Arn: string;
  readonly Path: string;
  readonly CreateDate: string;
  AssumeRolePolicyDocument: unknown;
  Description?: string;
  MaxSessionDuration: number;
  PermissionsBoundary?: string;
  Tags: readonly Tag[];
  /** ARNs of managed policies. */
  readonly attached: Set<string>;
  /** Inline policies by name. */
  readonly inline: Map<string, unknown>;
}

export interface ManagedPolicy {
  readonly PolicyName: string;
  readonly PolicyId: string;
  readonly Arn: string;
  readonly Path: string;
  readonly CreateDate: string;
  Description?: string;
  document: unknown;
  version: number;
}

export interface InstanceProfile {
  readonly InstanceProfileName: string;
  readonly InstanceProfileId: string;
  readonly Arn: string;
  readonly Path: string;
  readonly CreateDate: string;
  roles: string[];
}

export interface OidcProvider {
  readonly Arn: string;
  readonly Url: string;
  readonly CreateDate: string;
  clientIds: string[];
  thumbprints: string[];
  Tags: readonly Tag[];
}

export class IamState {
  readonly roles = new Map<string, Role>();
  /** By ARN. */
  readonly policies = new Map<string, ManagedPolicy>();
  readonly instanceProfiles = new Map<string, InstanceProfile>();
  /** By ARN. */
  readonly oidcProviders = new Map<string, OidcProvider>();

  constructor(private readonly scope: Scope) {}

  /** `AROA...`, `ANPA...`: 4 letters that tell the kind, and 17 more. */
  id(prefix: string): string {
    const random = this.scope.account.stateOf('iam/ids', () => this.scope.account.random('iam/ids'));
    return `${prefix}${random.text(17, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`;
  }

  arn(kind: string, path: string, name: string): string {
    return `arn:aws:iam::${this.scope.account.accountId}:${kind}${path}${name}`;
  }

  findRole(name: string): Role {
    const role = this.roles.get(name);
    if (!role) throw noSuchEntity(`The role with name ${name} cannot be found.`);
    return role;
  }

  findInstanceProfile(name: string): InstanceProfile {
    const profile = this.instanceProfiles.get(name);
    if (!profile) throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
    return profile;
  }
}

export const iamOf = globalState('iam', (scope) => new IamState(scope));

export function noSuchEntity(message: string): AwsError {
  return new AwsError('NoSuchEntity', message, 404);
}
