/**
 * Lets the apply engine talk to a simulated cluster in the same process: through the API server's own HTTP door, without
 * sockets. Virtual time passes only in {@link drive}.
 */
import { type ApiRequest, type ApiResponse, type Transport, TransportError, type WatchEvent } from '../apply/index';
import { StatusError } from '../kubernetes/status-error';
import { staticTokens } from '../simulator/cluster/api-server/auth/authenticator';
import type { Cluster } from '../simulator/cluster/cluster';
import { Door, type SettledAnswer } from '../simulator/cluster/http/door';
import type { WatchAnswer } from '../simulator/cluster/http/watch-answer';
import type { Simulation } from '../simulator/simulation';

const TOKEN = 'in-process';
const USER = { name: 'drydock', groups: ['system:masters'] };

export function inProcessTransport(cluster: Cluster): Transport {
  const authenticators = [staticTokens(new Map([[TOKEN, USER]]))];
  const door = new Door(cluster.api, { authenticators, serverAddress: 'in-process' });
  return {
    request: async (request) => responseOf(answer(door, request)),
    watch: ({ path, query }, signal) => watch(door, { method: 'GET', path, query }, signal),
    close: () => {},
  };
}

function answer(door: Door, { method, path, query = {}, body, contentType, accept }: ApiRequest): SettledAnswer {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return door.answer({
    method,
    path,
    query: new URLSearchParams(given),
    headers: {
      authorization: `Bearer ${TOKEN}`,
      accept: accept ?? 'application/json',
      'content-type': contentType ?? 'application/json',
      'user-agent': 'drydock',
    },
    body: body === undefined ? new Uint8Array() : new TextEncoder().encode(JSON.stringify(body)),
  });
}

function responseOf(given: SettledAnswer): ApiResponse {
  if (!('status' in given)) throw new Error('this request was not meant to be a stream');
  const headers = Object.entries(given.headers).map(([name, value]) => [name, [value].flat().join(', ')]);
  return { status: given.status, headers: Object.fromEntries(headers), body: JSON.parse(given.body) };
}

async function* watch(door: Door, request: ApiRequest, signal: AbortSignal): AsyncIterable<WatchEvent> {
  const given = answer(door, { ...request, query: { ...request.query, watch: 'true' } });
  if ('status' in given) throw StatusError.from(JSON.parse(given.body));
  if (!('watch' in given)) throw new Error('this request was meant to be a watch');
  yield* eventsOf(given.watch, signal);
}

async function* eventsOf(followed: WatchAnswer, signal: AbortSignal): AsyncIterable<WatchEvent> {
  let wake = () => {};
  const unsubscribe = followed.watch.onChange(() => wake());
  const stop = () => wake();
  signal.addEventListener('abort', stop);
  try {
    while (!signal.aborted && !followed.ended) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const lines = followed.lines();
      if (lines.length === 0) await changed;
      for (const line of lines.toString().split('\n')) if (line !== '') yield JSON.parse(line);
    }
  } finally {
    signal.removeEventListener('abort', stop);
    unsubscribe();
  }
}

/**
 * Lets virtual time pass until `work` is done: whenever it waits, the world takes its next step.
 * @throws TransportError when `work` waits for something, and nothing is going to happen any more.
 */
export async function drive<T>(simulation: Simulation, work: Promise<T>): Promise<T> {
  let done = false;
  const finished = work.finally(() => {
    done = true;
  });
  finished.catch(() => {});
  for (;;) {
    // All that `work` can do now it does in microtasks, which are over when this returns.
    await new Promise((resolve) => setImmediate(resolve));
    if (done) return finished;
    if (!simulation.idle) {
      simulation.runReady();
      continue;
    }
    const due = simulation.clock.nextDue();
    if (due === undefined) throw new TransportError('waiting for something that will never happen', 'ESTALLED');
    simulation.advance(Math.max(0, due - simulation.clock.now()));
  }
}
