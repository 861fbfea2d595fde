/**
 * What a Pod, or a pod template, means when it does not say: pull policies, probe periods, file modes, the DNS policy.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
 *
 * A template gets fewer defaults than a Pod: requests that follow limits, host ports and service links come with the Pod.
 */
import { parseQuantity, quantityOf } from '../../quantity';
import type { Draft } from '../kind-definition';

/** 0644 in octal: who may read the files of a volume. */
const DEFAULT_FILE_MODE = 420;

/** Sets `object[field]` unless it is there. */
export function defaultTo(object: any, field: string, value: unknown): void {
  if (object[field] === undefined || object[field] === null || object[field] === '') object[field] = value;
}

/** Of a Pod itself. */
export function applyPodDefaults(pod: Draft): void {
  pod.spec ??= {};
  const { spec } = pod;
  for (const container of spec.initContainers ?? []) requestsFollowLimits(container.resources);
  for (const container of spec.containers ?? []) requestsFollowLimits(container.resources);
  applyPodSpecDefaults(spec);
  podRequestsFollowContainers(spec);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork) {
    for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
      for (const port of container.ports ?? []) if (!port.hostPort) port.hostPort = port.containerPort;
    }
  }
  dropInitContainerAnnotations(pod.metadata);
  if (pod.status) alignPodIps(pod.status);
}

/** The address was one before it was a list: where the two differ the one decides, `podIP: a, podIPs: [b]` is `[a]`. */
function alignPodIps(status: any): void {
  if (status.podIP && status.podIPs?.[0]?.ip !== status.podIP) status.podIPs = [{ ip: status.podIP }];
  if (status.podIPs?.length) status.podIP = status.podIPs[0].ip;
}

/** Of the template of a Deployment, Job, ... */
export function applyPodTemplateDefaults(template: any): void {
  if (!template) return;
  template.spec ??= {};
  applyPodSpecDefaults(template.spec);
  if (template.metadata) dropInitContainerAnnotations(template.metadata);
}

