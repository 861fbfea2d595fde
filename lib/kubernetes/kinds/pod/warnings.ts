/**
 * What the API server accepts from a Pod or a template but does not like: deprecated labels, annotations and volumes, doubled
 * variables and ports, fractions of bytes. https://kubernetes.io/blog/2020/09/03/warnings/
 */
import { quote, root } from '../../field-errors';
import type { ObjectMeta } from '../../object';
import { parseQuantity } from '../../quantity';
import { containersOf } from './windows';

/** Old label -> since when, and the new one. */
const renamedLabels: Readonly<Record<string, readonly [since: string, label: string]>> = {
  'failure-domain.beta.kubernetes.io/zone': ['v1.17', 'topology.kubernetes.io/zone'],
  'failure-domain.beta.kubernetes.io/region': ['v1.17', 'topology.kubernetes.io/region'],
  'beta.kubernetes.io/instance-type': ['v1.17', 'node.kubernetes.io/instance-type'],
  'beta.kubernetes.io/os': ['v1.14', 'kubernetes.io/os'],
  'beta.kubernetes.io/arch': ['v1.14', 'kubernetes.io/arch'],
};

/** `deprecated since v1.14; use "kubernetes.io/os" instead`; undefined for labels in use. */
export function labelDeprecation(label: string): string | undefined {
  const renamed = Object.hasOwn(renamedLabels, label) ? renamedLabels[label] : undefined;
  return renamed && `deprecated since ${renamed[0]}; use ${quote(renamed[1])} instead`;
}

/** The label that an old one became, or the label itself. */
export const newLabel = (label: string): string =>
  Object.hasOwn(renamedLabels, label) ? renamedLabels[label]![1] : label;

const deadVolumes: readonly (readonly [field: string, warning: string, path?: string])[] = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+', 'storageOS'],
  ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

/** Of a volume in a Pod (`path` is `spec.volumes[0]`) or of a PersistentVolume (`spec`). */
export function deadVolumeWarnings(source: any, path: string): string[] {
  return deadVolumes
    .filter(([field]) => source[field])
    .map(([field, warning, name]) => `${path}.${name ?? field}: ${warning}`);
}

const deadAnnotations: readonly (readonly [key: string, warning: string])[] = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
];
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP = 'container.seccomp.security.alpha.kubernetes.io/';
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';
const SECCOMP_WARNING = 'non-functional in v1.27+; use the "seccompProfile" field instead';
const APP_ARMOR_WARNING = 'deprecated since v1.30; use the "appArmorProfile" field instead';

const NONE: readonly string[] = [];

/** Of a Pod or a template; `prefix` is `''` or `spec.template.`. */
export function podWarnings(pod: { metadata?: ObjectMeta; spec?: any } | undefined, prefix = ''): readonly string[] {
  const spec = pod?.spec;
  if (!spec) return NONE;
  const warnings: string[] = [];
  warnOfLabels(spec, prefix, warnings);
  const annotations = pod.metadata?.annotations;
  if (annotations) warnOfAnnotations(annotations, spec, prefix, warnings);
  spec.imagePullSecrets?.forEach(({ name }: any, i: number) => {
    if (!name) warnings.push(`${prefix}spec.imagePullSecrets[${i}].name: invalid empty name ""`);
  });
  if (spec.volumes) warnOfVolumes(spec.volumes, prefix, warnings);
  if (spec.terminationGracePeriodSeconds < 0) {
    const rule = 'must be >= 0; negative values are invalid and will be treated as 1';
    warnings.push(`${prefix}spec.terminationGracePeriodSeconds: ${rule}`);
  }
  for (const [container, path] of containersOf(spec, root(`${prefix}spec`)))
    warnOfContainer(container, () => `${path}`, warnings);
  warnOfPorts(spec, `${prefix}spec`, warnings);
  warnOfFractions(spec.overhead, () => `${prefix}spec.overhead`, warnings);
  return warnings;
}

function warnOfLabels(spec: any, prefix: string, warnings: string[]): void {
  for (const label in spec.nodeSelector) {
    const deprecation = labelDeprecation(label);
    if (deprecation) warnings.push(`${prefix}spec.nodeSelector[${label}]: ${deprecation}`);
  }
  const { nodeAffinity } = spec.affinity ?? {};
  const look = (term: any, path: string) => {
    term?.matchExpressions?.forEach(({ key }: any, i: number) => {
      const deprecation = labelDeprecation(key);
      if (deprecation) warnings.push(`${path}.matchExpressions[${i}].key: ${key} is ${deprecation}`);
    });
  };
  const affinity = `${prefix}spec.affinity.nodeAffinity`;
  const required = 'requiredDuringSchedulingIgnoredDuringExecution';
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';
  nodeAffinity?.[required]?.nodeSelectorTerms?.forEach((term: any, i: number) => {
    look(term, `${affinity}.${required}.nodeSelectorTerms[${i}]`);
  });
  nodeAffinity?.[preferred]?.forEach(({ preference }: any, i: number) => {
    look(preference, `${affinity}.${preferred}[${i}].preference`);
  });
  spec.topologySpreadConstraints?.forEach(({ topologyKey, labelSelector }: any, i: number) => {
    const path = `${prefix}spec.topologySpreadConstraints[${i}]`;
    const deprecation = labelDeprecation(topologyKey);
    if (deprecation) warnings.push(`${path}.topologyKey: ${topologyKey} is ${deprecation}`);
    if (!labelSelector) {
      warnings.push(`${path}.labelSelector: a null labelSelector results in matching no pod`);
    }
  });
}

