/**
 * Deployment, StatefulSet and DaemonSet: the workloads with a selector. Written with `spec` as the wire has it, or with `pod` and the
 * other fields of the spec beside it. The selector is then one label, `app: <name of the object>`: it does not depend on where
 * in the program the object is made, because in the cluster it can never be changed.
 */
import type { Construct } from 'constructs';
import type * as appsv1 from '../../kubernetes/types/apps-v1.generated';
import type * as corev1 from '../../kubernetes/types/core-v1.generated';
import type { ObjectMeta } from '../../kubernetes/types/meta-v1.generated';
import type { Quantity } from '../../kubernetes/types/shapes';
import { type PodProps, podTemplate } from './pod-props';
import { ScaledWorkload } from './scaling';
import type { ExposeOptions, Service } from './service';
import { Workload } from './workload';

interface WireProps<Spec> {
  readonly metadata?: ObjectMeta;
  readonly spec: Spec;
  readonly pod?: never;
}

interface ShortProps {
  readonly metadata?: ObjectMeta;
  readonly pod: PodProps;
  /** The labels that tie the workload to its Pods. @default { app: <name> } */
  readonly selector?: Readonly<Record<string, string>>;
  readonly spec?: never;
}

export type DeploymentProps =
  | WireProps<appsv1.DeploymentSpec>
  | (ShortProps & Omit<appsv1.DeploymentSpec, 'selector' | 'template'>);

/** What is written of an object besides apiVersion and kind; the wire's form is taken as it is. */
function writtenOf(name: string, props: WireProps<unknown> | ShortProps): object {
  if (props.pod === undefined) return props;
  const { metadata, pod, selector, ...rest } = props;
  const matchLabels = selector ?? { app: metadata?.name ?? name };
  const spec = { ...rest, selector: { matchLabels }, template: podTemplate(pod, matchLabels) };
  return metadata === undefined ? { spec } : { metadata, spec };
}

/**
 * Keeps a number of equal Pods running, and replaces them step by step when their template changes.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
 * @example
 * const web = new Deployment(shop, 'web', {
 *   replicas: 3,
 *   pod: { containers: { web: { image: 'nginx:1.27', ports: { http: 80 } } } },
 * });
 * web.expose();
 */
export class Deployment extends ScaledWorkload<'apps/v1', 'Deployment'> {
  static readonly apiVersion = 'apps/v1';
  static readonly kind = 'Deployment';
  protected readonly templatePath = ['spec', 'template'];

  constructor(scope: Construct, name: string, props: DeploymentProps) {
    super(scope, name, { apiVersion: 'apps/v1', kind: 'Deployment', ...writtenOf(name, props) } as never);
  }
}

/** How much storage each Pod asks for, or the whole spec of its claim. */
export type ClaimTemplates = Readonly<Record<string, Quantity | corev1.PersistentVolumeClaimSpec>>;

export type StatefulSetProps =
  | WireProps<appsv1.StatefulSetSpec>
  | (ShortProps &
      Omit<appsv1.StatefulSetSpec, 'selector' | 'template' | 'volumeClaimTemplates'> & {
        /** By name; a container mounts them by it: `claims: { data: '10Gi' }`, `mounts: { '/data': 'data' }`. */
        readonly claims?: ClaimTemplates;
      });

/**
 * Pods with a name, an order and storage of their own.
 * https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
 * @example
 * const db = new StatefulSet(shop, 'db', {
 *   pod: { containers: { db: { image: 'postgres:17', ports: { sql: 5432 }, mounts: { '/var/lib/postgresql/data': 'data' } } } },
 *   claims: { data: '10Gi' },
 * });
 * db.expose({ headless: true }); // db-0.db.shop.svc
 */
export class StatefulSet extends ScaledWorkload<'apps/v1', 'StatefulSet'> {
  static readonly apiVersion = 'apps/v1';
  static readonly kind = 'StatefulSet';
  protected readonly templatePath = ['spec', 'template'];

  constructor(scope: Construct, name: string, props: StatefulSetProps) {
    super(scope, name, { apiVersion: 'apps/v1', kind: 'StatefulSet', ...writtenOf(name, withClaims(props)) } as never);
  }

  /** As of any workload; the first headless Service gives the Pods their names in DNS. */
  override expose(options: ExposeOptions = {}): Service {
    const service = super.expose(options);
    const isHeadless = options.headless || options.clusterIP === 'None';
    const spec = this.written.spec as appsv1.StatefulSetSpec;
    if (isHeadless && spec.serviceName === undefined) this.written.spec = { ...spec, serviceName: service.name };
    return service;
  }
}

function withClaims(props: StatefulSetProps): WireProps<unknown> | ShortProps {
  if (props.pod === undefined || props.claims === undefined) return props;
  const { claims, ...rest } = props;
  const volumeClaimTemplates = Object.entries(claims).map(([name, claim]) => ({
    metadata: { name },
    spec:
      typeof claim === 'object'
        ? claim
        : { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: claim } } },
  }));
  return { ...rest, volumeClaimTemplates } as ShortProps;
}

export type DaemonSetProps =
  | WireProps<appsv1.DaemonSetSpec>
  | (ShortProps & Omit<appsv1.DaemonSetSpec, 'selector' | 'template'>);

/**
 * One Pod on every node, or on those that it chooses.
 * https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
 */
export class DaemonSet extends Workload<'apps/v1', 'DaemonSet'> {
  static readonly apiVersion = 'apps/v1';
  static readonly kind = 'DaemonSet';
  protected readonly templatePath = ['spec', 'template'];

  constructor(scope: Construct, name: string, props: DaemonSetProps) {
    super(scope, name, { apiVersion: 'apps/v1', kind: 'DaemonSet', ...writtenOf(name, props) } as never);
  }
}