function applyPodSpecDefaults(spec: any): void {
  defaultTo(spec, 'restartPolicy', 'Always');
  spec.terminationGracePeriodSeconds ??= 30;
  defaultTo(spec, 'dnsPolicy', 'ClusterFirst');
  spec.securityContext ??= {};
  defaultTo(spec, 'schedulerName', 'default-scheduler');
  // The old name of the field is kept in step with the new one.
  if (!spec.serviceAccountName && spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  else delete spec.serviceAccount;
  for (const volume of spec.volumes ?? []) applyVolumeDefaults(volume);
  for (const container of spec.initContainers ?? []) applyContainerDefaults(container);
  for (const container of spec.containers ?? []) applyContainerDefaults(container);
  for (const container of spec.ephemeralContainers ?? []) applyContainerDefaults(container);
  roundToMilli(spec.overhead);
  roundToMilli(spec.resources?.limits);
  roundToMilli(spec.resources?.requests);
}

export function applyContainerDefaults(container: any): void {
  defaultTo(container, 'imagePullPolicy', pullPolicyOf(container.image ?? ''));
  defaultTo(container, 'terminationMessagePath', '/dev/termination-log');
  defaultTo(container, 'terminationMessagePolicy', 'File');
  for (const port of container.ports ?? []) defaultTo(port, 'protocol', 'TCP');
  for (const variable of container.env ?? []) {
    const from = variable.valueFrom;
    if (from?.fieldRef) defaultTo(from.fieldRef, 'apiVersion', 'v1');
    if (from?.fileKeyRef) from.fileKeyRef.optional ??= false;
  }
  applyProbeDefaults(container.livenessProbe);
  applyProbeDefaults(container.readinessProbe);
  applyProbeDefaults(container.startupProbe);
  applyHttpGetDefaults(container.lifecycle?.postStart?.httpGet);
  applyHttpGetDefaults(container.lifecycle?.preStop?.httpGet);
  roundToMilli(container.resources?.limits);
  roundToMilli(container.resources?.requests);
}

/** Stop signals are behind a gate that is closed in 1.35: the server forgets them, though whoever sent them still owns them. */
export function dropStopSignals(podSpec: any): void {
  for (const list of ['containers', 'initContainers', 'ephemeralContainers']) {
    for (const container of podSpec?.[list] ?? []) {
      if (container.lifecycle?.stopSignal === undefined) continue;
      delete container.lifecycle.stopSignal;
      if (Object.keys(container.lifecycle).length === 0) delete container.lifecycle;
    }
  }
}

/** `nginx` and `nginx:latest` are pulled always; what names a version or a digest only when it is not there. */
export function pullPolicyOf(image: string): 'Always' | 'IfNotPresent' {
  if (image === '' || image.includes('@')) return 'IfNotPresent';
  const name = image.slice(image.lastIndexOf('/') + 1);
  const colon = name.indexOf(':');
  if (!isImageReference(image)) return 'IfNotPresent';
  return colon < 0 || name.slice(colon + 1) === 'latest' ? 'Always' : 'IfNotPresent';
}

const REFERENCE =
  /^(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?$/;

const isImageReference = (image: string): boolean => REFERENCE.test(image) && !/^[a-f0-9]{64}$/.test(image);

function applyProbeDefaults(probe: any): void {
  if (!probe) return;
  defaultNumber(probe, 'timeoutSeconds', 1);
  defaultNumber(probe, 'periodSeconds', 10);
  defaultNumber(probe, 'successThreshold', 1);
  defaultNumber(probe, 'failureThreshold', 3);
  applyHttpGetDefaults(probe.httpGet);
  if (probe.grpc) probe.grpc.service ??= '';
}

/** Numbers without a pointer: zero means unset. */
function defaultNumber(object: any, field: string, value: number): void {
  if (!object[field]) object[field] = value;
}

function applyHttpGetDefaults(httpGet: any): void {
  if (!httpGet) return;
  defaultTo(httpGet, 'path', '/');
  defaultTo(httpGet, 'scheme', 'HTTP');
}

const isVolumeSource = (field: string): boolean => field !== 'name';

export function applyVolumeDefaults(volume: any): void {
  if (!Object.keys(volume).some((field) => isVolumeSource(field) && volume[field] !== null)) volume.emptyDir = {};
  const { secret, configMap, downwardAPI, projected, hostPath, ephemeral, image } = volume;
  if (secret) secret.defaultMode ??= DEFAULT_FILE_MODE;
  if (configMap) configMap.defaultMode ??= DEFAULT_FILE_MODE;
  if (downwardAPI) {
    downwardAPI.defaultMode ??= DEFAULT_FILE_MODE;
    applyFileDefaults(downwardAPI.items);
  }
  if (projected) {
    projected.defaultMode ??= DEFAULT_FILE_MODE;
    for (const source of projected.sources ?? []) {
      if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600;
      if (source.podCertificate) source.podCertificate.maxExpirationSeconds ??= 86_400;
      applyFileDefaults(source.downwardAPI?.items);
    }
  }
  if (hostPath) hostPath.type ??= '';
  if (ephemeral?.volumeClaimTemplate?.spec) applyClaimSpecDefaults(ephemeral.volumeClaimTemplate.spec);
  if (image) defaultTo(image, 'pullPolicy', pullPolicyOf(image.reference ?? ''));
  applyLegacyVolumeDefaults(volume);
}

function applyFileDefaults(items: any[] | undefined): void {
  for (const { fieldRef } of items ?? []) if (fieldRef) defaultTo(fieldRef, 'apiVersion', 'v1');
}

/** Of a volume in a Pod and of a PersistentVolume's source alike. */
export function applyLegacyVolumeDefaults(source: any): void {
  const { iscsi, rbd, azureDisk, scaleIO } = source;
  if (iscsi) defaultTo(iscsi, 'iscsiInterface', 'default');
  if (rbd) {
    defaultTo(rbd, 'pool', 'rbd');
    defaultTo(rbd, 'user', 'admin');
    defaultTo(rbd, 'keyring', '/etc/ceph/keyring');
  }
  if (azureDisk) {
    azureDisk.cachingMode ??= 'ReadWrite';
    azureDisk.kind ??= 'Shared';
    azureDisk.fsType ??= 'ext4';
    azureDisk.readOnly ??= false;
  }
  if (scaleIO) {
    defaultTo(scaleIO, 'storageMode', 'ThinProvisioned');
    defaultTo(scaleIO, 'fsType', 'xfs');
  }
}

/** Of a PersistentVolumeClaim and of the claim templates elsewhere. */
export function applyClaimSpecDefaults(spec: any): void {
  spec.volumeMode ??= 'Filesystem';
  roundToMilli(spec.resources?.limits);
  roundToMilli(spec.resources?.requests);
}

/** Amounts of resources come in thousandths at least: `100500u` cpu becomes `101m`. */
export function roundToMilli(resources: Record<string, string> | null | undefined): void {
  for (const name in resources) {
    const { nano, format } = parseQuantity(resources[name]!);
    const rest = nano % 1_000_000n;
    if (rest !== 0n) resources[name] = quantityOf(nano - rest + (nano > 0n ? 1_000_000n : -1_000_000n), format).text;
  }
}

function requestsFollowLimits(resources: any): void {
  if (!resources?.limits) return;
  for (const [name, limit] of Object.entries(resources.limits)) {
    resources.requests ??= {};
    resources.requests[name] ??= limit;
  }
}

/** Pod-level requests that are not set follow the containers' requests, or the pod-level limits. */
function podRequestsFollowContainers(spec: any): void {
  const limits = spec.resources?.limits;
  if (!limits) return;
  for (const [name, limit] of Object.entries(limits)) {
    if (name !== 'cpu' && name !== 'memory' && !name.startsWith('hugepages-')) continue;
    if (spec.resources.requests?.[name] !== undefined) continue;
    const sum = sumOfRequests(spec, name);
    spec.resources.requests ??= {};
    spec.resources.requests[name] = sum ?? limit;
  }
}

function sumOfRequests(spec: any, name: string): string | undefined {
  const requests = (spec.containers ?? [])
    .map((container: any) => container.resources?.requests?.[name])
    .filter((request: unknown) => request !== undefined)
    .map(parseQuantity);
  if (requests.length === 0) return undefined;
  const total = requests.reduce((sum: bigint, { nano }: { nano: bigint }) => sum + nano, 0n);
  return quantityOf(total, requests[0].format).text;
}

function dropInitContainerAnnotations(metadata: any): void {
  if (!metadata?.annotations) return;
  for (const stage of ['alpha', 'beta']) {
    delete metadata.annotations[`pod.${stage}.kubernetes.io/init-containers`];
    delete metadata.annotations[`pod.${stage}.kubernetes.io/init-container-statuses`];
  }
}
