/**
 * Pods on Fargate: a Pod that a profile selects gets a machine of its own, a node named after its address, and that goes
 * with it.
 * https://docs.aws.amazon.com/eks/latest/userguide/fargate.html
 *
 * A webhook marks the Pod and gives it to the scheduler of Fargate, which brings the machine and binds the Pod to it. Left
 * out: EFS volumes are not checked, logging, patches of the machine.
 */
import { isTerminating, type KubernetesObject } from '../../kubernetes/object';
import { matchesLabels } from '../../kubernetes/selectors';
import { createNetworkInterface, removeNetworkInterface } from '../aws/ec2/network-interfaces';
import { eksOf, type FargateProfile } from '../aws/eks/state';
import type { AdmissionPlugin } from '../cluster/api-server/admission/admission';
import type { Client } from '../cluster/client';
import {
  type ControllerContext,
  type ControllerDefinition,
  nameOf,
  splitName,
} from '../cluster/controllers/controller';
import type { Kubelets } from '../cluster/kubelet/kubelets';
import type { ClusterSurroundings } from './aws-api';
import { type FargateSize, fargateSizeOf } from './fargate-size';

const SCHEDULER = 'fargate-scheduler';
const PROFILE_LABEL = 'eks.amazonaws.com/fargate-profile';
const COMPUTE_TYPE = 'eks.amazonaws.com/compute-type';
/** How long a machine takes to come up. */
const MACHINE_MS = 45_000;

type Surroundings = Omit<ClusterSurroundings, 'clusterSecurityGroupId'>;

/** Gives Pods that an active profile selects to the scheduler of Fargate. */
export function fargateWebhook(surroundings: Surroundings): AdmissionPlugin {
  return {
    name: 'fargate-webhook',
    handles: ['CREATE'],
    admit({ resource, subresource, namespace, object: pod }) {
      if (resource.collection !== 'pods' || subresource !== '' || !pod) return;
      const isClaimed = pod.spec.schedulerName !== undefined && pod.spec.schedulerName !== 'default-scheduler';
      if (isClaimed || pod.metadata.annotations?.[COMPUTE_TYPE] === 'ec2') return;
      const profile = tryProfile(surroundings, namespace, pod.metadata.labels);
      if (!profile) return;
      pod.spec.schedulerName = SCHEDULER;
      pod.metadata.labels = { ...pod.metadata.labels, [PROFILE_LABEL]: profile.fargateProfileName };
    },
  };
}

/** The first active profile, by name, of which a selector fits. */
function tryProfile(
  surroundings: Surroundings,
  namespace: string,
  labels: Readonly<Record<string, string>> | undefined,
): FargateProfile | undefined {
  const record = eksOf(surroundings).clusters.get(surroundings.clusterName);
  return [...(record?.fargateProfiles.values() ?? [])]
    .filter(({ status }) => status === 'ACTIVE')
    .sort((a, b) => (a.fargateProfileName < b.fargateProfileName ? -1 : 1))
    .find(({ selectors }) =>
      selectors.some(
        (selector) =>
          wildcard(String(selector.namespace)).test(namespace) && matchesLabels(selector.labels ?? {}, labels),
      ),
    );
}

function wildcard(pattern: string): RegExp {
  return new RegExp(`^${pattern.replaceAll('-', '\\-').replaceAll('*', '.*').replaceAll('?', '.')}$`);
}

interface Machine {
  readonly nodeName: string;
  readonly interfaceId: string;
}

export class Fargate {
  /** By the Pod's `namespace/name/uid`. */
  private readonly machines = new Map<string, Machine>();
  private context: ControllerContext | undefined;

  constructor(
    private readonly surroundings: ClusterSurroundings,
    private readonly kubelets: Kubelets,
    private readonly client: Client,
  ) {}

  readonly controller: ControllerDefinition = {
    name: SCHEDULER,
    serviceAccount: SCHEDULER,
    component: SCHEDULER,
    create: (context) => {
      this.context = context;
      return { watches: [{ collection: 'pods' }], reconcile: (name) => this.reconcile(name) };
    },
  };

  /** A profile is being deleted: so are the Pods that run by it. */
  profileGone(profileName: string): void {
    for (const { metadata } of this.client.list('pods', { labelSelector: `${PROFILE_LABEL}=${profileName}` })) {
      this.client.delete('pods', metadata.namespace, metadata.name!);
    }
  }

