/** Autoscalers that follow what applications tell: Pods, Object and External metrics. */
import { startCluster } from '../../../../lib/testing/test-cluster';

const start = (metric: object, spec: object = {}) => {
  const cluster = startCluster({ nodes: 3 });
  cluster.apply(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'worker' },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'worker' } },
        template: {
          metadata: { labels: { app: 'worker' } },
          spec: { containers: [{ name: 'main', image: 'shop/worker:1' }] },
        },
      },
    },
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'worker' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'worker' },
        minReplicas: 1,
        maxReplicas: 10,
        metrics: [metric],
        ...spec,
      },
    },
  );
  const autoscaler = () => cluster.get('HorizontalPodAutoscaler', 'worker') as any;
  return {
    cluster,
    autoscaler,
    replicas: () => cluster.get('Deployment', 'worker').spec!.replicas,
    active: () => autoscaler().status.conditions.find((each: any) => each.type === 'ScalingActive'),
    events: () =>
      cluster.events({ about: 'HorizontalPodAutoscaler/worker' }).map(({ reason, message }) => `${reason} ${message}`),
  };
};

const queue = {
  type: 'External',
  external: {
    metric: { name: 'queue_depth', selector: { matchLabels: { queue: 'orders' } } },
    target: { type: 'AverageValue', averageValue: '30' },
  },
};

test('an External metric: one replica for every thirty messages of the queue that the selector takes', () => {
  const { cluster, replicas, autoscaler, events } = start(queue);
  cluster.metrics.setExternal('queue_depth', 140, { queue: 'orders' });
  cluster.metrics.setExternal('queue_depth', 9_000, { queue: 'mails' });
  cluster.advance('1m');
  expect(replicas()).toBe(5);
  expect(autoscaler().status.currentMetrics).toEqual([
    {
      type: 'External',
      external: { metric: queue.external.metric, current: { averageValue: '28' } },
    },
  ]);
  expect(events().filter((line) => line.startsWith('SuccessfulRescale'))).toEqual([
    'SuccessfulRescale New size: 5; reason: external metric queue_depth(&LabelSelector{MatchLabels:map[string]string{queue: orders,},MatchExpressions:[]LabelSelectorRequirement{},}) above target',
  ]);
});

test('without an adapter it fails with the words of a cluster that has no such API', () => {
  const { cluster, active, events, replicas } = start(queue);
  cluster.advance('1m');
  const cause =
    'unable to get external metric default/queue_depth/&LabelSelector{MatchLabels:map[string]string{queue: orders,},MatchExpressions:[]LabelSelectorRequirement{},}: unable to fetch metrics from external metrics API: the server could not find the requested resource (get queue_depth.external.metrics.k8s.io)';
  expect(active()).toMatchObject({
    status: 'False',
    reason: 'FailedGetExternalMetric',
    message: `the HPA was unable to compute the replica count: ${cause}`,
  });
  expect(events()).toContain(
    `FailedComputeMetricsReplicas invalid metrics (1 invalid out of 1), first error is: failed to get queue_depth external metric value: ${cause}`,
  );
  expect(replicas()).toBe(2);
});

test('a Pods metric is the average of what the image says of each pod', () => {
  const metric = {
    type: 'Pods',
    pods: { metric: { name: 'requests_per_second' }, target: { type: 'AverageValue', averageValue: '100' } },
  };
  const { cluster, replicas, autoscaler, active } = start(metric);
  cluster.machines.images.define('shop/worker', { metrics: () => ({ requests_per_second: 152.5 }) });
  cluster.advance('25s');
  expect(replicas()).toBe(4);
  expect(autoscaler().status.currentMetrics).toEqual([
    { type: 'Pods', pods: { metric: { name: 'requests_per_second' }, current: { averageValue: '152500m' } } },
  ]);
  expect(active()).toMatchObject({
    message: 'the HPA was able to successfully calculate a replica count from pods metric requests_per_second',
  });
});

test('an Object metric with a value: the whole load of an Ingress over the ready pods; the tolerance can be set', () => {
  const metric = {
    type: 'Object',
    object: {
      describedObject: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'main' },
      metric: { name: 'requests' },
      target: { type: 'Value', value: '10k' },
    },
  };
  let load = 10_800;
  const { cluster, replicas, active } = start(metric);
  cluster.advance('20s');
  expect(active()).toMatchObject({
    reason: 'FailedGetObjectMetric',
    message:
      'the HPA was unable to compute the replica count: unable to get metric requests: Ingress on default main/unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
  });
  cluster.metrics.setObject('requests', { kind: 'Ingress', name: 'main' }, () => load);
  cluster.advance('1m');
  expect(replicas()).toBe(2);
  cluster.client.patch('horizontalpodautoscalers.autoscaling', 'default', 'worker', 'merge', {
    spec: { behavior: { scaleUp: { tolerance: '0.05' } } },
  });
  cluster.advance('10s');
  expect(replicas()).toBe(3);
  load = 20_000;
  cluster.advance('30s');
  expect(replicas()).toBeGreaterThanOrEqual(6);
});
