/**
 * The Pod Security Standards: what a pod may not ask for.
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/
 *
 * A check answers undefined, or why the pod fails it. `restricted` has all checks of `baseline` but those that a stricter one
 * replaces. Left out: seccomp and AppArmor in annotations (both have fields since 1.30), sysctls of old versions.
 */

export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

/** A version of the standards: the 35 of `v1.35`; Infinity for `latest`. */
export type PolicyMinor = number;

export type Check = (pod: { readonly metadata: any; readonly spec: any }, minor: PolicyMinor) => Violation | undefined;

export const containersOf = (spec: any): readonly any[] => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
  ...(spec.ephemeralContainers ?? []),
];

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');
const named = (singular: string, names: readonly string[]): string =>
  `${names.length === 1 ? singular : `${singular}s`} ${quoted(names)}`;
const unique = (values: readonly string[]): string[] => [...new Set(values)].sort();

/** Containers that fail, as one violation. */
function failing(
  spec: any,
  bad: (container: any) => boolean,
  reason: string,
  detail: (containers: string) => string,
): Violation | undefined {
  const names = containersOf(spec)
    .filter(bad)
    .map(({ name }) => name);
  return names.length === 0 ? undefined : { reason, detail: detail(named('container', names)) };
}

/** In a user namespace root is nobody, so some checks are let off. */
const inUserNamespace = (spec: any, minor: PolicyMinor) => spec.hostUsers === false && minor >= 35;

export const hostNamespaces: Check = ({ spec }) => {
  const set = ['hostNetwork', 'hostPID', 'hostIPC'].filter((field) => spec[field]);
  return set.length === 0 ? undefined : { reason: 'host namespaces', detail: set.map((f) => `${f}=true`).join(', ') };
};

export const privileged: Check = ({ spec }) =>
  failing(
    spec,
    (each) => each.securityContext?.privileged === true,
    'privileged',
    (containers) => `${containers} must not set securityContext.privileged=true`,
  );

const DEFAULT_CAPABILITIES = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
    ' ',
  ),
);

const added = (container: any): readonly string[] => container.securityContext?.capabilities?.add ?? [];

export const baselineCapabilities: Check = ({ spec }) => {
  const isForbidden = (name: string) => !DEFAULT_CAPABILITIES.has(name);
  const forbidden = unique(containersOf(spec).flatMap(added).filter(isForbidden));
  return failing(
    spec,
    (each) => added(each).some(isForbidden),
    'non-default capabilities',
    (containers) => `${containers} must not include ${quoted(forbidden)} in securityContext.capabilities.add`,
  );
};

export const hostPathVolumes: Check = ({ spec }) => {
  const names = (spec.volumes ?? []).filter((each: any) => each.hostPath).map(({ name }: any) => name);
  return names.length === 0 ? undefined : { reason: 'hostPath volumes', detail: named('volume', names) };
};

export const hostPorts: Check = ({ spec }) => {
  const portsOf = (container: any): number[] =>
    (container.ports ?? []).map(({ hostPort }: any) => hostPort).filter((port: number | undefined) => port);
  const containers = containersOf(spec).filter((each) => portsOf(each).length > 0);
  if (containers.length === 0) return undefined;
  const ports = [...new Set(containers.flatMap(portsOf))].map(String).sort();
  const names = containers.map(({ name }) => name);
  const verb = names.length === 1 ? 'uses' : 'use';
  const what = ports.length === 1 ? 'hostPort' : 'hostPorts';
  return { reason: 'hostPort', detail: `${named('container', names)} ${verb} ${what} ${ports.join(', ')}` };
};

export const hostProbes: Check = ({ spec }, minor) => {
  if (minor < 34) return undefined;
  const hostsOf = (each: any): string[] =>
    [each.livenessProbe, each.readinessProbe, each.startupProbe, each.lifecycle?.postStart, each.lifecycle?.preStop]
      .flatMap((handler) => [handler?.httpGet?.host, handler?.tcpSocket?.host])
      .filter(Boolean);
  const containers = containersOf(spec).filter((each) => hostsOf(each).length > 0);
  if (containers.length === 0) return undefined;
  const hosts = unique(containers.flatMap(hostsOf));
  const names = containers.map(({ name }) => name);
  const verb = names.length === 1 ? 'uses' : 'use';
  const what = hosts.length === 1 ? 'host' : 'hosts';
  return {
    reason: 'probe or lifecycle host',
    detail: `${named('container', names)} ${verb} probe or lifecycle ${what} ${quoted(hosts)}`,
  };
};