  private reconcile(name: string): undefined {
    const { namespace, name: podName } = splitName(name);
    const pod = this.context!.store.get('pods', namespace, podName);
    this.removeMachines(name, pod?.metadata.uid);
    if (!pod || pod.spec.schedulerName !== SCHEDULER || pod.spec.nodeName || isTerminating(pod)) return undefined;
    const key = keyOf(pod);
    if (this.machines.has(key)) return undefined;
    const problem = unsupported(pod);
    const size = fargateSizeOf(pod.spec);
    const profile = this.profileOf(pod);
    if (problem ?? (!size && 'no Fargate configuration is large enough')) {
      const message = `Pod not supported on Fargate: ${problem ?? 'no Fargate configuration is large enough'}`;
      this.context!.events.event(pod, 'Warning', 'FailedScheduling', message);
      return undefined;
    }
    if (profile && size) this.bringMachine(pod, key, profile, size);
    return undefined;
  }

  private profileOf({ metadata }: KubernetesObject): FargateProfile | undefined {
    const record = eksOf(this.surroundings).clusters.get(this.surroundings.clusterName);
    return record?.fargateProfiles.get(metadata.labels?.[PROFILE_LABEL] ?? '');
  }

  private bringMachine(pod: KubernetesObject, key: string, { subnets }: FargateProfile, size: FargateSize): void {
    const { surroundings } = this;
    const subnetId = subnets[this.machines.size % subnets.length]!;
    const networkInterface = createNetworkInterface(surroundings, {
      subnetId,
      description: `Amazon EKS Fargate ${surroundings.clusterName}`,
      groupIds: [surroundings.clusterSecurityGroupId],
      requesterManaged: true,
    });
    const { privateIpAddress: address, privateDnsName, availabilityZone: zone, networkInterfaceId } = networkInterface;
    const nodeName = `fargate-${privateDnsName}`;
    this.machines.set(key, { nodeName, interfaceId: networkInterfaceId });
    const provisioned = `${size.vcpu}vCPU ${size.memoryGiB}GB`;
    this.client.patch('pods', pod.metadata.namespace, pod.metadata.name!, 'merge', {
      metadata: { annotations: { CapacityProvisioned: provisioned } },
    });
    surroundings.account.simulation.clock.after(MACHINE_MS, () => {
      if (!this.machines.has(key)) return;
      this.kubelets.addNode({
        name: nodeName,
        cpu: String(Math.max(2, Math.ceil(size.vcpu))),
        memory: `${Math.ceil(size.memoryGiB + 3)}Gi`,
        pods: 1,
        ephemeralStorage: '30Gi',
        region: surroundings.region,
        zone,
        address,
        providerId: `aws:///${zone}/${networkInterfaceId.slice(4, 14)}/${nodeName}`,
        labels: { [COMPUTE_TYPE]: 'fargate' },
        taints: [{ key: COMPUTE_TYPE, value: 'fargate', effect: 'NoSchedule' }],
        // The Pod has the address of the machine.
        podAddresses: { allocate: () => address, release: () => {} },
      });
      this.bind(pod, nodeName);
    });
  }

  private bind({ metadata: { namespace, name, uid } }: KubernetesObject, nodeName: string): void {
    const live = this.client.tryGet('pods', namespace, name!);
    if (!live || live.metadata.uid !== uid) return;
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { namespace, name, uid },
      target: { kind: 'Node', name: nodeName },
    };
    this.client.create('pods', binding, { subresource: 'binding' });
    const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
    this.context!.events.event(live, 'Normal', 'Scheduled', message);
  }

  /** Takes the machines of Pods of this name away that are not there any more. */
  private removeMachines(name: string, uid: string | undefined): void {
    for (const [key, { nodeName, interfaceId }] of this.machines) {
      if (!key.startsWith(`${name}/`) || key === `${name}/${uid}`) continue;
      this.machines.delete(key);
      if (this.kubelets.has(nodeName)) this.kubelets.removeNode(nodeName);
      if (this.client.tryGet('nodes', undefined, nodeName)) this.client.delete('nodes', undefined, nodeName);
      removeNetworkInterface(this.surroundings, interfaceId);
    }
  }
}

const keyOf = (pod: KubernetesObject): string => `${nameOf(pod)}/${pod.metadata.uid}`;

/** What the machine of a single Pod cannot give it. */
function unsupported({ spec }: KubernetesObject): string | undefined {
  const fields = ['hostNetwork', 'hostPID', 'hostIPC'].filter((field) => spec[field] === true);
  if (fields.length > 0) {
    const names = fields.map((field) => field.charAt(0).toUpperCase() + field.slice(1));
    return `fields not supported: ${names.join(', ')}`;
  }
  const volume = (spec.volumes ?? []).find(({ hostPath }: { hostPath?: object }) => hostPath);
  if (volume) return `volumes not supported: ${volume.name} is of an unsupported volume Type`;
  const isPrivileged = (spec.containers ?? []).some((one: any) => one.securityContext?.privileged === true);
  return isPrivileged ? 'invalid SecurityContext fields: Privileged' : undefined;
}
