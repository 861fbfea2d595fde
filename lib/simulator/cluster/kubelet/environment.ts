/**
 * The environment of a container: its image's, then the Services of its namespace, then what its spec says.
 * https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import type { Store } from '../store';
import { decodeBase64 } from './base64';
import { fieldValue, resourceFieldValue } from './downward-api';

/** Why a container cannot be created: its configuration names something that is not there. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError';
}

export interface EnvironmentInput {
  readonly store: Store;
  readonly pod: KubernetesObject;
  readonly container: any;
  readonly imageEnv: Readonly<Record<string, string>>;
  readonly podIp: string;
  readonly hostIp: string;
  readonly hostName: string;
  /** Services that came later are not in it. */
  readonly startedAt: number;
  readonly node: KubernetesObject | undefined;
}

/** Whether the environment depends on objects that may be missing, so that it must be made before the start. */
export function needsLookups(container: any): boolean {
  return container.envFrom?.length > 0 || container.env?.some((each: any) => each.valueFrom) === true;
}

/** @throws ContainerConfigError */
export function resolveEnvironment(input: EnvironmentInput): Record<string, string> {
  const { container, pod } = input;
  const env: Record<string, string> = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOSTNAME: input.hostName,
    ...input.imageEnv,
  };
  for (const source of container.envFrom ?? []) Object.assign(env, envFrom(input, source));
  const own: Record<string, string> = {};
  const services = serviceVariables(input);
  const lookUp = (name: string) => own[name] ?? env[name] ?? services[name];
  for (const { name, value, valueFrom } of container.env ?? []) {
    const resolved = valueFrom ? fromSource(input, valueFrom) : expandReferences(value ?? '', lookUp);
    if (resolved !== undefined) own[name] = resolved;
  }
  for (const [name, value] of Object.entries(services)) if (!(name in env)) env[name] = value;
  Object.assign(env, own);
  return pod.spec.hostNetwork ? env : { ...env, HOME: env.HOME ?? '/root' };
}

/** `$(NAME)` becomes the variable's value; `$$(NAME)` is kept as `$(NAME)`; an unknown name stays as it is. */
export function expandReferences(text: string, lookUp: (name: string) => string | undefined): string {
  if (!text.includes('$')) return text;
  return text.replace(/\$(\$|\(([^)]*)\))/g, (whole, what: string, name: string | undefined) =>
    what === '$' ? '$' : (lookUp(name!) ?? whole),
  );
}

function envFrom(input: EnvironmentInput, source: any): Record<string, string> {
  const prefix: string = source.prefix ?? '';
  const reference = source.configMapRef ?? source.secretRef;
  const data = source.configMapRef
    ? configMapData(input, reference.name, reference.optional)
    : secretData(input, reference.name, reference.optional);
  return Object.fromEntries(Object.entries(data ?? {}).map(([name, value]) => [prefix + name, value]));
}

function fromSource(input: EnvironmentInput, source: any): string | undefined {
  const { pod, container } = input;
  if (source.fieldRef) return fieldValue(pod, source.fieldRef.fieldPath, input);
  if (source.resourceFieldRef) return resourceFieldValue(pod, container, source.resourceFieldRef, input.node);
  const { name, key, optional } = source.configMapKeyRef ?? source.secretKeyRef;
  const isSecret = source.secretKeyRef !== undefined;
  const data = isSecret ? secretData(input, name, optional) : configMapData(input, name, optional);
  const value = data?.[key];
  if (value === undefined && !optional) {
    const where = `${isSecret ? 'Secret' : 'ConfigMap'} ${pod.metadata.namespace}/${name}`;
    throw new ContainerConfigError(`couldn't find key ${key} in ${where}`);
  }
  return value;
}

function configMapData({ store, pod }: EnvironmentInput, name: string, optional: boolean | undefined) {
  const found = store.get('configmaps', pod.metadata.namespace, name);
  if (!found && !optional) throw new ContainerConfigError(`configmap "${name}" not found`);
  return found?.data as Record<string, string> | undefined;
}

function secretData({ store, pod }: EnvironmentInput, name: string, optional: boolean | undefined) {
  const found = store.get('secrets', pod.metadata.namespace, name);
  if (!found && !optional) throw new ContainerConfigError(`secret "${name}" not found`);
  const data: Record<string, string> = found?.data ?? {};
  return found && Object.fromEntries(Object.entries(data).map(([key, value]) => [key, decodeBase64(value)]));
}

/**
 * WEB_SERVICE_HOST and its sisters. https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 * The master service `kubernetes` is in every container; the others only with enableServiceLinks.
 */
function serviceVariables({ store, pod, startedAt }: EnvironmentInput): Record<string, string> {
  const env: Record<string, string> = {};
  const add = (service: KubernetesObject) => {
    const { clusterIP, ports } = service.spec;
    if (!clusterIP || clusterIP === 'None' || !ports?.length) return;
    const prefix = service.metadata.name!.toUpperCase().replaceAll('-', '_');
    env[`${prefix}_SERVICE_HOST`] = clusterIP;
    env[`${prefix}_SERVICE_PORT`] = String(ports[0].port);
    for (const { name, port } of ports) {
      if (name) env[`${prefix}_SERVICE_PORT_${name.toUpperCase().replaceAll('-', '_')}`] = String(port);
    }
    const first = `${(ports[0].protocol ?? 'TCP').toLowerCase()}://${clusterIP}:${ports[0].port}`;
    env[`${prefix}_PORT`] = first;
    for (const { port, protocol = 'TCP' } of ports) {
      const base = `${prefix}_PORT_${port}_${protocol}`;
      env[base] = `${protocol.toLowerCase()}://${clusterIP}:${port}`;
      env[`${base}_PROTO`] = protocol.toLowerCase();
      env[`${base}_PORT`] = String(port);
      env[`${base}_ADDR`] = clusterIP;
    }
  };
  const kubernetes = store.get('services', 'default', 'kubernetes');
  if (kubernetes) add(kubernetes);
  if (pod.spec.enableServiceLinks === false) return env;
  const services = [...store.list('services', pod.metadata.namespace)].filter(
    ({ metadata }) => Date.parse(metadata.creationTimestamp ?? '') <= startedAt,
  );
  services.sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1));
  for (const service of services) add(service);
  return env;
}
