/**
 * A container as the wire has it, with a shorter way to say its ports, its environment and its mounts.
 * https://kubernetes.io/docs/concepts/containers/
 */
import type * as corev1 from '../../kubernetes/types/core-v1.generated';
import { type Mounts, mountOf } from './volumes';

/** One port: its number (TCP), or all of it. */
type Port = number | Omit<corev1.ContainerPort, 'name'>;

/** A value, or where it comes from: `settings.key('URL')`, `fieldOf('status.podIP')`. */
export type EnvValue = string | number | boolean | corev1.EnvVarSource;

/** Anything whose keys can become variables: a ConfigMap or a Secret. */
export interface EnvSource {
  asEnvFrom(): corev1.EnvFromSource;
}

export interface ContainerProps extends Omit<corev1.Container, 'name' | 'ports' | 'env' | 'envFrom'> {
  /** By name: `{ http: 8080, dns: { containerPort: 53, protocol: 'UDP' } }`. */
  ports?: readonly corev1.ContainerPort[] | Readonly<Record<string, Port>>;
  /** By name: `{ LEVEL: 'info', WORKERS: 4, URL: settings.key('URL') }`. The order is kept: `$(NAME)` looks back. */
  env?: readonly corev1.EnvVar[] | Readonly<Record<string, EnvValue>>;
  /** Every key of these becomes a variable. */
  envFrom?: readonly (EnvSource | corev1.EnvFromSource)[];
  /** What stands at which path: `{ '/etc/app': settings, '/tmp': { emptyDir: {} } }`. Volumes come along by themselves. */
  mounts?: Mounts;
}

/** A map by name, or a list as the wire has it. */
export type Containers = readonly corev1.Container[] | Readonly<Record<string, ContainerProps>>;

/** The container as the wire has it; volumes that it mounts are added to the Pod. */
export function containerOf(pod: corev1.PodSpec, name: string, props: ContainerProps): corev1.Container {
  const { image, command, args, ports, env, envFrom, mounts, volumeMounts, ...rest } = props;
  const mounted = Object.entries(mounts ?? {}).map(([path, what]) => mountOf(pod, path, what));
  const allMounts = [...(volumeMounts ?? []), ...mounted];
  return {
    name,
    image,
    command,
    args,
    ports: ports && listPorts(ports),
    env: env && listEnv(env),
    envFrom: envFrom?.map((source) => ('asEnvFrom' in source ? source.asEnvFrom() : source)),
    ...rest,
    ...(allMounts.length > 0 ? { volumeMounts: allMounts } : {}),
  };
}

export function listContainers(pod: corev1.PodSpec, containers: Containers): corev1.Container[] {
  if (isList(containers)) return [...containers];
  return Object.entries(containers).map(([name, props]) => containerOf(pod, name, props));
}

function isList<T>(value: readonly T[] | Readonly<Record<string, unknown>>): value is readonly T[] {
  return Array.isArray(value);
}

function listPorts(ports: NonNullable<ContainerProps['ports']>): corev1.ContainerPort[] {
  if (isList(ports)) return [...ports];
  return Object.entries(ports).map(([name, port]) =>
    typeof port === 'number' ? { name, containerPort: port } : { name, ...port },
  );
}

function listEnv(env: NonNullable<ContainerProps['env']>): corev1.EnvVar[] {
  if (isList(env)) return [...env];
  return Object.entries(env).map(([name, value]) =>
    typeof value === 'object' ? { name, valueFrom: value } : { name, value: String(value) },
  );
}
