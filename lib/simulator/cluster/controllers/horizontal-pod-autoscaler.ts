/**
 * HorizontalPodAutoscaler: every 15 seconds, as many replicas as the load asks for.
 * https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
 *
 * Left out: scale targets that are custom resources.
 */
import { semanticEqual } from '../../../kubernetes/equality';
import { type Condition, formatTime, type KubernetesObject } from '../../../kubernetes/object';
import { milliValue, parseQuantity } from '../../../kubernetes/quantity';
import type { LabelSelector } from '../../../kubernetes/selectors';
import { withCondition } from './conditions';
import {
  type Controller,
  type ControllerContext,
  type ControllerDefinition,
  type Requeue,
  splitName,
} from './controller';
import { DEFAULT_DOWN, DEFAULT_UP, type Recommendation, type ScaleEvent, scaleLimit, stabilize } from './hpa-behavior';
import { MetricError, type MetricProposal, type Tolerance } from './hpa-calculation';
import { proposeReplicas } from './hpa-metrics';
import { indexPodLabels, podsSelectedBy } from './service-pods';

const AUTOSCALERS = 'horizontalpodautoscalers.autoscaling';
const PERIOD_MS = 15_000;
const TARGETS: Readonly<Record<string, string>> = {
  Deployment: 'deployments.apps',
  ReplicaSet: 'replicasets.apps',
  ReplicationController: 'replicationcontrollers',
  StatefulSet: 'statefulsets.apps',
};

export const horizontalPodAutoscalerController: ControllerDefinition = {
  name: 'horizontal-pod-autoscaler-controller',
  serviceAccount: 'horizontal-pod-autoscaler',
  create: createAutoscaler,
};

/** What an autoscaler remembers between two looks. */
interface Memory {
  recommendations: Recommendation[];
  events: ScaleEvent[];
}

/** One look: what it found, and the conditions it tells. */
interface Look {
  readonly autoscaler: KubernetesObject;
  readonly current: number;
  conditions: Condition[];
  proposals: MetricProposal[];
}

