/**
 * How the bridge speaks to AWS: the public operations of the simulated account, in the members of the wire, as a
 * controller in a Pod would call them. It has no other way in.
 */
import type { AwsAccount } from '../aws/account';
import { isNotFound } from '../aws/aws-error';
import type { Tags } from './load-balancer-model';

/** What the controllers of one EKS cluster know of their surroundings. */
export interface ClusterSurroundings {
  readonly account: AwsAccount;
  readonly region: string;
  readonly clusterName: string;
  readonly vpcId: string;
  /** The security group of the control plane and the nodes. */
  readonly clusterSecurityGroupId: string;
}

type Members = Readonly<Record<string, unknown>>;

/** Knows what the caller may do. */
export interface AwsGuard {
  /** @throws AwsError */
  authorize(service: string, operation: string, input: Members): void;
}

export interface AwsApi {
  elb(operation: string, input?: Members): any;
  ec2(operation: string, input?: Members): any;
}

/** @param guard says no where the controller may not do it. @default it may do everything */
export function awsApi({ account, region }: ClusterSurroundings, guard?: AwsGuard): AwsApi {
  const caller = (service: string) => (operation: string, input?: Members) => {
    guard?.authorize(service, operation, input ?? {});
    return account.call(service, operation, input, { region });
  };
  return { elb: caller('elasticloadbalancing'), ec2: caller('ec2') };
}

/** `[{ Key, Value }]`, the form in which AWS takes tags. */
export function tagList(tags: Tags): readonly { readonly Key: string; readonly Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Runs `call`; undefined when AWS answers that the thing does not exist. */
export function unlessNotFound<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
