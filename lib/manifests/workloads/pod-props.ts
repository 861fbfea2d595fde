/**
 * The Pod of a workload in fewer words: containers by name, what they mount beside where they mount it, labels and annotations of
 * the Pods. Every field of the Pod's spec may stand beside these, as the wire has it, and nothing is added unasked.
 * https://kubernetes.io/docs/concepts/workloads/pods/
 */
import type * as corev1 from '../../kubernetes/types/core-v1.generated';
import type { ObjectMeta } from '../../kubernetes/types/meta-v1.generated';
import { type Containers, listContainers } from './container';
import { listVolumes, type Volumes } from './volumes';

type Labels = Readonly<Record<string, string>>;

export interface PodProps
  extends Omit<corev1.PodSpec, 'containers' | 'initContainers' | 'volumes' | 'serviceAccount' | 'serviceAccountName'> {
  /** By name: `{ web: { image: 'nginx:1.27', ports: { http: 80 } } }`. */
  containers: Containers;
  /** Run one after the other before all containers. */
  initContainers?: Containers;
  /**
   * Run beside the containers for the whole life of the Pod: started before them, stopped after them, and no reason for a Job to go on.
   * https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
   */
  sidecars?: Containers;
  volumes?: Volumes;
  /** Whom the Pod is to the API server: a ServiceAccount, or its name. */
  serviceAccount?: { readonly name: string } | string;
  /** Added to the labels of the Pods; the selector stays as it is. */
  labels?: Labels;
  annotations?: Labels;
}

export interface PodTemplate {
  readonly metadata: ObjectMeta;
  readonly spec: corev1.PodSpec;
}

/** @param labels what the workload's selector wants */
export function podTemplate(props: PodProps, labels: Labels): PodTemplate {
  const { containers, initContainers, sidecars, volumes, serviceAccount, labels: own, annotations, ...rest } = props;
  const metadata: ObjectMeta = { labels: { ...own, ...labels } };
  if (annotations !== undefined) metadata.annotations = { ...annotations };
  // In the order in which people look at a Pod; volumes last, because mounts add to them.
  const found: corev1.PodSpec = { containers: [], ...(volumes ? { volumes: listVolumes(volumes) } : {}) };
  const before = [
    ...listContainers(found, sidecars ?? {}).map(asSidecar),
    ...listContainers(found, initContainers ?? {}),
  ];
  const main = listContainers(found, containers);
  const spec: corev1.PodSpec = {
    ...(serviceAccount === undefined ? {} : { serviceAccountName: accountName(serviceAccount) }),
    ...(before.length > 0 ? { initContainers: before } : {}),
    containers: main,
    ...rest,
    ...(found.volumes ? { volumes: found.volumes } : {}),
  };
  return { metadata, spec };
}

/** An init container that the kubelet keeps running. */
export const asSidecar = (container: corev1.Container): corev1.Container => ({ ...container, restartPolicy: 'Always' });

export const accountName = (account: { readonly name: string } | string): string =>
  typeof account === 'string' ? account : account.name;
