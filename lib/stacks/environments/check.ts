/** What the types of settings cannot see, because it takes comparing values. Every problem is a sentence that says why. */
import { CapacityType } from 'aws-cdk-lib/aws-eks-v2';
import type { EnvironmentSettings, Environments } from './settings';

/** Everything that is wrong, each with the name of the environment in front; none when all is well. */
export function problemsOf(environments: Environments): string[] {
  return Object.entries(environments).flatMap(([name, settings]) => problemsOfOne(name, settings));
}

type Check = (settings: EnvironmentSettings) => string | undefined | false;

const CHECKS: readonly Check[] = [
  ({ account }) =>
    account !== undefined &&
    !/^\d{12}$/.test(account) &&
    `account "${account}" is not an AWS account id, which has twelve digits`,
  ({ region }) => !/^[a-z]{2}(?:-[a-z]+)+-\d$/.test(region) && `region "${region}" is not the name of an AWS region`,
  ({ nodeGroups }) =>
    nodeGroups &&
    Object.keys(nodeGroups).length === 0 &&
    'no node group is named, so no Pod could run; or say compute: auto',
  ({ stage, nodeGroups }) =>
    stage === 'production' &&
    nodeGroups &&
    Object.values(nodeGroups).every(({ capacityType }) => capacityType === CapacityType.SPOT) &&
    'production runs on Spot instances only, which EC2 may take away all at once with two minutes of notice: add an on-demand group',
  ({ stage, nodeGroups }) =>
    stage === 'production' &&
    nodeGroups &&
    Object.values(nodeGroups).every(({ minSize = 1 }) => minSize < 2) &&
    'production may shrink to one node, whose loss or update stops everything: give a node group a minSize of 2 or more',
  ({ cluster }) =>
    cluster?.publicAccessCidrs?.some((cidr) => cidr === '0.0.0.0/0' || cidr === '::/0') &&
    'the API server would answer to the whole internet: name the networks that need it in publicAccessCidrs',
  ({ stage, network }) =>
    stage === 'production' &&
    network?.flowLogs === false &&
    'production keeps no flow logs, so nobody could tell afterwards who talked to whom',
  ({ cluster, network }) =>
    cluster?.ipv6 &&
    network &&
    !network.ipv6 &&
    'the cluster uses IPv6 and its network has no IPv6 addresses: set network.ipv6, too',
  ({ network, zones = 2 }) => network?.cidr !== undefined && tooSmall(network.cidr, zones),
  ({ fargate, natGateways }) =>
    fargate && natGateways === 'none' && 'Fargate Pods pull images through NAT here, and there is none',
];

function problemsOfOne(name: string, settings: EnvironmentSettings): string[] {
  return CHECKS.flatMap((check) => {
    const problem = check(settings);
    return problem ? [`${name}: ${problem}`] : [];
  });
}

const PRIVATE_SUBNET = 2 ** (32 - 19);
const PUBLIC_SUBNET = 2 ** (32 - 24);

function tooSmall(cidr: string, zones: number): string | undefined {
  const length = Number(/^\d+\.\d+\.\d+\.\d+\/(\d+)$/.exec(cidr)?.[1]);
  if (Number.isNaN(length) || length < 16 || length > 28) {
    return `network.cidr "${cidr}" is not an IPv4 range from /16 to /28, which is what a VPC can have`;
  }
  const needed = zones * (PRIVATE_SUBNET + PUBLIC_SUBNET);
  if (2 ** (32 - length) >= needed) return undefined;
  return `network.cidr ${cidr} holds ${2 ** (32 - length)} addresses, and the subnets of ${zones} zones take ${needed}: use a /16`;
}
