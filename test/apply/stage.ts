/** A simulated cluster with the engine attached, and what the engine said. */
import {
  type ApplyEvent,
  type ApplyOptions,
  apply,
  destroy,
  formatPlan,
  formatRef,
  type PlanOptions,
  plan,
  release,
  revisions,
  rollback,
  type Transport,
} from '../../lib/apply';
import type { KubernetesObject } from '../../lib/kubernetes/object';
import { Cluster } from '../../lib/simulator/cluster/cluster';
import { drive, inProcessTransport } from '../../lib/testing/in-process-transport';

export interface StageOptions {
  /** Something between engine and cluster: faults, other versions, webhooks. */
  readonly between?: (transport: Transport) => Transport;
  /** @default 3 */
  readonly nodes?: number;
}

export function setStage({ between = (transport) => transport, nodes = 3 }: StageOptions = {}) {
  const cluster = new Cluster({ nodes });
  const { simulation } = cluster;
  const client = cluster.clientFor('kubernetes-admin', 'stage');
  const transport = between(inProcessTransport(cluster));
  const lines: string[] = [];
  const onEvent = (event: ApplyEvent) => lines.push(...describe(event));
  const progress = (line: string) => /^\S+ (InProgress|Terminating): /.test(line);
  const engine = { transport, clock: simulation.clock, set: { name: 'shop' }, onEvent };
  const asked = (objects: readonly KubernetesObject[], more: Partial<ApplyOptions>) => ({
    ...engine,
    objects,
    ...more,
  });
  return {
    cluster,
    client,
    simulation,
    transport,
    /** What was done since the last call, without the steps of waiting. */
    said: () => lines.splice(0).filter((line) => !progress(line)),
    /** The same with every step. */
    narrated: () => lines.splice(0),
    plan: async (objects: readonly KubernetesObject[], more: Partial<PlanOptions> = {}) =>
      formatPlan(await drive(simulation, plan(asked(objects, more))), { unchanged: true }),
    apply: (objects: readonly KubernetesObject[], more: Partial<ApplyOptions> = {}) =>
      drive(simulation, apply(asked(objects, more))),
    destroy: () => drive(simulation, destroy(engine)),
    rollback: (revision?: number) => drive(simulation, rollback({ ...engine, ...(revision ? { revision } : {}) })),
    revisions: async () => (await drive(simulation, revisions(engine))).map(({ number }) => number),
    release: () => drive(simulation, release(engine)),
  };
}

function describe(event: ApplyEvent): string[] {
  switch (event.type) {
    case 'applied':
      return [`${formatRef(event.change.ref)} ${event.outcome}`];
    case 'waiting':
      return [`${formatRef(event.change.ref)} ${event.readiness.status}: ${withoutHashes(event.readiness.message)}`];
    case 'ready':
      return [`${formatRef(event.change.ref)} is Current: ${event.readiness.message}`];
    case 'failed':
      return [`${formatRef(event.change.ref)} failed: ${withoutHashes(event.refusal.message)}`];
    case 'skipped':
      return [`${formatRef(event.change.ref)} skipped because of ${formatRef(event.because.ref)}`];
    case 'warning':
      return [`warning: ${event.message}`];
    case 'finished':
      return [event.result.outcome];
    default:
      return [];
  }
}

/** Pods get names by chance: `web-5669cc66dc-jcxrm` is `web-*`. */
export const withoutHashes = (text: string): string => text.replace(/-[a-z0-9]{8,10}-[a-z0-9]{5}\b/g, '-*');

export const namespace = (name: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
});

export const configMap = (name: string, data: Record<string, string> = {}, ns = 'default'): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: ns },
  data,
});

export const deployment = (name: string, spec: Record<string, unknown> = {}, ns = 'default'): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: ns },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name, image: 'nginx:1.10', envFrom: [{ configMapRef: { name: 'settings' } }] }] },
    },
    ...spec,
  },
});
