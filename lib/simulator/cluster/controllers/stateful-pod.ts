/**
 * What makes a pod of a StatefulSet itself: its number, its name, its place in DNS, its storage.
 * https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#pod-identity
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { controllerReference } from './ownership';
import { type PodTemplate, podFromTemplate } from './pods';
import { REVISION_HASH } from './revision-history';

const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX = 'apps.kubernetes.io/pod-index';

/** `web-3` of the set `web` is 3; undefined when the name is none of the set's. */
export function ordinalOf(set: KubernetesObject, pod: KubernetesObject): number | undefined {
  const prefix = `${set.metadata.name}-`;
  const name = pod.metadata.name!;
  const rest = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return /^(0|[1-9]\d*)$/.test(rest) ? Number(rest) : undefined;
}

export function statefulPod(
  set: KubernetesObject,
  ordinal: number,
  template: PodTemplate,
  revision: string,
): KubernetesObject {
  const pod = podFromTemplate(template, set);
  const { generateName: _generateName, ...metadata } = pod.metadata;
  const name = `${set.metadata.name}-${ordinal}`;
  const identity = { [POD_NAME]: name, [POD_INDEX]: String(ordinal), [REVISION_HASH]: revision };
  return {
    ...pod,
    metadata: { ...metadata, name, labels: { ...metadata.labels, ...identity } },
    spec: {
      ...pod.spec,
      hostname: name,
      ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}),
      ...withVolumes(set, name, pod.spec.volumes ?? []),
    },
  };
}

/** The labels that a pod needs to be found by its name; undefined when it has them. Somebody may have changed them. */
export function missingIdentity(set: KubernetesObject, pod: KubernetesObject): Record<string, string> | undefined {
  const name = pod.metadata.name!;
  const { labels = {} } = pod.metadata;
  const wanted = { [POD_NAME]: name, [POD_INDEX]: String(ordinalOf(set, pod)) };
  return Object.entries(wanted).every(([key, value]) => labels[key] === value) ? undefined : wanted;
}

const claimNameOf = (template: KubernetesObject, podName: string) => `${template.metadata.name}-${podName}`;

/** The volumes of the set's claims take the place of volumes of the same name. */
function withVolumes(set: KubernetesObject, podName: string, others: readonly { readonly name: string }[]) {
  const templates: readonly KubernetesObject[] = set.spec.volumeClaimTemplates ?? [];
  const volumes = templates.map((template) => ({
    name: template.metadata.name!,
    persistentVolumeClaim: { claimName: claimNameOf(template, podName) },
  }));
  const names = new Set(volumes.map(({ name }) => name));
  const all = [...volumes, ...others.filter(({ name }) => !names.has(name))];
  return all.length > 0 ? { volumes: all } : {};
}

/** The claims that a pod of the set needs; they are made before it and outlive it. */
export function claimsFor(set: KubernetesObject, podName: string): KubernetesObject[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template: KubernetesObject) => {
    const { namespace } = set.metadata;
    const { labels, annotations } = template.metadata;
    const owners = keepsOnDeletion(set) ? undefined : [controllerReference(set)];
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name: claimNameOf(template, podName),
        namespace,
        labels: { ...labels, ...set.spec.selector.matchLabels },
        ...(annotations ? { annotations } : {}),
        ...(owners ? { ownerReferences: owners } : {}),
      },
      spec: template.spec,
    };
  });
}

function keepsOnDeletion(set: KubernetesObject): boolean {
  return set.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted !== 'Delete';
}

/** Whether the claims of a pod go with it when the set shrinks. */
export function dropsOnScaleDown(set: KubernetesObject): boolean {
  return set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled === 'Delete';
}
