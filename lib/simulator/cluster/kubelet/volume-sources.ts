/**
 * The contents of volumes: what a container finds below its mount points.
 * https://kubernetes.io/docs/concepts/storage/volumes/
 *
 * ConfigMaps, Secrets, the downward API and projections of them are computed from the objects; emptyDir and persistent
 * volumes are trees in memory, which persistent ones outlive their pods. Files that are mounted from a ConfigMap or
 * Secret follow its changes when the kubelet looks after the pod again, once a minute.
 *
 * Left out: owners, fsGroup, and what CSI drivers and hostPath would bring (both are plain trees in memory, a hostPath
 * one for each node and path).
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import type { ClusterContext } from '../context';
import { computedTree, type FileEntry, type FileTree, MemoryTree } from '../images/container-files';
import { decodeBase64 } from './base64';
import { fieldValue, resourceFieldValue } from './downward-api';
import { mountedToken } from './mounted-token';
import { ObjectHistory, SYNC_PERIOD_MS } from './object-history';

/** What the kubelet says when a volume cannot be mounted yet. */
export interface MountFailure {
  readonly volume: string;
  readonly message: string;
}

export interface VolumeSubject {
  readonly pod: KubernetesObject;
  readonly podIp: string;
  readonly hostIp: string;
  readonly nodeName: string;
  /** Milliseconds since 1970. */
  readonly mountedAt: number;
}

type Files = Map<string, FileEntry>;

const DEFAULT_MODE = 0o644;
const ATTACHMENTS = 'volumeattachments.storage.k8s.io';
const ATTACHMENTS_BY_NODE = 'spec.nodeName';

/** A generic ephemeral volume has a claim of its own. */
const claimNameOf = ({ metadata }: KubernetesObject, volume: any): string =>
  volume.persistentVolumeClaim?.claimName ?? `${metadata.name}-${volume.name}`;

export class VolumeSources {
  private readonly persistent = new Map<string, MemoryTree>();

  readonly history: ObjectHistory;

  constructor(private readonly context: ClusterContext) {
    this.history = new ObjectHistory(context);
    context.store.addIndex(ATTACHMENTS, ATTACHMENTS_BY_NODE, ({ spec }) => [spec.nodeName]);
  }

  /** Says what is missing before the pod's volumes can be mounted. */
  missing(pod: KubernetesObject): MountFailure | undefined {
    for (const volume of pod.spec.volumes ?? []) {
      const message = this.problemOf(pod, volume);
      if (message) return { volume: volume.name, message };
    }
    return undefined;
  }

  /** The volumes of a pod that are not attached to its node yet. */
  unattached(pod: KubernetesObject): string[] {
    return (pod.spec.volumes ?? [])
      .filter((volume: any) => (volume.persistentVolumeClaim || volume.ephemeral) && !this.isAttached(pod, volume))
      .map(({ name }: any) => name);
  }

  private isAttached(pod: KubernetesObject, volume: any): boolean {
    const { store, volumeProvisioners } = this.context;
    const claim = store.get('persistentvolumeclaims', pod.metadata.namespace, claimNameOf(pod, volume));
    const found = claim?.spec.volumeName && store.get('persistentvolumes', undefined, claim.spec.volumeName);
    // Only drivers of disks attach; what other drivers bring is there.
    if (!found || !volumeProvisioners.has(found.spec.csi?.driver)) return true;
    const attachments = store.byIndex(ATTACHMENTS, ATTACHMENTS_BY_NODE, pod.spec.nodeName);
    for (const { spec, status } of attachments) {
      if (spec.source.persistentVolumeName === found.metadata.name) return status?.attached === true;
    }
    return false;
  }

  /** The tree of one volume. The caller keeps it for as long as the pod lives. */
  open(volume: any, subject: VolumeSubject): FileTree {
    const { pod, nodeName } = subject;
    if (volume.configMap)
      return this.computed(subject, [{ configMap: volume.configMap }], volume.configMap.defaultMode);
    if (volume.secret) {
      const { secretName: name, items, optional } = volume.secret;
      return this.computed(subject, [{ secret: { name, items, optional } }], volume.secret.defaultMode);
    }
    if (volume.downwardAPI) {
      return this.computed(subject, [{ downwardAPI: volume.downwardAPI }], volume.downwardAPI.defaultMode);
    }
    if (volume.projected) return this.computed(subject, volume.projected.sources ?? [], volume.projected.defaultMode);
    if (volume.persistentVolumeClaim || volume.ephemeral) {
      const claim = claimNameOf(pod, volume);
      const found = this.context.store.get('persistentvolumeclaims', pod.metadata.namespace, claim);
      return this.persistentTree(`volume/${found?.spec.volumeName ?? `${pod.metadata.namespace}/${claim}`}`);
    }
    if (volume.hostPath) return this.persistentTree(`host/${nodeName}${volume.hostPath.path}`);
    return new MemoryTree();
  }

