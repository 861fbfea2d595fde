/**
 * The Node object that a kubelet registers: what the machine is, what it offers, and that it is well.
 * https://kubernetes.io/docs/reference/node/node-status/
 */
import { formatTime, type KubernetesObject } from '../../../kubernetes/object';
import { UserError } from '../../../kubernetes/user-error';
import {
  type InstanceType,
  kubernetesArchitecture,
  maxPods,
  reservedMemoryMiB,
  reservedMilliCpu,
  tryInstanceType,
} from '../../instance-types';
import type { PodAddressPool } from '../network/addresses';
import { EBS_DRIVER } from '../volume-provisioner';

/** A machine to run pods on. */
export interface NodeSpec {
  readonly name: string;
  /** As in EC2; gives CPU, memory and the number of pods. @default m5.xlarge */
  readonly instanceType?: string;
  /** Capacity in place of the instance type's, as quantities. */
  readonly cpu?: string;
  readonly memory?: string;
  readonly pods?: number;
  /** What of the capacity is left for pods. @default all of a capacity that was given; of an instance type, what EKS leaves */
  readonly allocatable?: Readonly<Record<string, string>>;
  /** @default 80Gi */
  readonly ephemeralStorage?: string;
  /** Further resources, e.g. `{ 'nvidia.com/gpu': '1' }`. */
  readonly extendedResources?: Readonly<Record<string, string>>;
  readonly region?: string;
  readonly zone?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  /** @default the next address of 192.168.0.0/16 */
  readonly address?: string;
  /** @default none; EC2: `aws:///<zone>/<instance id>` */
  readonly providerId?: string;
  /** The range of its pods' addresses. @default the next range of 10.128.0.0/9 */
  readonly podCidr?: string;
  /** Where its pods' addresses come from, in place of a range: the AWS CNI takes them from the node's subnet. */
  readonly podAddresses?: PodAddressPool;
}

export const KUBELET_VERSION = 'v1.35.6';
const DEFAULT_INSTANCE_TYPE = 'm5.xlarge';
const DEFAULT_PODS = 110;

export interface NodeObjectOptions {
  readonly spec: NodeSpec;
  readonly address: string;
  readonly podCidr: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Hexadecimal identifiers of the machine. */
  readonly machineId: string;
}

export function buildNode({ spec, address, podCidr, now, machineId }: NodeObjectOptions): KubernetesObject {
  const { capacity, allocatable, architecture, instanceType } = resourcesOf(spec);
  const { region, zone } = spec;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: spec.name,
      labels: {
        'beta.kubernetes.io/arch': architecture,
        'beta.kubernetes.io/os': 'linux',
        ...(instanceType ? { 'node.kubernetes.io/instance-type': instanceType } : {}),
        ...(region ? { 'topology.kubernetes.io/region': region } : {}),
        ...(zone ? { 'topology.kubernetes.io/zone': zone } : {}),
        'kubernetes.io/arch': architecture,
        'kubernetes.io/hostname': spec.name,
        'kubernetes.io/os': 'linux',
        ...spec.labels,
      },
    },
    spec: {
      ...(podCidr ? { podCIDR: podCidr, podCIDRs: [podCidr] } : {}),
      ...(spec.providerId ? { providerID: spec.providerId } : {}),
      ...(spec.taints ? { taints: [...spec.taints] } : {}),
    },
    status: {
      capacity,
      allocatable,
      conditions: healthyConditions(now),
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: spec.name },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        machineID: machineId,
        systemUUID: machineId,
        bootID: machineId,
        kernelVersion: '6.12.46-66.121.amzn2023.x86_64',
        osImage: 'Amazon Linux 2023.9.20251027',
        containerRuntimeVersion: 'containerd://2.1.4',
        kubeletVersion: KUBELET_VERSION,
        kubeProxyVersion: '',
        operatingSystem: 'linux',
        architecture,
        swap: { capacity: 0 },
      },
    },
  };
}

/** How many EBS volumes an instance of today can have besides its root volume and one network interface. */
const EBS_VOLUMES = 26;

/**
 * What the EBS driver tells of the node: its name there, and how many volumes it can have.
 * https://docs.aws.amazon.com/ebs/latest/userguide/volume_limits.html
 */
export function buildCsiNode({ metadata, spec }: KubernetesObject): KubernetesObject {
  const { name, uid } = metadata;
  const nodeID = spec?.providerID?.split('/').pop() ?? name;
  const topologyKeys = ['kubernetes.io/os', 'topology.ebs.csi.aws.com/zone', 'topology.kubernetes.io/zone'];
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    metadata: { name, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: name!, uid: uid! }] },
    spec: { drivers: [{ name: EBS_DRIVER, nodeID, topologyKeys, allocatable: { count: EBS_VOLUMES } }] },
  };
}

export function healthyConditions(now: number): unknown[] {
  const time = formatTime(now);
  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    lastHeartbeatTime: time,
    lastTransitionTime: time,
    reason,
    message,
  });
  return [
    condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
  ];
}

function resourcesOf(spec: NodeSpec) {
  const custom = spec.cpu !== undefined || spec.memory !== undefined;
  const typeName = spec.instanceType ?? (custom ? undefined : DEFAULT_INSTANCE_TYPE);
  const type = typeName === undefined ? undefined : findInstanceType(typeName);
  const pods = String(spec.pods ?? (type ? maxPods(type) : DEFAULT_PODS));
  const shared = {
    ...(spec.extendedResources ?? {}),
    'ephemeral-storage': spec.ephemeralStorage ?? '80Gi',
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    pods,
  };
  const architecture = type ? kubernetesArchitecture(type) : 'amd64';
  if (!type || custom) {
    const all = {
      cpu: spec.cpu ?? String(type?.vcpus ?? 4),
      memory: spec.memory ?? `${(type?.memoryMiB ?? 16_384) / 1024}Gi`,
      ...shared,
    };
    return { capacity: all, allocatable: { ...all, ...spec.allocatable }, architecture, instanceType: typeName };
  }
  const { vcpus, memoryMiB } = type;
  return {
    capacity: { cpu: String(vcpus), memory: `${memoryMiB}Mi`, ...shared },
    allocatable: {
      cpu: `${vcpus * 1000 - reservedMilliCpu(vcpus)}m`,
      memory: `${memoryMiB - reservedMemoryMiB(Number(pods))}Mi`,
      ...shared,
    },
    architecture,
    instanceType: typeName,
  };
}

/** @throws UserError for a type that is not in the table */
function findInstanceType(name: string): InstanceType {
  const type = tryInstanceType(name);
  if (type) return type;
  throw new UserError(
    'UnknownInstanceType',
    `the simulated EC2 has no instance type "${name}"`,
    'Use a type of the t, c, m, r or g families such as m5.large, or give the node its cpu and memory.',
  );
}
