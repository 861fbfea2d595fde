/** What is around an object that is waited for: its Pods, the Events about it and them, the class of its storage. */
import type { KubernetesObject, Resource } from '../kubernetes/object';
import { podShapeOf } from '../kubernetes/pod-spec';
import type { Surroundings } from '../kubernetes/readiness';
import type { LiveObjects } from './live-objects';

const core = (resource: string, kind: string): Resource => ({
  group: '',
  version: 'v1',
  resource,
  kind,
  namespaced: true,
});

export const PODS = core('pods', 'Pod');
export const EVENTS = core('events', 'Event');
export const REPLICA_SETS: Resource = {
  group: 'apps',
  version: 'v1',
  resource: 'replicasets',
  kind: 'ReplicaSet',
  namespaced: true,
};
export const STORAGE_CLASSES: Resource = {
  group: 'storage.k8s.io',
  version: 'v1',
  resource: 'storageclasses',
  kind: 'StorageClass',
  namespaced: false,
};

const REVISION = 'deployment.kubernetes.io/revision';
const WITH_EVENTS = new Set(['Service', 'Ingress', 'PersistentVolumeClaim']);

/** What has to be followed to judge an object, besides the object itself. */
export function relatedResources(object: KubernetesObject): Resource[] {
  if (object.kind === 'PersistentVolumeClaim') return [STORAGE_CLASSES, EVENTS];
  if (WITH_EVENTS.has(object.kind)) return [EVENTS];
  if (object.kind === 'Pod') return [EVENTS];
  if (!podShapeOf(object)) return [];
  return object.kind === 'Deployment' ? [REPLICA_SETS, PODS, EVENTS] : [PODS, EVENTS];
}

export function surroundingsOf(object: KubernetesObject, live: LiveObjects): Surroundings {
  const { uid } = object.metadata;
  if (object.kind === 'PersistentVolumeClaim') {
    const storageClass = live.get(`storage.k8s.io/StorageClass//${object.spec?.storageClassName}`);
    return { events: eventsOf([object], live), ...(storageClass ? { storageClass } : {}) };
  }
  const replicaSet = object.kind === 'Deployment' ? newestReplicaSet(object, live) : undefined;
  const maker = object.kind === 'Deployment' ? replicaSet?.metadata.uid : uid;
  const pods = live.ownedBy(maker).filter(({ kind }) => kind === 'Pod');
  pods.sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1));
  return { pods, events: eventsOf([object, ...(replicaSet ? [replicaSet] : []), ...pods], live) };
}

/** The ReplicaSet of the current revision: Pods of older ones say nothing about the version that is being rolled out. */
function newestReplicaSet(deployment: KubernetesObject, live: LiveObjects): KubernetesObject | undefined {
  const revision = deployment.metadata.annotations?.[REVISION];
  return live
    .ownedBy(deployment.metadata.uid)
    .find(({ kind, metadata }) => kind === 'ReplicaSet' && metadata.annotations?.[REVISION] === revision);
}

function eventsOf(objects: readonly KubernetesObject[], live: LiveObjects): KubernetesObject[] {
  const events = objects.flatMap(({ metadata }) => live.ownedBy(metadata.uid).filter(({ kind }) => kind === 'Event'));
  return events.sort((a, b) => timeOf(a).localeCompare(timeOf(b)) || Number(revisionOf(a)) - Number(revisionOf(b)));
}

const timeOf = (event: KubernetesObject): string =>
  (
    event.lastTimestamp ??
    event.series?.lastObservedTime ??
    event.eventTime ??
    event.metadata.creationTimestamp ??
    ''
  ).slice(0, 19);

const revisionOf = (event: KubernetesObject): string => event.metadata.resourceVersion ?? '0';