  private persistentTree(key: string): MemoryTree {
    let tree = this.persistent.get(key);
    if (!tree) {
      tree = new MemoryTree();
      this.persistent.set(key, tree);
    }
    return tree;
  }

  private problemOf(pod: KubernetesObject, volume: any): string | undefined {
    const { namespace } = pod.metadata;
    const { store } = this.context;
    if (volume.persistentVolumeClaim) {
      const name = volume.persistentVolumeClaim.claimName;
      return store.get('persistentvolumeclaims', namespace, name)
        ? undefined
        : `persistentvolumeclaim "${name}" not found`;
    }
    const sources = volume.projected?.sources ?? [
      { configMap: volume.configMap, secret: volume.secret && { ...volume.secret, name: volume.secret.secretName } },
    ];
    for (const { configMap, secret } of sources) {
      const [collection, reference, kind] = configMap
        ? (['configmaps', configMap, 'configmap'] as const)
        : (['secrets', secret, 'secret'] as const);
      if (!reference || reference.optional) continue;
      const found = store.get(collection, namespace, reference.name);
      if (!found) return `${kind} "${reference.name}" not found`;
      for (const { key } of reference.items ?? []) {
        if (found.data?.[key] === undefined && found.binaryData?.[key] === undefined) {
          return `${kind === 'secret' ? 'references non-existent secret key' : 'references non-existent config key'}: ${key}`;
        }
      }
    }
    return undefined;
  }

  private computed(subject: VolumeSubject, sources: readonly any[], defaultMode: number | undefined): FileTree {
    const mode = defaultMode ?? DEFAULT_MODE;
    let seen: readonly unknown[] = [];
    let files: Files | undefined;
    return computedTree(() => {
      // Computed again only when one of the objects it comes from is another one.
      const now = sources.map((source) => this.objectOf(subject, source));
      if (!files || now.some((object, i) => object !== seen[i])) {
        files = new Map();
        for (const source of sources) this.addSource(files, subject, source, mode);
        seen = now;
      }
      return files;
    });
  }

  private objectOf({ pod, mountedAt }: VolumeSubject, { configMap, secret, downwardAPI }: any): unknown {
    const { store, simulation } = this.context;
    const { namespace, name } = pod.metadata;
    const sinceSync = (simulation.clock.now() - mountedAt) % SYNC_PERIOD_MS;
    const lastSync = simulation.clock.now() - sinceSync;
    if (configMap) return this.history.at('configmaps', namespace, configMap.name, lastSync);
    if (secret) return this.history.at('secrets', namespace, secret.name, lastSync);
    return downwardAPI ? store.get('pods', namespace, name!) : undefined;
  }

  private addSource(files: Files, subject: VolumeSubject, source: any, mode: number): void {
    const object = this.objectOf(subject, source) as KubernetesObject | undefined;
    if (source.configMap) {
      addItems(files, { ...decodeAll(object?.binaryData), ...object?.data }, source.configMap.items, mode);
    } else if (source.secret) addItems(files, decodeAll(object?.data), source.secret.items, mode);
    else if (source.downwardAPI) addFields(files, object ?? subject.pod, source.downwardAPI.items, subject, mode);
    else if (source.serviceAccountToken) {
      const { path } = source.serviceAccountToken;
      files.set(path, mountedToken(this.context, subject.pod, source.serviceAccountToken, mode));
    }
  }
}

function decodeAll(data: Record<string, string> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [key, decodeBase64(value)]));
}

function addItems(files: Files, data: Record<string, string>, items: readonly any[] | undefined, mode: number): void {
  const chosen = items ?? Object.keys(data).map((key) => ({ key, path: key }));
  for (const item of chosen) {
    const text = data[item.key];
    if (text !== undefined) files.set(item.path, { text, mode: item.mode ?? mode });
  }
}

function addFields(
  files: Files,
  pod: KubernetesObject,
  items: readonly any[],
  subject: VolumeSubject,
  mode: number,
): void {
  for (const { path, fieldRef, resourceFieldRef, mode: own } of items ?? []) {
    const text = fieldRef
      ? fieldValue(pod, fieldRef.fieldPath, subject)
      : resourceFieldValue(pod, pod.spec.containers[0], resourceFieldRef, undefined);
    files.set(path, { text, mode: own ?? mode });
  }
}
