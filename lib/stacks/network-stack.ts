/**
 * The network of an environment: one VPC with a public and a private subnet in each availability zone.
 * https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
 *
 * Nodes and Pods live in the private subnets and reach the internet through NAT; the public ones hold the NAT gateways
 * and internet-facing load balancers. The `kubernetes.io/role/*` tags are how load-balancer controllers find out where
 * they may put what: a public one looks for `elb`, an internal one for `internal-elb`.
 *
 * Left out: IPv6, VPC endpoints, flow logs. CloudFormation cannot take the rules out of a VPC's default security group
 * (the CDK does it with a Lambda function); instead nothing here ever uses that group, which a test asserts.
 */
import { Fn, Stack, type StackProps, Tags, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';

/** How many NAT gateways there are: each costs money by the hour; with a single one, a zone's failure cuts all. */
export type NatGateways = 'per-zone' | 'single';

export interface NetworkStackProps extends StackProps {
  /** The VPC's address range. A private subnet takes a /19 of it, a public one a /24. @default 10.0.0.0/16 */
  readonly cidr?: string;
  /**
   * The zones to use, by name. Naming them keeps synthesis free of AWS calls.
   * @default zones a, b and c of the stack's region
   */
  readonly availabilityZones?: readonly string[];
  /** @default per-zone */
  readonly natGateways?: NatGateways;
}

const ZONES = 3;
const ZONE_LETTERS = ['a', 'b', 'c'];

export class NetworkStack extends Stack {
  readonly vpc: ec2.Vpc;
  private readonly zones: readonly string[] | undefined;

  constructor(scope: Construct, id: string, props: NetworkStackProps = {}) {
    super(scope, id, props);
    this.zones = props.availabilityZones;
    this.vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr(props.cidr ?? '10.0.0.0/16'),
      availabilityZones: this.availabilityZones,
      natGateways: props.natGateways === 'single' ? 1 : this.availabilityZones.length,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 19 },
      ],
    });
    for (const subnet of this.vpc.publicSubnets) Tags.of(subnet).add('kubernetes.io/role/elb', '1');
    for (const subnet of this.vpc.privateSubnets) Tags.of(subnet).add('kubernetes.io/role/internal-elb', '1');
  }

  /**
   * `Vpc` asks the stack for its zones even when it is given them, and a stack answers with a lookup at AWS.
   * https://docs.aws.amazon.com/cdk/v2/guide/context.html
   */
  override get availabilityZones(): string[] {
    if (this.zones) return [...this.zones];
    if (!Token.isUnresolved(this.region)) return ZONE_LETTERS.map((letter) => `${this.region}${letter}`);
    return Array.from({ length: ZONES }, (_, index) => Fn.select(index, Fn.getAzs()));
  }
}
