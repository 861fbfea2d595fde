/**
 * What EC2 keeps in one region. Records carry the names of the wire, so that an answer is the record.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Types.html
 */
import { AwsError } from '../aws-error';
import { regionalState, type Scope, type WireObject } from '../service';
import type { Tag } from '../tags';
import type { Instance } from './instances';
import type { EgressOnlyInternetGateway } from './ipv6';
import type { LaunchTemplate } from './launch-templates';
import type { NetworkInterface } from './network-interfaces';
import type { RouteTable } from './route-tables';
import type { SecurityGroup } from './security-groups';
import type { Volume } from './volumes';
import type { FlowLog, VpcEndpoint } from './vpc-endpoints';
import type { Address, InternetGateway, NatGateway, Subnet, Vpc } from './vpcs';

export interface Ec2Tag {
  readonly key: string;
  readonly value: string;
}

export interface Tagged {
  tagSet: Ec2Tag[];
}

/** Everything of one kind, by id, in the order of creation. */
export class Collection<T> extends Map<string, T> {
  constructor(
    /** The error when there is no such thing, e.g. `InvalidVpcID.NotFound`. */
    private readonly notFoundCode: string,
    private readonly notFoundMessage: (id: string) => string,
  ) {
    super();
  }

  find(id: string): T {
    const item = this.get(id);
    if (item === undefined) throw new AwsError(this.notFoundCode, this.notFoundMessage(id));
    return item;
  }

  where(condition: (item: T) => boolean): T[] {
    return [...this.values()].filter(condition);
  }
}

function collection<T>(code: string, kind: string): Collection<T> {
  return new Collection<T>(`${code}.NotFound`, (id) => `The ${kind} '${id}' does not exist`);
}

export class Ec2State {
  readonly vpcs = collection<Vpc>('InvalidVpcID', 'vpc ID');
  readonly subnets = collection<Subnet>('InvalidSubnetID', 'subnet ID');
  readonly routeTables = collection<RouteTable>('InvalidRouteTableID', 'routeTable ID');
  readonly internetGateways = collection<InternetGateway>('InvalidInternetGatewayID', 'internetGateway ID');
  readonly egressOnlyGateways = collection<EgressOnlyInternetGateway>(
    'InvalidGatewayID',
    'egressOnlyInternetGateway ID',
  );
  readonly natGateways = new Collection<NatGateway>('NatGatewayNotFound', (id) => `NAT gateway ${id} was not found`);
  readonly addresses = collection<Address>('InvalidAllocationID', 'allocation ID');
  readonly securityGroups = collection<SecurityGroup>('InvalidGroup', 'security group');
  readonly networkInterfaces = collection<NetworkInterface>('InvalidNetworkInterfaceID', 'networkInterface ID');
  readonly instances = collection<Instance>('InvalidInstanceID', 'instance ID');
  readonly volumes = collection<Volume>('InvalidVolume', 'volume');
  readonly launchTemplates = collection<LaunchTemplate>('InvalidLaunchTemplateId', 'launch template ID');
  readonly vpcEndpoints = collection<VpcEndpoint>('InvalidVpcEndpointId', 'Vpc Endpoint Id');
  readonly flowLogs = collection<FlowLog>('InvalidFlowLogId', 'flow log ID');
  private readonly random;
  private publicAddresses = 0;

  constructor(readonly scope: Scope) {
    this.random = scope.account.random(`ec2/${scope.region}`);
  }

  /** `vpc-0a1b2c3d4e5f60718` */
  id(prefix: string): string {
    return `${prefix}-0${this.random.hex(16)}`;
  }

  /** From the blocks reserved for documentation, which nobody on the internet has: 203.0.113.0/24, then 198.51.100.0/24. */
  publicAddress(): string {
    const n = this.publicAddresses++;
    const block = ['203.0.113', '198.51.100', '192.0.2'][Math.floor(n / 250) % 3];
    return `${block}.${(n % 250) + 1}`;
  }

  int(limit: number): number {
    return this.random.int(limit);
  }

  hex(length: number): string {
    return this.random.hex(length);
  }

  /** Every taggable thing, by id. */
  tryTagged(id: string): Tagged | undefined {
    const all: readonly Collection<Tagged>[] = [
      this.vpcs,
      this.subnets,
      this.routeTables,
      this.internetGateways,
      this.egressOnlyGateways,
      this.natGateways,
      this.addresses,
      this.securityGroups,
      this.networkInterfaces,
      this.instances,
      this.volumes,
      this.launchTemplates,
      this.vpcEndpoints,
      this.flowLogs,
    ];
    for (const items of all) {
      const item = items.get(id);
      if (item) return item;
    }
    return undefined;
  }
}

export const ec2Of = regionalState('ec2', (scope) => new Ec2State(scope));

export function dependencyViolation(message: string): AwsError {
  return new AwsError('DependencyViolation', message);
}

/** `[{Key, Value}]` -> `[{key, value}]`. */
export function ec2Tags(tags: readonly Tag[] | undefined): Ec2Tag[] {
  return (tags ?? []).map(({ Key, Value }) => ({ key: Key, value: String(Value ?? '') }));
}

/** The tags of a request's `TagSpecification`. */
export function requestTags(input: WireObject): Ec2Tag[] {
  return (input.TagSpecification ?? []).flatMap((specification: WireObject) => ec2Tags(specification.Tag));
}

export function setTags(item: Tagged, tags: readonly Ec2Tag[]): void {
  const merged = new Map(item.tagSet.map((tag) => [tag.key, tag]));
  for (const tag of tags) merged.set(tag.key, tag);
  item.tagSet = [...merged.values()];
}

export function tagValue(item: Tagged, key: string): string | undefined {
  return item.tagSet.find((tag) => tag.key === key)?.value;
}

export function isTrue(value: unknown): boolean {
  return String(value) === 'true';
}
