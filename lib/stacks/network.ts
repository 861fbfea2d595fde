/**
 * The network of an environment: one VPC with public and private subnets in two or three availability zones.
 * https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
 *
 * Nodes and Pods live in the private subnets; the public ones hold NAT gateways and internet-facing load balancers. The
 * `kubernetes.io/role/*` tags are how load-balancer controllers find out where they may put what: a public one looks for
 * `elb`, an internal one for `internal-elb`.
 *
 * CloudFormation cannot take the rules out of a VPC's default security group (the CDK does it with a Lambda function);
 * instead nothing here ever uses that group, which a template rule checks.
 */
import { Fn, Stack, Tags, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { FlowLogs } from './flow-logs';
import { addPrivateEndpoints } from './private-endpoints';
import { privateSubnets } from './subnets';

/**
 * How private subnets reach the internet: through a NAT gateway per zone, through a single one (cheaper; the failure of
 * its zone cuts off all), or not at all: then VPC endpoints lead to the AWS services that nodes and controllers need.
 */
export type NatGateways = 'per-zone' | 'single' | 'none';

export interface NetworkProps {
  /** The VPC's address range. A private subnet takes a /19 of it, a public one a /24. @default 10.0.0.0/16 */
  readonly cidr?: string;
  /** How many availability zones to use. @default 3 */
  readonly zones?: 2 | 3;
  /**
   * The zones to use, by name, instead of their number. Synthesis makes no AWS calls either way.
   * @default zones a, b and c of the stack's region
   */
  readonly availabilityZones?: readonly string[];
  /** @default per-zone */
  readonly natGateways?: NatGateways;
  /** Gives the VPC and its subnets IPv6 addresses beside their IPv4 ones. @default false */
  readonly ipv6?: boolean;
  /**
   * Records accepted and rejected connections in CloudWatch Logs: the days for which they are kept, or false.
   * @default one month
   */
  readonly flowLogs?: RetentionDays | false;
  /** The cluster that may discover these subnets by `karpenter.sh/discovery`. @default none */
  readonly discoverableBy?: string;
}

/** An existing VPC, in the words of `ec2.Vpc.fromVpcAttributes`: everything is named, nothing is looked up. */
export interface ImportedNetworkAttributes {
  readonly vpcId: string;
  readonly availabilityZones: readonly string[];
  /** One for each zone, in the order of the zones. */
  readonly privateSubnetIds: readonly string[];
  /** One for each zone. @default none: the VPC has no internet-facing load balancers */
  readonly publicSubnetIds?: readonly string[];
}

const ZONE_LETTERS = ['a', 'b', 'c'];

export class Network extends Construct {
  readonly vpc: ec2.Vpc;

  /**
   * A VPC that exists already. Its subnets must carry the `kubernetes.io/role/*` tags: a stack cannot tag what is not its own.
   * @throws Error when there is not one private subnet for each zone
   */
  static imported(scope: Construct, id: string, attributes: ImportedNetworkAttributes): ec2.IVpc {
    const { vpcId, availabilityZones, privateSubnetIds, publicSubnetIds } = attributes;
    for (const ids of [privateSubnetIds, publicSubnetIds ?? availabilityZones]) {
      if (ids.length === availabilityZones.length) continue;
      throw new Error(
        `${id}: ${ids.length} subnets for ${availabilityZones.length} availability zones: name one of each kind for each zone`,
      );
    }
    return ec2.Vpc.fromVpcAttributes(scope, id, {
      vpcId,
      availabilityZones: [...availabilityZones],
      privateSubnetIds: [...privateSubnetIds],
      ...(publicSubnetIds ? { publicSubnetIds: [...publicSubnetIds] } : {}),
    });
  }

  constructor(scope: Construct, id: string, props: NetworkProps = {}) {
    super(scope, id);
    const { natGateways = 'per-zone' } = props;
    const zones = zonesOf(Stack.of(this), props);
    answerZones(Stack.of(this), zones);
    this.vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr(props.cidr ?? '10.0.0.0/16'),
      availabilityZones: [...zones],
      natGateways: { 'per-zone': zones.length, single: 1, none: 0 }[natGateways],
      restrictDefaultSecurityGroup: false,
      ...(props.ipv6 ? { ipProtocol: ec2.IpProtocol.DUAL_STACK } : {}),
      subnetConfiguration: [
        { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        {
          name: 'Private',
          subnetType: natGateways === 'none' ? ec2.SubnetType.PRIVATE_ISOLATED : ec2.SubnetType.PRIVATE_WITH_EGRESS,
          cidrMask: 19,
        },
      ],
    });
    this.tagSubnets(props.discoverableBy);
    if (natGateways === 'none') addPrivateEndpoints(this, this.vpc);
    if (props.flowLogs !== false) {
      new FlowLogs(this, 'FlowLogs', { vpc: this.vpc, retention: props.flowLogs ?? RetentionDays.ONE_MONTH });
    }
  }

  private tagSubnets(discoverableBy: string | undefined): void {
    const nodeSubnets = this.vpc.selectSubnets(privateSubnets(this.vpc)).subnets;
    for (const subnet of this.vpc.publicSubnets) Tags.of(subnet).add('kubernetes.io/role/elb', '1');
    for (const subnet of nodeSubnets) {
      Tags.of(subnet).add('kubernetes.io/role/internal-elb', '1');
      if (discoverableBy) Tags.of(subnet).add('karpenter.sh/discovery', discoverableBy);
    }
  }
}

function zonesOf(stack: Stack, { zones = 3, availabilityZones }: NetworkProps): readonly string[] {
  if (availabilityZones) return availabilityZones;
  if (Token.isUnresolved(stack.region)) return Array.from({ length: zones }, (_, i) => Fn.select(i, Fn.getAzs()));
  return ZONE_LETTERS.slice(0, zones).map((letter) => `${stack.region}${letter}`);
}

/**
 * `Vpc` asks its stack for the zones even when it is given them, and a stack answers with a lookup at AWS. This answers
 * in its place, as the documentation has people do in a subclass of Stack.
 * https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.Stack.html#availabilityzones
 */
function answerZones(stack: Stack, zones: readonly string[]): void {
  Object.defineProperty(stack, 'availabilityZones', { value: [...zones], configurable: true });
}
