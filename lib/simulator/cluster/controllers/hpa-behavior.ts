/**
 * How fast an autoscaler may follow what its metrics ask for.
 * https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior
 *
 * Stabilization looks back over a window and takes the most careful recommendation in it (down: the highest of the last
 * 300 s). Policies limit the change within a period: 10 replicas with "100 % or 4 pods in 15 s, the larger" may become 20.
 */
export interface Recommendation {
  readonly time: number;
  readonly replicas: number;
}

/** A change that was made. */
export interface ScaleEvent {
  readonly time: number;
  /** Positive when it grew. */
  readonly change: number;
}

interface Policy {
  readonly type: 'Pods' | 'Percent';
  readonly value: number;
  readonly periodSeconds: number;
}

export interface ScalingRules {
  readonly stabilizationWindowSeconds?: number;
  readonly selectPolicy?: 'Max' | 'Min' | 'Disabled';
  readonly policies?: readonly Policy[];
}

export const DEFAULT_UP: Required<ScalingRules> = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
export const DEFAULT_DOWN: Required<ScalingRules> = {
  stabilizationWindowSeconds: 300,
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
};

/** The most careful recommendation within the windows: between the highest for down and the lowest for up. */
export function stabilize(
  recommendations: readonly Recommendation[],
  { current, desired, now }: { readonly current: number; readonly desired: number; readonly now: number },
  windows: { readonly upSeconds: number; readonly downSeconds: number },
): number {
  let lowest = desired;
  let highest = desired;
  for (const { time, replicas } of recommendations) {
    if (time > now - windows.upSeconds * 1000) lowest = Math.min(lowest, replicas);
    if (time > now - windows.downSeconds * 1000) highest = Math.max(highest, replicas);
  }
  return Math.min(Math.max(current, lowest), highest);
}

/** The furthest that the rules let it go within their periods. */
export function scaleLimit(
  current: number,
  direction: 'up' | 'down',
  rules: Required<ScalingRules>,
  history: { readonly events: readonly ScaleEvent[]; readonly now: number },
): number {
  if (rules.selectPolicy === 'Disabled') return current;
  const sign = direction === 'up' ? 1 : -1;
  const proposals = rules.policies.map(({ type, value, periodSeconds }) => {
    const since = history.now - periodSeconds * 1000;
    const changed = history.events.filter(({ time }) => time > since).reduce((sum, { change }) => sum + change, 0);
    const start = current - changed;
    if (type === 'Pods') return start + sign * value;
    return direction === 'up' ? Math.ceil(start * (1 + value / 100)) : Math.floor(start * (1 - value / 100));
  });
  const furthest = (rules.selectPolicy === 'Max') === (direction === 'up') ? Math.max : Math.min;
  return furthest(...proposals);
}
