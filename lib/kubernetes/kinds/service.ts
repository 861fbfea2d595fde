/**
 * Services: one stable address for the Pods behind a selector. https://kubernetes.io/docs/concepts/services-networking/service/
 *
 * Cluster IPs and node ports come out of the API server's allocators; the address family rules are in `service-families.ts`.
 */

import type { KubernetesObject } from '../object';
import { addressWarning, rangeWarnings } from '../validation/addresses';
import { nameIs1035Label } from '../validation/names';
import { age, formatLabels } from './cells';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';
import { validateService, validateServiceStatus, validateServiceUpdate } from './service-rules';
import { isExternallyAccessible } from './service-types';

function defaults({ spec, status }: Draft): void {
  if (!spec.sessionAffinity) spec.sessionAffinity = 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    // Three hours.
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10_800 } };
  }
  if (!spec.type) spec.type = 'ClusterIP';
  for (const port of spec.ports ?? []) {
    if (!port.protocol) port.protocol = 'TCP';
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port;
  }
  if (isExternallyAccessible(spec) && !spec.externalTrafficPolicy) spec.externalTrafficPolicy = 'Cluster';
  if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type === 'LoadBalancer') {
    spec.allocateLoadBalancerNodePorts ??= true;
    for (const ingress of status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP';
  }
}

/** `clusterIP` and the first of `clusterIPs` are two spellings of one thing; whoever set only one gets the other. */
function alignClusterIPs(spec: any, old: any): void {
  const { clusterIP = '', clusterIPs = [] } = spec;
  if (old === undefined) {
    if (clusterIP && clusterIPs.length === 0) spec.clusterIPs = [clusterIP];
    return;
  }
  const clearedSingle = clusterIP === '' && (old.clusterIP ?? '') !== '';
  const clearedList = clusterIPs.length === 0 && (old.clusterIPs ?? []).length > 0;
  if (clusterIP === (old.clusterIP ?? '')) return;
  if (clearedSingle && sameItems(clusterIPs, old.clusterIPs)) delete spec.clusterIPs;
  else if (!clearedSingle && (clearedList || sameItems(clusterIPs, old.clusterIPs)) && old.clusterIPs?.length !== 2) {
    spec.clusterIPs = [clusterIP];
  }
}

const sameItems = (a: readonly string[], b: readonly string[] = []): boolean =>
  a.length === b.length && a.every((item, i) => item === b[i]);

/** An address that the client did not send along and that nothing asks to change stays. */
function keepAllocations(next: Draft, old: KubernetesObject): void {
  const needsAddress = (spec: any) => spec.type !== 'ExternalName';
  if (needsAddress(old.spec) && needsAddress(next.spec)) {
    if (!next.spec.clusterIP && old.spec.clusterIP) next.spec.clusterIP = old.spec.clusterIP;
    if (!next.spec.clusterIPs?.length && next.spec.clusterIP === old.spec.clusterIP && old.spec.clusterIPs) {
      next.spec.clusterIPs = [...old.spec.clusterIPs];
    }
  }
  const needsNodePort = (spec: any) => spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  if (needsNodePort(old.spec) && needsNodePort(next.spec)) keepNodePorts(next.spec, old.spec);
  const needsHealthCheck = (spec: any) => spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
  if (needsHealthCheck(old.spec) && needsHealthCheck(next.spec) && !next.spec.healthCheckNodePort) {
    if (old.spec.healthCheckNodePort) next.spec.healthCheckNodePort = old.spec.healthCheckNodePort;
  }
}

