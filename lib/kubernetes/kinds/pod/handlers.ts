/**
 * Probes and lifecycle hooks: one action each, and periods that make sense.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes
 */
import type { ErrorList, Path } from '../../field-errors';
import { notNegative, oneOfInOrder, portNumberOrName, requirePresent } from '../../validation/checks';
import { check, httpHeaderName } from '../../validation/names';

export function validateProbe(
  probe: any,
  path: Path,
  errors: ErrorList,
  kind: 'liveness' | 'readiness' | 'startup',
): void {
  if (!probe) return;
  validateHandler(probe, path, errors);
  for (const field of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ]) {
    if (probe[field] < 0) notNegative(probe[field], path.child(field), errors);
  }
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0) {
    errors.invalid(path.child('terminationGracePeriodSeconds'), grace, 'must be greater than 0');
  }
  if (kind === 'readiness') {
    if (grace !== undefined) {
      errors.invalid(path.child('terminationGracePeriodSeconds'), grace, 'must not be set for readinessProbes');
    }
  } else if (probe.successThreshold !== 1) {
    errors.invalid(path.child('successThreshold'), probe.successThreshold ?? 0, 'must be 1');
  }
}

/** `gracePeriod` is the Pod's, in seconds. */
export function validateLifecycle(
  lifecycle: any,
  path: Path,
  errors: ErrorList,
  gracePeriod: number | undefined,
): void {
  if (!lifecycle) return;
  if (lifecycle.postStart) validateHandler(lifecycle.postStart, path.child('postStart'), errors, gracePeriod);
  if (lifecycle.preStop) validateHandler(lifecycle.preStop, path.child('preStop'), errors, gracePeriod);
}

type Action = (action: any, path: Path, errors: ErrorList, gracePeriod: number | undefined) => void;

/** In the order in which the server looks at them. */
const actions: Readonly<Record<string, Action>> = {
  exec: ({ command }, path, errors) => {
    requirePresent(command, path.child('command'), errors);
  },
  httpGet: ({ path: target, port, scheme, httpHeaders }, path, errors) => {
    requirePresent(target, path.child('path'), errors);
    portNumberOrName(port, path.child('port'), errors);
    oneOfInOrder(scheme, ['HTTP', 'HTTPS'], path.child('scheme'), errors);
    for (const { name = '' } of httpHeaders ?? []) check(name, httpHeaderName, path.child('httpHeaders'), errors);
  },
  tcpSocket: ({ port }, path, errors) => portNumberOrName(port, path.child('port'), errors),
  grpc: ({ port }, path, errors) => portNumberOrName(port, path.child('port'), errors),
  sleep: ({ seconds = 0 }, path, errors, gracePeriod) => {
    if (gracePeriod === undefined || (seconds >= 0 && seconds <= gracePeriod)) return;
    const rule = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`;
    errors.invalid(path, seconds, rule);
  },
};

function validateHandler(handler: any, path: Path, errors: ErrorList, gracePeriod?: number): void {
  let found = false;
  for (const kind in actions) {
    const action = handler[kind];
    if (action === undefined || action === null) continue;
    if (found) errors.forbidden(path.child(kind), 'may not specify more than 1 handler type');
    else actions[kind]!(action, path.child(kind), errors, gracePeriod);
    found = true;
  }
  if (!found) errors.required(path, 'must specify a handler type');
}
