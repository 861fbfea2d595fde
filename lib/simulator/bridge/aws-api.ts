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

export interface AwsApi {
  elb(operation: string, input?: Members): any;
  ec2(operation: string, input?: Members): any;
}

export function awsApi({ account, region }: ClusterSurroundings): AwsApi {
  return {
    elb: (operation, input) => account.call('elasticloadbalancing', operation, input, { region }),
    ec2: (operation, input) => account.call('ec2', operation, input, { region }),
  };
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