/** What only the old type had, and what the client has not touched, goes with the type. */
function dropTypeDependentFields(spec: any, old: any): void {
  const dropped = (needs: (each: any) => boolean) => needs(old) && !needs(spec);
  const drop = (field: string) => {
    if (JSON.stringify(spec[field]) === JSON.stringify(old[field])) delete spec[field];
  };
  if (dropped(({ type }) => type !== 'ExternalName')) {
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy'])
      drop(field);
  }
  if (dropped(({ type }) => type === 'NodePort' || type === 'LoadBalancer') && sameNodePorts(spec, old)) {
    for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (dropped(({ type, externalTrafficPolicy }) => type === 'LoadBalancer' && externalTrafficPolicy === 'Local')) {
    drop('healthCheckNodePort');
  }
  if (dropped(({ type }) => type === 'LoadBalancer')) {
    drop('allocateLoadBalancerNodePorts');
    drop('loadBalancerClass');
  }
  if (dropped(isExternallyAccessible)) drop('externalTrafficPolicy');
}

function sameNodePorts(spec: any, old: any): boolean {
  const before = new Set((old.ports ?? []).map(({ nodePort }: any) => nodePort));
  return (spec.ports ?? []).every(({ nodePort }: any) => !nodePort || before.has(nodePort));
}

/** Families, too, stay as they were chosen. */
function keepFamilies(spec: any, old: any): void {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return;
  if (!spec.ipFamilyPolicy && old.ipFamilyPolicy) spec.ipFamilyPolicy = old.ipFamilyPolicy;
  if (!spec.ipFamilies?.length && old.ipFamilies) spec.ipFamilies = [...old.ipFamilies];
}

function keepNodePorts(spec: any, old: any): void {
  const key = (port: any) => `${port.protocol}/${port.port}`;
  const allocated = new Map((old.ports ?? []).map((port: any) => [key(port), port.nodePort]));
  const used = new Set((spec.ports ?? []).map((port: any) => port.nodePort).filter(Boolean));
  for (const port of spec.ports ?? []) {
    const before = allocated.get(key(port));
    if (!port.nodePort && before && !used.has(before)) {
      port.nodePort = before;
      used.add(before);
    }
  }
}

const HINTS = 'service.kubernetes.io/topology-aware-hints';

function serviceWarnings({ metadata, spec }: KubernetesObject, old?: KubernetesObject): string[] {
  const warnings: string[] = [];
  if (metadata.annotations?.[HINTS] !== undefined) {
    warnings.push(`annotation ${HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead`);
  }
  const addresses = (field: string) =>
    (spec[field] ?? []).forEach((address: string, i: number) => {
      const warning = address === 'None' ? undefined : addressWarning(address);
      if (warning) warnings.push(`spec.${field}[${i}]: ${warning}`);
    });
  if (!old || old.spec.clusterIPs?.join() !== spec.clusterIPs?.join()) addresses('clusterIPs');
  addresses('externalIPs');
  if (spec.loadBalancerIP) {
    const warning = addressWarning(spec.loadBalancerIP);
    if (warning) warnings.push(`spec.loadBalancerIP: ${warning}`);
  }
  (spec.loadBalancerSourceRanges ?? []).forEach((range: string, i: number) => {
    for (const warning of rangeWarnings(range)) warnings.push(`spec.loadBalancerSourceRanges[${i}]: ${warning}`);
  });
  if (spec.type === 'ExternalName' && spec.externalIPs?.length) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  }
  if (spec.type !== 'ExternalName' && spec.externalName) {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  if (spec.trafficDistribution === 'PreferClose') {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  }
  return warnings;
}

export const service = defineKind({
  apiVersion: 'v1',
  kind: 'Service',
  resource: 'services',
  nameRule: nameIs1035Label,
  defaults,
  status: {
    initial: () => ({ loadBalancer: {} }),
    validate: (next, _old, errors) => validateServiceStatus(next, errors),
  },
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  warnings: serviceWarnings,
  allowCreateOnUpdate: true,
  prepareForCreate: ({ spec }) => alignClusterIPs(spec, undefined),
  prepareForUpdate: (next, old) => {
    alignClusterIPs(next.spec, old.spec);
    keepAllocations(next, old);
    keepFamilies(next.spec, old.spec);
    dropTypeDependentFields(next.spec, old.spec);
    if (old.spec.type === 'LoadBalancer' && next.spec.type !== 'LoadBalancer') {
      next.status = { ...next.status, loadBalancer: {} };
    }
  },
  selectableFields: {
    'spec.clusterIP': (object) => object.spec?.clusterIP ?? '',
    'spec.type': (object) => object.spec?.type ?? '',
  },
  cells: (object, context) => {
    const { spec } = object;
    return [
      object.metadata.name!,
      spec.type ?? '',
      spec.clusterIPs?.[0] || spec.clusterIP || '<none>',
      externalAddress(object),
      ports(spec),
      age(object, context),
      formatLabels(spec.selector),
    ];
  },
});

/** `80/TCP`, `80:30080/TCP`; `<none>` without ports. */
function ports(spec: any): string {
  const texts = (spec.ports ?? []).map(({ port, nodePort, protocol }: any) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return texts.length === 0 ? '<none>' : texts.join(',');
}

function externalAddress({ spec, status }: KubernetesObject): string {
  const external: string[] = spec.externalIPs ?? [];
  switch (spec.type) {
    case 'ExternalName':
      return spec.externalName ?? '';
    case 'LoadBalancer': {
      const balancer = loadBalancerAddress(status);
      if (external.length > 0) return [...(balancer === '' ? [] : balancer.split(',')), ...external].join(',');
      return balancer === '' ? '<pending>' : balancer;
    }
    default:
      return external.length > 0 ? external.join(',') : '<none>';
  }
}

/** Addresses and names of a load balancer, sorted. */
export function loadBalancerAddress(status: any): string {
  const addresses = (status?.loadBalancer?.ingress ?? [])
    .map(({ ip, hostname }: any) => ip || hostname || '')
    .filter((address: string) => address !== '');
  return [...new Set<string>(addresses)].sort().join(',');
}
