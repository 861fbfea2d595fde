import { deploymentController } from '../../../../lib/simulator/cluster/controllers/deployment/deployment';
import { horizontalPodAutoscalerController } from '../../../../lib/simulator/cluster/controllers/horizontal-pod-autoscaler';
import { scaleLimit, stabilize } from '../../../../lib/simulator/cluster/controllers/hpa-behavior';
import { replicaSetController } from '../../../../lib/simulator/cluster/controllers/replicaset';
import { startStory, template } from '../../../helpers/story';

const labels = { app: 'web' };

/** Each pod requests 100m; together they use what `load` says, in thousandths of a core. */
function start(load: (pods: number) => number | undefined, spec: object = {}) {
  const controllers = [deploymentController, replicaSetController, horizontalPodAutoscalerController];
  const story = startStory({ controllers });
  const { client, cluster } = story;
  Object.defineProperty(cluster, 'podMetrics', {
    value: {
      usageOf: () => {
        const milliCpu = load(story.pods().length);
        return milliCpu === undefined
          ? undefined
          : [{ name: 'main', milliCpu: milliCpu / story.pods().length, memoryBytes: 0 }];
      },
    },
  });
  const pod = template(labels);
  const containers = [{ name: 'main', image: 'nginx:1', resources: { requests: { cpu: '100m' } } }];
  client.create('deployments.apps', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { ...pod, spec: { ...pod.spec, containers } } },
  });
  story.settle();
  client.create('horizontalpodautoscalers.autoscaling', {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 1,
      maxReplicas: 10,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
      ...spec,
    },
  });
  const replicas = () => client.get('deployments.apps', 'default', 'web').spec.replicas;
  const status = () => client.get('horizontalpodautoscalers.autoscaling', 'default', 'web').status;
  const condition = (type: string) => status().conditions.find((each: { type: string }) => each.type === type);
  return { ...story, replicas, status, condition };
}

describe('HorizontalPodAutoscaler', () => {
  test('grows with the load and says why', () => {
    const { cluster, replicas, status, condition, eventsOf } = start(() => 250);
    cluster.simulation.advance('1m');
    // 250m of 100m each at 50 %: five pods.
    expect(replicas()).toBe(5);
    expect(eventsOf('HorizontalPodAutoscaler', 'web')).toEqual([
      'Normal SuccessfulRescale New size: 5; reason: cpu resource utilization (percentage of request) above target',
    ]);
    expect(status()).toMatchObject({
      currentReplicas: 5,
      desiredReplicas: 5,
      currentMetrics: [
        { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 50, averageValue: '50m' } } },
      ],
    });
    expect(condition('AbleToScale')).toMatchObject({ status: 'True', reason: 'ReadyForNewScale' });
    expect(condition('ScalingActive')).toMatchObject({ status: 'True', reason: 'ValidMetricFound' });
    expect(condition('ScalingLimited')).toMatchObject({ status: 'False', reason: 'DesiredWithinRange' });
  });

  test('grows no faster than the policies and no further than the maximum', () => {
    const { cluster, replicas, condition } = start(() => 5_000);
    cluster.simulation.advance('1s');
    expect(replicas()).toBe(6);
    cluster.simulation.advance('2m');
    expect(replicas()).toBe(10);
    expect(condition('ScalingLimited')).toMatchObject({ status: 'True', reason: 'TooManyReplicas' });
  });

  test('shrinks only when the load was lower for five minutes', () => {
    let load = 250;
    const { cluster, replicas, condition } = start(() => load);
    cluster.simulation.advance('6m');
    load = 50;
    cluster.simulation.advance('4m');
    expect(replicas()).toBe(5);
    expect(condition('AbleToScale').reason).toBe('ScaleDownStabilized');
    cluster.simulation.advance('2m');
    expect(replicas()).toBe(1);
  });

  test('without metrics it leaves everything as it is and says so', () => {
    const { cluster, replicas, condition } = start(() => undefined);
    cluster.simulation.advance('1m');
    expect(replicas()).toBe(2);
    expect(condition('ScalingActive')).toMatchObject({
      status: 'False',
      reason: 'FailedGetResourceMetric',
      message:
        'the HPA was unable to compute the replica count: failed to get cpu utilization: did not receive metrics for targeted ' +
        'pods (pods might be unready)',
    });
  });

  test('within ten percent of the target nothing happens', () => {
    const { cluster, replicas } = start(() => 108);
    cluster.simulation.advance('1m');
    expect(replicas()).toBe(2);
  });
});

describe('scaling behaviour', () => {
  test('stabilization takes the most careful recommendation', () => {
    const recommendations = [
      { time: 100_000, replicas: 8 },
      { time: 200_000, replicas: 5 },
    ];
    const at = { current: 8, desired: 3, now: 250_000 };
    expect(stabilize(recommendations, at, { upSeconds: 0, downSeconds: 300 })).toBe(8);
    expect(stabilize(recommendations, at, { upSeconds: 0, downSeconds: 100 })).toBe(5);
    expect(stabilize(recommendations, at, { upSeconds: 0, downSeconds: 0 })).toBe(3);
  });

  test('a policy counts what was done in its period', () => {
    const rules = {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max' as const,
      policies: [{ type: 'Pods' as const, value: 4, periodSeconds: 60 }],
    };
    expect(scaleLimit(10, 'up', rules, { events: [], now: 100_000 })).toBe(14);
    expect(scaleLimit(13, 'up', rules, { events: [{ time: 90_000, change: 3 }], now: 100_000 })).toBe(14);
    expect(scaleLimit(10, 'down', { ...rules, selectPolicy: 'Disabled' }, { events: [], now: 0 })).toBe(10);
  });
});
