/**
 * The API server and its clients: errors, conflicts, slowness, broken watches. Controllers, the scheduler and the kubelets are
 * clients, too: `{ clients: ['deployment-controller'] }`.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#api-verbs
 */
import { durationMs } from '../../../clock';
import { conflict as conflictError, StatusError } from '../../../kubernetes/status-error';
import type { DisturbanceScope } from '../api-server/disturbances';
import { type Fault, type FaultWorld, fault } from './fault';

const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

export interface ApiErrorOptions extends DisturbanceScope {
  /** How many of the requests that change something fail, 0 to 1. @default 1 */
  readonly rate?: number;
  /** @default 500 */
  readonly code?: 500 | 503 | 429;
}

/** Requests that change something fail, and change nothing. */
export function failApi({ api }: FaultWorld, { rate = 1, code = 500, ...scope }: ApiErrorOptions = {}): Fault {
  const failure = code === 500 ? {} : { failure: () => (code === 503 ? unavailable() : tooManyRequests()) };
  const end = api.disturbances.add({ ...scope, ...failure, failureRate: rate });
  return fault(`the API server answers ${code} to ${Math.round(rate * 100)} % of the changes${whose(scope)}`, end);
}

/** Updates and patches meet somebody else's change. @param options.rate of those, 0 to 1. @default 1 */
export function conflict(
  { api }: FaultWorld,
  { rate = 1, ...scope }: DisturbanceScope & { rate?: number } = {},
): Fault {
  const end = api.disturbances.add({
    ...scope,
    failureRate: rate,
    verbs: ['update', 'patch'],
    failure: ({ resource, name }) => conflictError(resource, name, MODIFIED),
  });
  return fault(`${Math.round(rate * 100)} % of the updates meet a conflict${whose(scope)}`, end);
}

/** Controllers hear of changes so much later. Clients over HTTP and kubelets are not slowed: see docs/fidelity.md. */
export function slowApi({ api }: FaultWorld, by: number | string, scope: DisturbanceScope = {}): Fault {
  const end = api.disturbances.add({ ...scope, latencyMs: durationMs(by) });
  return fault(`the API server takes ${by} longer${whose(scope)}`, end);
}

/** The watches of controllers break: they hear nothing, then find what they missed. Those over HTTP hold: see docs/fidelity.md. */
export function dropWatches(
  { api, simulation }: FaultWorld,
  { downFor = '5s', ...scope }: DisturbanceScope & { readonly downFor?: number | string } = {},
): Fault {
  const until = simulation.clock.now() + durationMs(downFor);
  api.disturbances.dropWatches({ ...scope, until });
  return fault(`watches break for ${downFor}${whose(scope)}`);
}

function unavailable(): StatusError {
  return new StatusError(503, 'ServiceUnavailable', 'the server is currently unable to handle the request');
}

function tooManyRequests(): StatusError {
  const message = 'the server has received too many requests and has asked us to try again later';
  return new StatusError(429, 'TooManyRequests', message, { retryAfterSeconds: 1 });
}

const whose = ({ clients }: DisturbanceScope): string => (clients ? ` of ${clients.join(', ')}` : '');
