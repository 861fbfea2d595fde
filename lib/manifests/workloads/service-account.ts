/**
 * Whom Pods are to the API server, what they may do there, and which role of AWS they take.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 *
 * Grants become one Role and one RoleBinding per namespace (or one ClusterRole and ClusterRoleBinding), named after the account,
 * that grow with each call.
 */
import type { Construct } from 'constructs';
import { namedResources } from '../../kubernetes/resources';
import type { PolicyRule } from '../../kubernetes/types/rbac-v1.generated';
import { UserError } from '../../kubernetes/user-error';
import { ApiObject, type PropsOf } from '../api-object';
import { closest } from '../closest';
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../kinds.generated';

const READ = ['get', 'list', 'watch'];
const WRITE = [...READ, 'create', 'update', 'patch', 'delete'];

/** `pods`, `pods/log`, `deployments`; a custom resource with its group: `certificates.cert-manager.io`. */
export type ResourceName = string;

type Verb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'deletecollection'
  | 'use'
  | 'bind'
  | 'escalate'
  | 'impersonate'
  | (string & {});

/** What an account may do in one namespace, or everywhere. */
export class Grants {
  private readonly rules: PolicyRule[] = [];
  private made = false;

  /** @internal */
  constructor(
    private readonly account: ServiceAccount,
    /** Undefined: everywhere, and outside of namespaces. */
    private readonly namespace: string | undefined,
  ) {}

  /** get, list and watch. @example account.allowRead('pods', 'pods/log') */
  allowRead(...resources: readonly ResourceName[]): this {
    return this.allow(READ, ...resources);
  }

  /** Everything that one does to objects: read, create, update, patch, delete. */
  allowManage(...resources: readonly ResourceName[]): this {
    return this.allow(WRITE, ...resources);
  }

  /** @throws UserError for a resource that is not built in and names no group */
  allow(verbs: readonly Verb[], ...resources: readonly ResourceName[]): this {
    for (const resource of resources) this.addRule(verbs, resource);
    if (!this.made) this.make();
    return this;
  }

  private addRule(verbs: readonly string[], name: ResourceName): void {
    const { group, resource, namespaced } = findResource(name);
    if (!namespaced && this.namespace !== undefined) {
      throw new UserError(
        'NotInNamespace',
        `${name} are in no namespace, so a Role cannot allow ServiceAccount "${this.account.name}" anything about them`,
        `Say account.everywhere.allow...('${name}').`,
      );
    }
    const same = this.rules.find(
      (rule) => rule.apiGroups?.[0] === group && rule.verbs.join() === verbs.join() && rule.resourceNames === undefined,
    );
    if (same === undefined) this.rules.push({ apiGroups: [group], resources: [resource], verbs: [...verbs] });
    else if (!same.resources!.includes(resource)) same.resources!.push(resource);
  }

  private make(): void {
    this.made = true;
    const { account, rules, namespace } = this;
    const { name } = account;
    const subjects = [{ kind: 'ServiceAccount' as const, name, namespace: account.namespaceForBinding() }];
    const apiGroup = 'rbac.authorization.k8s.io';
    if (namespace === undefined) {
      // Names outside of namespaces are everybody's, so they say whose account it is.
      const global = `${subjects[0]!.namespace}-${name}`;
      new ClusterRole(account, global, { rules });
      new ClusterRoleBinding(account, global, { roleRef: { apiGroup, kind: 'ClusterRole', name: global }, subjects });
    } else {
      const metadata = { namespace };
      new Role(account, name, { metadata, rules });
      new RoleBinding(account, name, { metadata, roleRef: { apiGroup, kind: 'Role', name }, subjects });
    }
  }
}

export class ServiceAccount extends ApiObject<'v1', 'ServiceAccount'> {
  static readonly apiVersion = 'v1';
  static readonly kind = 'ServiceAccount';
  private readonly grants = new Map<string | undefined, Grants>();

  constructor(scope: Construct, name: string, props: PropsOf<'v1', 'ServiceAccount'> = {}) {
    super(scope, name, { apiVersion: 'v1', kind: 'ServiceAccount', ...props });
  }

  /** In its own namespace: get, list and watch. @example account.allowRead('pods', 'configmaps'); */
  allowRead(...resources: readonly ResourceName[]): this {
    this.in(this.namespaceForBinding()).allowRead(...resources);
    return this;
  }

  /** In its own namespace: read, create, update, patch and delete. */
  allowManage(...resources: readonly ResourceName[]): this {
    this.in(this.namespaceForBinding()).allowManage(...resources);
    return this;
  }

  /** In its own namespace. @example account.allow(['create'], 'pods/exec'); */
  allow(verbs: readonly Verb[], ...resources: readonly ResourceName[]): this {
    this.in(this.namespaceForBinding()).allow(verbs, ...resources);
    return this;
  }

  /** What it may do in another namespace. */
  in(namespace: string): Grants {
    return this.grantsFor(namespace);
  }

  /** What it may do in all namespaces, and to what is in none. @example account.everywhere.allowRead('nodes'); */
  get everywhere(): Grants {
    return this.grantsFor(undefined);
  }

  private grantsFor(namespace: string | undefined): Grants {
    const known = this.grants.get(namespace);
    if (known !== undefined) return known;
    const grants = new Grants(this, namespace);
    this.grants.set(namespace, grants);
    return grants;
  }

  /**
   * Takes a role of IAM through the cluster's OIDC provider: sets the annotation that the webhook of EKS reads. With EKS Pod Identity,
   * which needs no annotation, hand the account to `PodIdentity` of eks-drydock/stacks instead.
   * https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
   * @param roleArn may be the output of a stack: `stackOutput('shop-storage', 'ReaderRoleArn')`
   */
  assumeRole(roleArn: string): this {
    const { metadata } = this.written;
    metadata.annotations = { ...metadata.annotations, 'eks.amazonaws.com/role-arn': roleArn };
    return this;
  }

  /** @internal a binding must say the namespace of its account, even when its objects do not */
  namespaceForBinding(): string {
    return this.namespace ?? 'default';
  }
}

function findResource(name: ResourceName): { group: string; resource: string; namespaced: boolean } {
  const [whole, subresource] = name.split('/') as [string, string?];
  const dot = whole.indexOf('.');
  const plural = dot < 0 ? whole : whole.slice(0, dot);
  const group = dot < 0 ? undefined : whole.slice(dot + 1);
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  const known = namedResources(plural).find((each) => group === undefined || each.group === group);
  if (known !== undefined) return { group: known.group, resource, namespaced: known.namespaced };
  if (group !== undefined) return { group, resource, namespaced: true };
  const instead = closest(
    plural,
    namedResources().map((each) => each.resource),
  );
  throw new UserError(
    'NoSuchResource',
    `there is no resource "${name}" in Kubernetes`,
    instead ? `Did you mean "${instead}"?` : 'Name a custom resource with its group: certificates.cert-manager.io.',
  );
}
