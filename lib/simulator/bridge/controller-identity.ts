/**
 * Who a controller in the cluster is in AWS, and whether it may do what it wants: the role of its service account, by a Pod
 * Identity association or by the annotation of IRSA.
 * https://docs.aws.amazon.com/eks/latest/userguide/service-accounts.html
 *
 * A controller whose service account has no role of its own may do everything: the simulated ones are there whether or not
 * anybody has installed them.
 */
import { AwsError } from '../aws/aws-error';
import { ec2Of } from '../aws/ec2/state';
import { eksOf } from '../aws/eks/state';
import { elbOf } from '../aws/elbv2/state';
import { authorizeRole, isTrusted } from '../aws/iam/authorization';
import { iamOf, type Role } from '../aws/iam/state';
import type { Client } from '../cluster/client';
import type { ClusterSurroundings } from './aws-api';
import { ROLE_ANNOTATION } from './pod-identity-webhook';

type Input = Readonly<Record<string, any>>;

export class ControllerIdentity {
  constructor(
    private readonly surroundings: ClusterSurroundings,
    private readonly client: Client,
    /** In kube-system. */
    private readonly serviceAccount: string,
  ) {}

  /** @throws AwsError when the controller has a role that may not be taken, or that may not do this */
  authorize(service: string, operation: string, input: Input): void {
    const role = this.tryRole();
    if (!role) return;
    const { account } = this.surroundings;
    const session = `arn:aws:sts::${account.accountId}:assumed-role/${role.RoleName}/eks-${this.surroundings.clusterName}-${this.serviceAccount}`;
    const check = (action: string, context: Record<string, string>) =>
      authorizeRole(this.surroundings, role, session, {
        action,
        resource: this.resourceOf(service, operation, input),
        context: { ...this.contextOf(service, input), ...context },
      });
    check(`${service}:${operation}`, {});
    // Tags at birth are a permission of their own, which may depend on what is born.
    if (!operation.startsWith('Create') || tagsOf(input).length === 0) return;
    if (service === 'ec2') check('ec2:CreateTags', { 'ec2:createaction': operation });
    else check(`${service}:AddTags`, { [`${service}:createaction`]: operation });
  }

  private tryRole(): Role | undefined {
    const { clusterName } = this.surroundings;
    const record = eksOf(this.surroundings).clusters.get(clusterName);
    const association = [...(record?.podIdentities.values() ?? [])].find(
      (item) => item.namespace === 'kube-system' && item.serviceAccount === this.serviceAccount,
    );
    if (association) return this.podIdentityRole(association.roleArn);
    const account = this.client.tryGet('serviceaccounts', 'kube-system', this.serviceAccount);
    const annotated = account?.metadata.annotations?.[ROLE_ANNOTATION];
    return annotated === undefined ? undefined : this.irsaRole(annotated, record?.cluster.identity.oidc.issuer ?? '');
  }

  private podIdentityRole(arn: string): Role {
    const role = this.findRole(arn);
    const principal = 'pods.eks.amazonaws.com';
    const trusted = ['sts:AssumeRole', 'sts:TagSession'].every((action) => isTrusted(role, { action, principal }));
    if (trusted) return role;
    throw new AwsError(
      'AccessDeniedException',
      'Unauthorized Exception! EKS does not have permissions to assume the associated role.',
      403,
    );
  }

  private irsaRole(arn: string, issuer: string): Role {
    const role = this.findRole(arn);
    const host = issuer.replace('https://', '');
    const provider = [...iamOf(this.surroundings).oidcProviders.values()].find(({ Url }) => Url === host);
    if (!provider) {
      const message = `No OpenIDConnect provider found in your account for ${issuer}`;
      throw new AwsError('InvalidIdentityToken', message);
    }
    const context = {
      [`${host}:sub`.toLowerCase()]: `system:serviceaccount:kube-system:${this.serviceAccount}`,
      [`${host}:aud`.toLowerCase()]: 'sts.amazonaws.com',
    };
    const action = 'sts:AssumeRoleWithWebIdentity';
    if (isTrusted(role, { action, principal: provider.Arn, context })) return role;
    throw new AwsError('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', 403);
  }

  private findRole(arn: string): Role {
    return iamOf(this.surroundings).findRole(arn.split('/').pop()!);
  }

  private resourceOf(service: string, operation: string, input: Input): string {
    const { region, account } = this.surroundings;
    if (/^Describe/.test(operation)) return '*';
    if (service === 'elasticloadbalancing') {
      const named =
        input.LoadBalancerArn ?? input.TargetGroupArn ?? input.ListenerArn ?? input.RuleArn ?? input.ResourceArns?.[0];
      const kind = operation.includes('TargetGroup')
        ? `targetgroup/${input.Name}`
        : `loadbalancer/${input.Type === 'network' ? 'net' : 'app'}/${input.Name}`;
      return named ?? `arn:aws:elasticloadbalancing:${region}:${account.accountId}:${kind}/0`;
    }
    const id = input.GroupId ?? input.VolumeId;
    const kind = /Volume/.test(operation) ? 'volume' : 'security-group';
    return `arn:aws:ec2:${region}:${account.accountId}:${kind}/${id ?? '*'}`;
  }

  /** The tags of the request, and of what it is about. */
  private contextOf(service: string, input: Input): Record<string, string> {
    const context: Record<string, string> = { 'aws:requestedregion': this.surroundings.region };
    for (const { Key, Value } of tagsOf(input)) context[`aws:requesttag/${Key}`.toLowerCase()] = Value;
    for (const [key, value] of this.resourceTags(service, input)) {
      context[`aws:resourcetag/${key}`.toLowerCase()] = value;
      context[`ec2:resourcetag/${key}`.toLowerCase()] = value;
    }
    return context;
  }

  private resourceTags(service: string, input: Input): [string, string][] {
    if (service !== 'elasticloadbalancing') {
      const item = ec2Of(this.surroundings).tryTagged(String(input.GroupId ?? input.VolumeId ?? ''));
      return (item?.tagSet ?? []).map(({ key, value }) => [key, value]);
    }
    const elb = elbOf(this.surroundings);
    const listener =
      elb.listeners.get(String(input.ListenerArn)) ??
      [...elb.listeners.values()].find(({ rules }) => rules.some(({ RuleArn }) => RuleArn === input.RuleArn));
    const item =
      elb.loadBalancers.get(String(input.LoadBalancerArn ?? listener?.LoadBalancerArn)) ??
      elb.targetGroups.get(String(input.TargetGroupArn));
    return (item?.tags ?? []).map(({ Key, Value }) => [Key, Value]);
  }
}

function tagsOf(input: Input): { readonly Key: string; readonly Value: string }[] {
  return input.Tags ?? (input.TagSpecification ?? []).flatMap(({ Tag }: { Tag?: [] }) => Tag ?? []);
}
