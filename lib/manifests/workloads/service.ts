/**
 * A Service, and what others need of it: its name in DNS, its URL, its ports as backends of routes.
 * https://kubernetes.io/docs/concepts/services-networking/service/
 */
import type { Construct } from 'constructs';
import type * as corev1 from '../../kubernetes/types/core-v1.generated';
import type { ObjectMeta } from '../../kubernetes/types/meta-v1.generated';
import { UserError } from '../../kubernetes/user-error';
import { ApiObject, type PropsOf } from '../api-object';
import { closest } from '../closest';

export interface ExposeOptions extends Omit<corev1.ServiceSpec, 'selector' | 'ports'> {
  /** @default the workload's name */
  readonly name?: string;
  readonly metadata?: Omit<ObjectMeta, 'name'>;
  /** The Service's port, when there is one. @default the container's */
  readonly port?: number;
  /** Which ports of the containers by name, and the Service's number for each. @default all, with the containers' numbers */
  readonly ports?: Readonly<Record<string, number>>;
  /** No address of its own: its name in DNS stands for all Pods, and each Pod of a StatefulSet gets a name. */
  readonly headless?: boolean;
}

/** One port of a Service, as routes want it. */
export interface ServicePort {
  readonly service: Service;
  readonly port: corev1.ServicePort;
}

export class Service extends ApiObject<'v1', 'Service'> {
  static readonly apiVersion = 'v1';
  static readonly kind = 'Service';

  constructor(scope: Construct, name: string, props: PropsOf<'v1', 'Service'>) {
    super(scope, name, { apiVersion: 'v1', kind: 'Service', ...props });
  }

  /**
   * @param port by name or number; may be left out when there is only one
   * @throws UserError when there is no such port
   */
  port(port?: string | number): ServicePort {
    const ports = ((this.written.spec as corev1.ServiceSpec).ports ?? []) as readonly corev1.ServicePort[];
    const found =
      port === undefined && ports.length === 1
        ? ports[0]
        : ports.find((each) => each.name === port || each.port === port);
    if (found !== undefined) return { service: this, port: found };
    const known = ports.map((each) => each.name ?? String(each.port));
    const instead = closest(String(port), known);
    const message =
      port === undefined
        ? `Service "${this.name}" has ${ports.length} ports, so which one must be said`
        : `Service "${this.name}" has no port "${port}"`;
    throw new UserError('NoSuchPort', message, instead ? `Did you mean "${instead}"?` : `It has ${known.join(', ')}.`);
  }

  /** The name in DNS: `web.shop.svc`, or `web` as long as nobody said which namespace it is in. */
  get host(): string {
    const { namespace } = this;
    return namespace === undefined ? this.name : `${this.name}.${namespace}.svc`;
  }

  /** `http://web.shop.svc:8080`; for a Service with one port. */
  get url(): string {
    return this.urlOf();
  }

  /** @param scheme @default https for a port of this name or 443, else http */
  urlOf(port?: string | number, scheme?: string): string {
    const { port: found } = this.port(port);
    const secure = found.name === 'https' || found.port === 443;
    const usual = found.port === (secure ? 443 : 80);
    return `${scheme ?? (secure ? 'https' : 'http')}://${this.host}${usual && scheme === undefined ? '' : `:${found.port}`}`;
  }
}

/** The Service's ports for those of containers. @param whose names the workload in errors */
export function servicePorts(
  whose: string,
  declared: readonly corev1.ContainerPort[],
  { port, ports }: Pick<ExposeOptions, 'port' | 'ports'>,
): corev1.ServicePort[] {
  if (declared.length === 0) {
    const hint = 'Give the container ports: { http: 8080 }.';
    throw new UserError('NothingToExpose', `no container of ${whose} declares a port`, hint);
  }
  if (ports !== undefined) {
    return Object.entries(ports).map(([name, number]) => {
      const found = declared.find((each) => each.name === name);
      if (found !== undefined) return servicePort(found, number);
      const names = declared.flatMap((each) => each.name ?? []);
      const instead = closest(name, names);
      const hint = instead ? `Did you mean "${instead}"?` : `They have ${names.join(', ') || 'no named ports'}.`;
      throw new UserError('NoSuchPort', `no container of ${whose} has a port "${name}"`, hint);
    });
  }
  if (port === undefined) return declared.map((each) => servicePort(each, each.containerPort));
  if (declared.length === 1) return [servicePort(declared[0]!, port)];
  const names = declared.map(({ name, containerPort }) => name ?? containerPort).join(', ');
  throw new UserError(
    'WhichPort',
    `the containers of ${whose} declare several ports (${names}), and one number cannot stand for all of them`,
    `Say ports: { ${declared[0]!.name ?? 'name'}: ${port} }.`,
  );
}

function servicePort({ name, containerPort, protocol }: corev1.ContainerPort, port: number): corev1.ServicePort {
  return {
    ...(name === undefined ? {} : { name }),
    port,
    ...(protocol === undefined ? {} : { protocol }),
    targetPort: name ?? containerPort,
  };
}
