/**
 * Service quotas: their codes, and what the services say when one is used up.
 * https://docs.aws.amazon.com/servicequotas/latest/userguide/intro.html
 */
import { AwsError } from '../aws-error';

interface Quota {
  /** As Service Quotas calls it. */
  readonly name: string;
  readonly code: string;
  readonly message: (limit: number) => string;
}

const reached = (what: string) => `The maximum number of ${what} has been reached.`;

const QUOTAS: Readonly<Record<string, Quota>> = {
  'L-F678F1CE': { name: 'VPCs per Region', code: 'VpcLimitExceeded', message: () => reached('VPCs') },
  'L-A4707A72': {
    name: 'Internet gateways per Region',
    code: 'InternetGatewayLimitExceeded',
    message: () => reached('internet gateways'),
  },
  'L-0263D0A3': { name: 'EC2-VPC Elastic IPs', code: 'AddressLimitExceeded', message: () => reached('addresses') },
  'L-E79EC296': {
    name: 'VPC security groups per Region',
    code: 'SecurityGroupLimitExceeded',
    message: () => reached('security groups'),
  },
  'L-FE5A380F': {
    name: 'NAT gateways per Availability Zone',
    code: 'NatGatewayLimitExceeded',
    message: (limit) => `Performing this operation would exceed the limit of ${limit} NAT gateways`,
  },
  'L-1216C47A': {
    name: 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances',
    code: 'VcpuLimitExceeded',
    message: (limit) =>
      `You have requested more vCPU capacity than your current vCPU limit of ${limit} allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.`,
  },
  'L-53DA6B97': {
    name: 'Application Load Balancers per Region',
    code: 'TooManyLoadBalancers',
    message: () => 'The limit of the number of load balancers for your account has been reached',
  },
  'L-69A177A2': {
    name: 'Network Load Balancers per Region',
    code: 'TooManyLoadBalancers',
    message: () => 'The limit of the number of load balancers for your account has been reached',
  },
  'L-1194D53C': {
    name: 'Clusters per Region',
    code: 'ResourceLimitExceededException',
    message: () => 'Cluster limit exceeded for account',
  },
  'L-6D54EA21': {
    name: 'Managed node groups per cluster',
    code: 'ResourceLimitExceededException',
    message: () => 'Nodegroup limit exceeded for cluster',
  },
};

/** @throws Error: a mistake of whoever sets up a test, not an answer of AWS */
export function findQuota(code: string): Quota {
  const quota = QUOTAS[code];
  if (quota) return quota;
  throw new Error(`drydock does not simulate the quota "${code}"; it knows ${Object.keys(QUOTAS).join(', ')}`);
}

export function exceededQuota(code: string, limit: number): AwsError {
  const quota = findQuota(code);
  return new AwsError(quota.code, quota.message(limit));
}