function createAutoscaler(context: ControllerContext): Controller {
  const { store, client, events } = context;
  const { clock } = context.simulation;
  const memories = new Map<string, Memory>();
  indexPodLabels(store);

  function reconcile(name: string): Requeue | undefined {
    const key = splitName(name);
    const autoscaler = store.get(AUTOSCALERS, key.namespace, key.name);
    if (!autoscaler) return undefined;
    look(autoscaler);
    return { afterMs: PERIOD_MS, background: true };
  }

  function look(autoscaler: KubernetesObject): void {
    const { kind, name } = autoscaler.spec.scaleTargetRef;
    const { namespace } = autoscaler.metadata;
    const collection = TARGETS[kind];
    const target = collection ? store.get(collection, namespace, name) : undefined;
    const conditions: Condition[] = autoscaler.status?.conditions ?? [];
    const round: Look = { autoscaler, current: target?.spec.replicas ?? 0, conditions, proposals: [] };
    if (!collection || !target) {
      const cause = collection ? `${collection} "${name}" not found` : `no matches for kind "${kind}"`;
      tell(
        round,
        'AbleToScale',
        'False',
        'FailedGetScale',
        `the HPA controller was unable to get the target's current scale: ${cause}`,
      );
      events.event(autoscaler, 'Warning', 'FailedGetScale', cause);
      writeStatus(round, autoscaler.status?.desiredReplicas ?? 0, false);
      return;
    }
    tell(
      round,
      'AbleToScale',
      'True',
      'SucceededGetScale',
      "the HPA controller was able to get the target's current scale",
    );
    const decision = decide(round, selectorOf(target));
    if (decision && decision.replicas !== round.current) rescale(round, { collection, target }, decision);
    writeStatus(
      round,
      decision?.replicas ?? round.current,
      decision !== undefined && decision.replicas !== round.current,
    );
  }

  interface Decision {
    readonly replicas: number;
    readonly reason: string;
  }

  /** Undefined when nothing can be said. */
  function decide(round: Look, selector: LabelSelector): Decision | undefined {
    const { autoscaler, current } = round;
    const { minReplicas = 1, maxReplicas } = autoscaler.spec;
    if (current === 0 && minReplicas !== 0) {
      const message = 'scaling is disabled since the replica count of the target is zero';
      tell(round, 'ScalingActive', 'False', 'ScalingDisabled', message);
      return { replicas: 0, reason: '' };
    }
    if (current > maxReplicas) {
      return { replicas: maxReplicas, reason: 'Current number of replicas above Spec.MaxReplicas' };
    }
    if (current < minReplicas) {
      return { replicas: minReplicas, reason: 'Current number of replicas below Spec.MinReplicas' };
    }
    const best = askMetrics(round, podsSelectedBy(store, autoscaler.metadata.namespace!, selector));
    if (!best) return undefined;
    const reason = best.replicas > current ? `${best.name} above target` : 'All metrics below target';
    return { replicas: normalize(round, best.replicas), reason };
  }

  /** The highest of what the metrics ask for. If one of them fails, it may not go down. */
  function askMetrics(round: Look, pods: readonly KubernetesObject[]): MetricProposal | undefined {
    const { autoscaler, current } = round;
    const failures: MetricError[] = [];
    const metrics: readonly unknown[] = autoscaler.spec.metrics ?? [];
    for (const metric of metrics) {
      try {
        round.proposals.push(
          proposeReplicas(metric, {
            pods,
            replicas: current,
            metrics: context.podMetrics,
            applications: context.applicationMetrics,
            namespace: autoscaler.metadata.namespace!,
            tolerance: toleranceOf(autoscaler),
            now: clock.now(),
          }),
        );
      } catch (error) {
        if (!(error instanceof MetricError)) throw error;
        failures.push(error);
        events.event(autoscaler, 'Warning', error.reason, error.message);
      }
    }
    const best = round.proposals.reduce<MetricProposal | undefined>(
      (most, each) => (most && most.replicas >= each.replicas ? most : each),
      undefined,
    );
    const [first] = failures;
    if (first && (!best || best.replicas < current)) {
      const message = `the HPA was unable to compute the replica count: ${first.message}`;
      tell(round, 'ScalingActive', 'False', first.reason, message);
      const summary = `invalid metrics (${failures.length} invalid out of ${metrics.length}), first error is: ${first.summary}: ${first.message}`;
      events.event(autoscaler, 'Warning', 'FailedComputeMetricsReplicas', summary);
      return undefined;
    }
    const message = `the HPA was able to successfully calculate a replica count from ${best!.name}`;
    tell(round, 'ScalingActive', 'True', 'ValidMetricFound', message);
    return best;
  }

  /** Brings a wish into the bounds of stabilization, speed, minimum and maximum. */
  function normalize(round: Look, wished: number): number {
    const { autoscaler, current } = round;
    const { behavior, minReplicas = 1, maxReplicas } = autoscaler.spec;
    const up = { ...DEFAULT_UP, ...behavior?.scaleUp };
    const down = { ...DEFAULT_DOWN, ...behavior?.scaleDown };
    const now = clock.now();
    const memory = memoryOf(autoscaler);
    const windows = { upSeconds: up.stabilizationWindowSeconds, downSeconds: down.stabilizationWindowSeconds };
    const stable = stabilize(memory.recommendations, { current, desired: wished, now }, windows);
    memory.recommendations.push({ time: now, replicas: wished });
    const longest = Math.max(windows.upSeconds, windows.downSeconds, 15) * 1000;
    memory.recommendations = memory.recommendations.filter(({ time }) => time > now - longest);
    if (stable !== wished) {
      const [reason, message] =
        stable > wished
          ? [
              'ScaleDownStabilized',
              'recent recommendations were higher than current one, applying the highest recent recommendation',
            ]
          : [
              'ScaleUpStabilized',
              'recent recommendations were lower than current one, applying the lowest recent recommendation',
            ];
      tell(round, 'AbleToScale', 'True', reason!, message!);
    } else {
      tell(round, 'AbleToScale', 'True', 'ReadyForNewScale', 'recommended size matches current size');
    }
    const history = { events: memory.events, now };
    const highest = Math.min(maxReplicas, Math.max(current, scaleLimit(current, 'up', up, history)));
    const lowest = Math.max(minReplicas, Math.min(current, scaleLimit(current, 'down', down, history)));
    const replicas = Math.min(Math.max(stable, lowest), highest);
    tellLimit(round, stable, replicas);
    return replicas;
  }

  function tellLimit(round: Look, wanted: number, replicas: number): void {
    const { minReplicas = 1, maxReplicas } = round.autoscaler.spec;
    if (wanted === replicas) {
      tell(round, 'ScalingLimited', 'False', 'DesiredWithinRange', 'the desired count is within the acceptable range');
    } else if (wanted > replicas && replicas === maxReplicas) {
      tell(
        round,
        'ScalingLimited',
        'True',
        'TooManyReplicas',
        'the desired replica count is more than the maximum replica count',
      );
    } else if (wanted < replicas && replicas === minReplicas) {
      tell(
        round,
        'ScalingLimited',
        'True',
        'TooFewReplicas',
        'the desired replica count is less than the minimum replica count',
      );
    } else {
      const [reason, how] = wanted > replicas ? ['ScaleUpLimit', 'increasing'] : ['ScaleDownLimit', 'decreasing'];
      const message = `the desired replica count is ${how} faster than the maximum scale rate`;
      tell(round, 'ScalingLimited', 'True', reason!, message);
    }
  }

  function rescale(
    round: Look,
    { collection, target }: { readonly collection: string; readonly target: KubernetesObject },
    { replicas, reason }: Decision,
  ): void {
    const { namespace, name } = target.metadata;
    client.patch(collection, namespace, name!, 'merge', { spec: { replicas } }, { subresource: 'scale' });
    tell(
      round,
      'AbleToScale',
      'True',
      'SucceededRescale',
      `the HPA controller was able to update the target scale to ${replicas}`,
    );
    events.event(round.autoscaler, 'Normal', 'SuccessfulRescale', `New size: ${replicas}; reason: ${reason}`);
    const memory = memoryOf(round.autoscaler);
    memory.events = memory.events.filter(({ time }) => time > clock.now() - 1_800_000);
    memory.events.push({ time: clock.now(), change: replicas - round.current });
  }

  function memoryOf({ metadata: { uid } }: KubernetesObject): Memory {
    const memory = memories.get(uid!) ?? { recommendations: [], events: [] };
    memories.set(uid!, memory);
    return memory;
  }

  function tell(round: Look, type: string, status: 'True' | 'False', reason: string, message: string): void {
    const before = round.conditions;
    const [next] = withCondition(
      before.filter((each) => each.type === type),
      { type, status, reason, message },
      formatTime(clock.now()),
    );
    const at = before.findIndex((each) => each.type === type);
    round.conditions = at < 0 ? [...before, next!] : before.map((each, i) => (i === at ? next! : each));
  }

  function writeStatus(round: Look, desired: number, scaled: boolean): void {
    const { autoscaler, current, conditions, proposals } = round;
    const lastScaleTime = scaled ? formatTime(clock.now()) : autoscaler.status?.lastScaleTime;
    const status = {
      ...(autoscaler.metadata.generation ? { observedGeneration: autoscaler.metadata.generation } : {}),
      ...(lastScaleTime ? { lastScaleTime } : {}),
      ...(current > 0 ? { currentReplicas: current } : {}),
      desiredReplicas: desired,
      currentMetrics: proposals.length > 0 ? proposals.map((each) => each.status) : null,
      conditions,
    };
    if (!semanticEqual(status, autoscaler.status)) client.updateStatus(AUTOSCALERS, { ...autoscaler, status });
  }

  return {
    watches: [
      {
        collection: AUTOSCALERS,
        // Its own status is no reason to look again.
        names: ({ type, object, previous }) => {
          if (type === 'DELETED') memories.delete(object.metadata.uid!);
          const changed =
            previous?.metadata.generation !== object.metadata.generation || previous?.spec !== object.spec;
          return type !== 'DELETED' && (!previous || changed)
            ? [`${object.metadata.namespace}/${object.metadata.name}`]
            : [];
        },
      },
    ],
    reconcile,
  };
}

const DEFAULT_TOLERANCE = '0.1';

/** https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#tolerance */
function toleranceOf({ spec: { behavior } }: KubernetesObject): Tolerance {
  const share = (rules: any) => milliValue(parseQuantity(rules?.tolerance ?? DEFAULT_TOLERANCE)) / 1000;
  return { up: share(behavior?.scaleUp), down: share(behavior?.scaleDown) };
}

function selectorOf({ kind, spec }: KubernetesObject): LabelSelector {
  return kind === 'ReplicationController' ? { matchLabels: spec.selector } : spec.selector;
}