export const procMount: Check = ({ spec }, minor) => {
  if (inUserNamespace(spec, minor)) return undefined;
  const of = (each: any): string => each.securityContext?.procMount ?? 'Default';
  const values = unique(
    containersOf(spec)
      .map(of)
      .filter((value) => value !== 'Default'),
  );
  return failing(
    spec,
    (each) => of(each) !== 'Default',
    'procMount',
    (containers) => `${containers} must not set securityContext.procMount to ${quoted(values)}`,
  );
};

/** Who sets a bad value: the pod, containers, or both. */
function setters(spec: any, bad: (securityContext: any) => boolean): string[] {
  const names = containersOf(spec).filter((each) => each.securityContext && bad(each.securityContext));
  return [
    ...(spec.securityContext && bad(spec.securityContext) ? ['pod'] : []),
    ...(names.length > 0
      ? [
          named(
            'container',
            names.map(({ name }) => name),
          ),
        ]
      : []),
  ];
}

const SELINUX_TYPES = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t']);

export const seLinuxOptions: Check = ({ spec }) => {
  const isBad = ({ seLinuxOptions: options }: any) =>
    options !== undefined && (!SELINUX_TYPES.has(options.type ?? '') || Boolean(options.user) || Boolean(options.role));
  const who = setters(spec, isBad);
  if (who.length === 0) return undefined;
  const all = [spec, ...containersOf(spec)].map((each) => each.securityContext?.seLinuxOptions ?? {});
  const types = unique(all.map(({ type = '' }) => type).filter((type: string) => !SELINUX_TYPES.has(type)));
  const texts = [
    ...(types.length > 0 ? [`${types.length === 1 ? 'type' : 'types'} ${quoted(types)}`] : []),
    ...(all.some(({ user }) => user) ? ['user may not be set'] : []),
    ...(all.some(({ role }) => role) ? ['role may not be set'] : []),
  ];
  const detail = `${who.join(' and ')} set forbidden securityContext.seLinuxOptions: ${texts.join('; ')}`;
  return { reason: 'seLinuxOptions', detail };
};

export const baselineSeccomp: Check = ({ spec }) => {
  const who = setters(spec, (context) => context.seccompProfile?.type === 'Unconfined');
  if (who.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `${who.join(' and ')} must not set securityContext.seccompProfile.type to "Unconfined"`,
  };
};

export const appArmor: Check = ({ spec }) => {
  const who = setters(spec, (context) => context.appArmorProfile?.type === 'Unconfined');
  if (who.length === 0) return undefined;
  const what = who.length === 1 && !who[0]!.startsWith('containers') ? 'profile' : 'profiles';
  return {
    reason: `forbidden AppArmor ${what}`,
    detail: `${who.join(' and ')} must not set AppArmor profile type to "Unconfined"`,
  };
};

const SAFE_SYSCTLS = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
]);

export const sysctls: Check = ({ spec }) => {
  const names: string[] = (spec.securityContext?.sysctls ?? []).map(({ name }: any) => name);
  const forbidden = names.filter((name) => !SAFE_SYSCTLS.has(name));
  return forbidden.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: forbidden.join(', ') };
};

export const windowsHostProcess: Check = ({ spec }) => {
  const who = setters(spec, (context) => context.windowsOptions?.hostProcess === true);
  if (who.length === 0) return undefined;
  return {
    reason: 'hostProcess',
    detail: `${who.join(' and ')} must not set securityContext.windowsOptions.hostProcess=true`,
  };
};

/** From 1.25 on, what only Linux knows is not asked of Windows. */
const isWindows = (spec: any, minor: PolicyMinor) => spec.os?.name === 'windows' && minor >= 25;

export const allowPrivilegeEscalation: Check = ({ spec }, minor) =>
  isWindows(spec, minor)
    ? undefined
    : failing(
        spec,
        (each) => each.securityContext?.allowPrivilegeEscalation !== false,
        'allowPrivilegeEscalation != false',
        (containers) => `${containers} must set securityContext.allowPrivilegeEscalation=false`,
      );