function warnOfAnnotations(
  annotations: Readonly<Record<string, string>>,
  spec: any,
  prefix: string,
  warnings: string[],
): void {
  const warn = (key: string, text: string) => warnings.push(`${prefix}metadata.annotations[${key}]: ${text}`);
  for (const [key, text] of deadAnnotations) if (annotations[key] !== undefined) warn(key, text);
  if (annotations[SECCOMP_POD] !== undefined && !spec.securityContext?.seccompProfile)
    warn(SECCOMP_POD, SECCOMP_WARNING);
  for (const [{ name, securityContext }] of containersOf(spec, root('spec'))) {
    if (annotations[`${SECCOMP}${name}`] !== undefined && !securityContext?.seccompProfile) {
      warn(`${SECCOMP}${name}`, SECCOMP_WARNING);
    }
    if (annotations[`${APP_ARMOR}${name}`] !== undefined && !securityContext?.appArmorProfile) {
      warn(`${APP_ARMOR}${name}`, APP_ARMOR_WARNING);
    }
  }
}

const isWithoutSources = ({ sources }: any): boolean =>
  !sources?.length || sources.some((source: any) => Object.keys(source ?? {}).length === 0);

function warnOfVolumes(volumes: any[], prefix: string, warnings: string[]): void {
  volumes.forEach((volume, i) => {
    const path = `${prefix}spec.volumes[${i}]`;
    warnings.push(...deadVolumeWarnings(volume, path));
    if (volume.projected && isWithoutSources(volume.projected)) {
      warnings.push(`volume ${quote(volume.name)} (Projected) has no sources provided`);
    }
    const storage = volume.ephemeral?.volumeClaimTemplate?.spec?.resources?.requests?.storage;
    warnOfFraction(storage, () => `${path}.ephemeral.volumeClaimTemplate.spec.resources.requests[storage]`, warnings);
  });
}

function warnOfContainer(container: any, path: () => string, warnings: string[]): void {
  if (container.env?.length > 1) {
    const names = new Map<string, any>();
    container.env.forEach((variable: any, i: number) => {
      const before = names.get(variable.name);
      // A variable that is built from its own former value is meant so.
      if (before !== undefined && !variable.value?.includes(`$(${variable.name})`)) {
        const rule = `hides previous definition of ${quote(variable.name)}, which may be dropped when using apply`;
        warnings.push(`${path()}.env[${i}]: ${rule}`);
      }
      names.set(variable.name, variable);
    });
  }
  const { limits, requests } = container.resources ?? {};
  warnOfFractions(limits, () => `${path()}.resources.limits`, warnings);
  warnOfFractions(requests, () => `${path()}.resources.requests`, warnings);
}

const BYTES = ['memory', 'ephemeral-storage'];

function warnOfFractions(resources: Record<string, string> | undefined, path: () => string, warnings: string[]): void {
  if (!resources) return;
  for (const name of BYTES) warnOfFraction(resources[name], () => `${path()}[${name}]`, warnings);
}

export function warnOfFraction(amount: string | undefined, path: () => string, warnings: string[]): void {
  if (amount === undefined) return;
  const quantity = parseQuantity(amount);
  if (quantity.nano % 1_000_000_000n === 0n) return;
  warnings.push(`${path()}: fractional byte value ${quote(quantity.text)} is invalid, must be an integer`);
}

interface SeenPort {
  readonly path: string;
  readonly port: any;
}

/** Names and numbers of ports that several containers claim. */
function warnOfPorts(spec: any, path: string, warnings: string[]): void {
  const byName = new Map<string, SeenPort>();
  const byNumber = new Map<string, SeenPort[]>();
  spec.containers?.forEach((container: any, i: number) => {
    container.ports?.forEach((port: any, j: number) => {
      const at = `${path}.containers[${i}].ports[${j}]`;
      const former = port.name ? byName.get(port.name) : undefined;
      if (former && !former.path.startsWith(`${path}.containers[${i}].`)) {
        const rule = `services and probes that select ports by name will use ${former.path}`;
        warnings.push(`${at}: duplicate port name ${quote(port.name)} with ${former.path}, ${rule}`);
      } else if (port.name) byName.set(port.name, { path: at, port });
      const key = `${port.protocol}/${port.containerPort}`;
      const others = byNumber.get(key) ?? [];
      const clash = others.find((other) => sameHost(other.port, port));
      if (clash) warnings.push(`${at}: duplicate port definition with ${clash.path}`);
      byNumber.set(key, [...others, { path: at, port }]);
    });
  });
}

const sameHost = (a: any, b: any): boolean =>
  (a.hostPort ?? 0) === (b.hostPort ?? 0) && (a.hostIP ?? '') === (b.hostIP ?? '');
