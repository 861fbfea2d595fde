/**
 * The workloads of a storm: small, valid and varied. Their containers run images whose behaviour is known, so it is known,
 * too, what has to come of them.
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import type { Random } from '../../random';
import type { ResourceName } from '../client';
import { NAMESPACE } from './storm-world';

/** An object and where it is stored. */
export interface WantedObject {
  readonly collection: ResourceName;
  readonly object: KubernetesObject;
}

const SERVER = 'nginx:1.27';
const SHELL = 'busybox:1.36';

type Make = (name: string, random: Random) => WantedObject[];

const registry = {
  web: deployment,
  database: statefulSet,
  agent: daemonSet,
  task: job,
  schedule: cronJob,
} as const satisfies Record<string, Make>;

export type WorkloadKind = keyof typeof registry;
export const workloadKinds = Object.keys(registry) as readonly WorkloadKind[];

export function makeWorkload(kind: WorkloadKind, name: string, random: Random): WantedObject[] {
  return registry[kind](name, random);
}

/** What is there in every storm: a quota that is large enough. */
export function surroundings(): WantedObject[] {
  return [named('resourcequotas', 'v1', 'ResourceQuota', 'team', { hard: { pods: '200', 'requests.cpu': '100' } })];
}

function named(
  collection: ResourceName,
  apiVersion: string,
  kind: string,
  name: string,
  spec: Record<string, unknown>,
): WantedObject {
  return { collection, object: { apiVersion, kind, metadata: { name, namespace: NAMESPACE }, spec } };
}

function server(random: Random): Record<string, unknown> {
  const readinessProbe = { httpGet: { path: '/', port: 80 }, periodSeconds: 1 + random.int(5) };
  const preStop = { preStop: { sleep: { seconds: 1 + random.int(10) } } };
  return {
    name: 'main',
    image: SERVER,
    ports: [{ containerPort: 80 }],
    resources: { requests: { cpu: `${50 + random.int(300)}m`, memory: '64Mi' } },
    ...(random.int(3) > 0 ? { readinessProbe } : {}),
    ...(random.int(3) === 0 ? { livenessProbe: readinessProbe } : {}),
    ...(random.int(2) === 0 ? { lifecycle: preStop } : {}),
  };
}

function template(name: string, container: Record<string, unknown>, spec: Record<string, unknown> = {}) {
  return {
    metadata: { labels: { app: name } },
    spec: { containers: [container], terminationGracePeriodSeconds: 20, ...spec },
  };
}

function service(name: string, spec: Record<string, unknown> = {}): WantedObject {
  return named('services', 'v1', 'Service', name, { selector: { app: name }, ports: [{ port: 80 }], ...spec });
}

function budget(name: string, random: Random, replicas: number): WantedObject[] {
  if (random.int(2) === 0) return [];
  const rule =
    random.int(2) === 0
      ? { minAvailable: random.int(replicas + 1) }
      : { maxUnavailable: random.pick([1, '30%', '50%']) };
  const spec = { selector: { matchLabels: { app: name } }, ...rule };
  return [named('poddisruptionbudgets.policy', 'policy/v1', 'PodDisruptionBudget', name, spec)];
}

function spread(name: string, random: Random): Record<string, unknown> {
  if (random.int(2) === 0) return {};
  const labelSelector = { matchLabels: { app: name } };
  const whenUnsatisfiable = 'ScheduleAnyway';
  const topologyKey = 'topology.kubernetes.io/zone';
  return { topologySpreadConstraints: [{ maxSkew: 1, topologyKey, whenUnsatisfiable, labelSelector }] };
}

function deployment(name: string, random: Random): WantedObject[] {
  const replicas = 1 + random.int(6);
  const rollingUpdate = random.pick([
    { maxSurge: '25%', maxUnavailable: '25%' },
    { maxSurge: 1, maxUnavailable: 0 },
    { maxSurge: 0, maxUnavailable: 1 },
    { maxSurge: '50%', maxUnavailable: '50%' },
  ]);
  const strategy = random.int(5) === 0 ? { type: 'Recreate' } : { type: 'RollingUpdate', rollingUpdate };
  const scaler = named('horizontalpodautoscalers.autoscaling', 'autoscaling/v2', 'HorizontalPodAutoscaler', name, {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    minReplicas: 1,
    maxReplicas: 6,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } }],
  });
  return [
    named('deployments.apps', 'apps/v1', 'Deployment', name, {
      replicas,
      selector: { matchLabels: { app: name } },
      strategy,
      minReadySeconds: random.pick([0, 0, 5]),
      template: template(name, server(random), spread(name, random)),
    }),
    service(name),
    ...budget(name, random, replicas),
    ...(random.int(4) === 0 ? [scaler] : []),
  ];
}

function statefulSet(name: string, random: Random): WantedObject[] {
  const replicas = 1 + random.int(3);
  const volumeMounts = [{ name: 'data', mountPath: '/data' }];
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  return [
    named('statefulsets.apps', 'apps/v1', 'StatefulSet', name, {
      replicas,
      serviceName: name,
      podManagementPolicy: random.pick(['OrderedReady', 'Parallel']),
      selector: { matchLabels: { app: name } },
      template: template(name, { ...server(random), volumeMounts }),
      volumeClaimTemplates: [claim],
    }),
    service(name, { clusterIP: 'None' }),
    ...budget(name, random, replicas),
  ];
}

function daemonSet(name: string, random: Random): WantedObject[] {
  const rollingUpdate = random.pick([{ maxUnavailable: 1 }, { maxSurge: 1, maxUnavailable: 0 }]);
  return [
    named('daemonsets.apps', 'apps/v1', 'DaemonSet', name, {
      selector: { matchLabels: { app: name } },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate },
      template: template(name, server(random)),
    }),
  ];
}

function jobSpec(random: Random): Record<string, unknown> {
  const script = random.pick(['sleep 5', 'sleep 60', 'echo done', 'sleep 3; exit 1']);
  const container = {
    name: 'main',
    image: SHELL,
    command: ['sh', '-c', script],
    resources: { requests: { cpu: '50m', memory: '32Mi' } },
  };
  return {
    completions: 1 + random.int(4),
    parallelism: 1 + random.int(3),
    backoffLimit: random.int(4),
    ...(random.int(2) === 0 ? { completionMode: 'Indexed' } : {}),
    template: { spec: { restartPolicy: random.pick(['Never', 'OnFailure']), containers: [container] } },
  };
}

function job(name: string, random: Random): WantedObject[] {
  return [named('jobs.batch', 'batch/v1', 'Job', name, jobSpec(random))];
}

function cronJob(name: string, random: Random): WantedObject[] {
  return [
    named('cronjobs.batch', 'batch/v1', 'CronJob', name, {
      schedule: '*/5 * * * *',
      concurrencyPolicy: random.pick(['Allow', 'Forbid', 'Replace']),
      jobTemplate: { spec: { ...jobSpec(random), ttlSecondsAfterFinished: 600 } },
    }),
  ];
}