export const restrictedCapabilities: Check = ({ spec }, minor) => {
  if (isWindows(spec, minor)) return undefined;
  const all = containersOf(spec);
  const undropped = all.filter((each) => !each.securityContext?.capabilities?.drop?.includes('ALL'));
  const isForbidden = (name: string) => name !== 'NET_BIND_SERVICE';
  const adding = all.filter((each) => added(each).some(isForbidden));
  if (undropped.length === 0 && adding.length === 0) return undefined;
  const names = (containers: readonly any[]) =>
    named(
      'container',
      containers.map(({ name }) => name),
    );
  const forbidden = unique(adding.flatMap(added).filter(isForbidden));
  const texts = [
    ...(undropped.length > 0 ? [`${names(undropped)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(adding.length > 0
      ? [`${names(adding)} must not include ${quoted(forbidden)} in securityContext.capabilities.add`]
      : []),
  ];
  return { reason: 'unrestricted capabilities', detail: texts.join('; ') };
};

const VOLUME_TYPES = new Set(
  'configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret'.split(' '),
);

export const restrictedVolumes: Check = ({ spec }) => {
  const typeOf = (volume: any) => Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';
  const bad = (spec.volumes ?? []).filter((volume: any) => !VOLUME_TYPES.has(typeOf(volume)));
  if (bad.length === 0) return undefined;
  const types = unique(bad.map(typeOf));
  const verb = bad.length === 1 ? 'uses' : 'use';
  const what = types.length === 1 ? 'type' : 'types';
  const volumes = named(
    'volume',
    bad.map(({ name }: any) => name),
  );
  return { reason: 'restricted volume types', detail: `${volumes} ${verb} restricted volume ${what} ${quoted(types)}` };
};

export const runAsNonRoot: Check = ({ spec }, minor) => {
  if (inUserNamespace(spec, minor)) return undefined;
  const pod: boolean | undefined = spec.securityContext?.runAsNonRoot;
  const of = (each: any): boolean | undefined => each.securityContext?.runAsNonRoot;
  const all = containersOf(spec);
  const names = (bad: (container: any) => boolean) => all.filter(bad).map(({ name }) => name);
  const explicit = names((each) => of(each) === false);
  const implicit = names((each) => of(each) === undefined);
  const who = [...(pod === false ? ['pod'] : []), ...(explicit.length > 0 ? [named('container', explicit)] : [])];
  const reason = 'runAsNonRoot != true';
  // What the pod says counts only for containers that say nothing.
  if (explicit.length > 0 || (pod === false && implicit.length > 0)) {
    return { reason, detail: `${who.join(' and ')} must not set securityContext.runAsNonRoot=false` };
  }
  if (pod === true || implicit.length === 0) return undefined;
  return { reason, detail: `pod or ${named('container', implicit)} must set securityContext.runAsNonRoot=true` };
};

export const runAsUser: Check = ({ spec }, minor) => {
  if (minor < 23 || inUserNamespace(spec, minor)) return undefined;
  const who = setters(spec, (context) => context.runAsUser === 0);
  return who.length === 0
    ? undefined
    : { reason: 'runAsUser=0', detail: `${who.join(' and ')} must not set runAsUser=0` };
};

export const restrictedSeccomp: Check = ({ spec }, minor) => {
  if (isWindows(spec, minor) || minor < 19) return undefined;
  const pod: string | undefined = spec.securityContext?.seccompProfile?.type;
  const of = (each: any): string | undefined => each.securityContext?.seccompProfile?.type;
  const isGood = (type: string | undefined) => type === 'RuntimeDefault' || type === 'Localhost';
  const all = containersOf(spec);
  const explicit = all.filter((each) => of(each) !== undefined && !isGood(of(each))).map(({ name }) => name);
  const implicit = all.filter((each) => of(each) === undefined).map(({ name }) => name);
  const badPod = pod !== undefined && !isGood(pod);
  const reason = 'seccompProfile';
  if (explicit.length > 0 || (badPod && implicit.length > 0)) {
    const types = unique([
      ...(badPod ? [pod] : []),
      ...all.map(of).filter((t) => t !== undefined && !isGood(t)),
    ] as string[]);
    const who = [...(badPod ? ['pod'] : []), ...(explicit.length > 0 ? [named('container', explicit)] : [])];
    return {
      reason,
      detail: `${who.join(' and ')} must not set securityContext.seccompProfile.type to ${quoted(types)}`,
    };
  }
  if (isGood(pod) || implicit.length === 0) return undefined;
  const wanted = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"';
  return { reason, detail: `pod or ${named('container', implicit)} ${wanted}` };
};
