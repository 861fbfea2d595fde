/**
 * Node groups of a cluster that stands alone: machines of one kind, over zones in turn, that start within a minute.
 * https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
 */
import { durationMs } from '../../../clock';
import type { KubernetesObject } from '../../../kubernetes/object';
import { UserError } from '../../../kubernetes/user-error';
import type { Simulation } from '../../simulation';
import type { Kubelets } from '../kubelet/kubelets';
import { buildNode, type NodeSpec } from '../kubelet/node-object';
import type { NodeGroup } from './node-group';

/** What its machines are, besides their name, zone and address. */
export interface NodeGroupSpec extends Omit<NodeSpec, 'name' | 'zone' | 'address' | 'podCidr' | 'podAddresses'> {
  readonly name: string;
  /** @default 0 */
  readonly minSize?: number;
  readonly maxSize: number;
  /** How many machines there are at first. @default minSize */
  readonly desiredSize?: number;
  /** @default one zone a, b and c of the region in turn */
  readonly zones?: readonly string[];
  /** From the wish for a machine to a node that is ready. @default 60s */
  readonly startTime?: number | string;
}

export interface MachineGroupWorld {
  readonly simulation: Simulation;
  readonly kubelets: Kubelets;
  readonly region: string;
  terminateMachine(node: string): void;
}

export const GROUP_LABEL = 'drydock.dev/node-group';
/** How long it takes until a machine that was lost is replaced. */
const NOTICE_MS = 30_000;

export class MachineGroup implements NodeGroup {
  readonly name: string;
  readonly minSize: number;
  readonly maxSize: number;
  /** The machines that run, with their zones. */
  private readonly machines = new Map<string, string>();
  private readonly starting: string[] = [];
  private readonly zones: readonly string[];
  private target: number;
  private count = 0;

  /** @throws UserError when the sizes do not go together */
  constructor(
    private readonly spec: NodeGroupSpec,
    private readonly world: MachineGroupWorld,
  ) {
    const { name, minSize = 0, maxSize, desiredSize = minSize } = spec;
    if (!(minSize >= 0 && minSize <= desiredSize && desiredSize <= maxSize)) {
      throw new UserError(
        'BadNodeGroup',
        `node group "${name}" wants ${minSize} to ${maxSize} machines and starts with ${desiredSize}`,
        'Choose minSize <= desiredSize <= maxSize.',
      );
    }
    this.name = name;
    this.minSize = minSize;
    this.maxSize = maxSize;
    this.target = desiredSize;
    this.zones = spec.zones ?? ['a', 'b', 'c'].map((letter) => `${this.region}${letter}`);
    for (let i = 0; i < desiredSize; i++) this.join(this.nextZone());
  }

  targetSize(): number {
    return this.target;
  }

  template(): KubernetesObject {
    const spec = this.nodeSpec(`template-node-for-${this.name}`, this.nextZone());
    const now = this.world.simulation.clock.now();
    return buildNode({ spec, address: '0.0.0.0', podCidr: undefined, now, machineId: '' });
  }

  owns({ metadata }: KubernetesObject): boolean {
    return metadata.labels?.[GROUP_LABEL] === this.name;
  }

  increase(by: number): void {
    this.target += by;
    for (let i = 0; i < by; i++) this.start();
  }

  remove(node: string): void {
    this.target--;
    this.machines.delete(node);
    this.world.terminateMachine(node);
  }

  /** A machine was taken away by somebody else: the group replaces it. */
  lost(node: string): void {
    if (!this.machines.delete(node)) return;
    this.world.simulation.clock.after(NOTICE_MS, () => {
      if (this.machines.size + this.starting.length < this.target) this.start();
    });
  }

  private get region(): string {
    return this.spec.region ?? this.world.region;
  }

  private start(): void {
    const zone = this.nextZone();
    this.starting.push(zone);
    this.world.simulation.clock.after(durationMs(this.spec.startTime ?? '60s'), () => {
      this.starting.splice(this.starting.indexOf(zone), 1);
      if (this.machines.size < this.target) this.join(zone);
    });
  }

  private join(zone: string): void {
    const name = `${this.name}-${++this.count}`;
    this.machines.set(name, zone);
    this.world.kubelets.addNode(this.nodeSpec(name, zone));
  }

  private nodeSpec(name: string, zone: string): NodeSpec {
    const {
      minSize: _min,
      maxSize: _max,
      desiredSize: _desired,
      zones: _zones,
      startTime: _start,
      ...machine
    } = this.spec;
    return { ...machine, name, zone, region: this.region, labels: { ...machine.labels, [GROUP_LABEL]: this.name } };
  }

  /** The one with the fewest machines. */
  private nextZone(): string {
    const used = [...this.machines.values(), ...this.starting];
    const counts = this.zones.map((zone) => used.filter((each) => each === zone).length);
    return this.zones[counts.indexOf(Math.min(...counts))]!;
  }
}
