/**
 * Plays a scenario against a fresh door: the HTTP form of the API server without sockets. Nothing waits: where the real
 * server needed a pause for its caches, ours has none.
 */
import { ApiServer } from '../../lib/simulator/cluster/api-server/api-server';
import { staticTokens } from '../../lib/simulator/cluster/api-server/auth/authenticator';
import { Door } from '../../lib/simulator/cluster/http/door';
import type { WatchAnswer } from '../../lib/simulator/cluster/http/watch-answer';
import { Store } from '../../lib/simulator/cluster/store';
import { Simulation } from '../../lib/simulator/simulation';
import {
  type Answer,
  atPointer,
  type Condition,
  type RecordedRequest,
  type Reduction,
  type Scenario,
  type Step,
} from './scenario';

const PEOPLE = [
  { name: 'admin', uid: 'admin-uid', groups: ['system:masters'] },
  { name: 'alice', uid: 'alice-uid' },
  { name: 'bob', uid: 'bob-uid', groups: ['devs'] },
];
/** Scenarios send a user's name; some of their bodies name the token that was recorded, `alice-token`. */
const USERS = new Map(
  PEOPLE.flatMap((user) => [user.name, `${user.name}-token`].map((token) => [token, user] as const)),
);

export interface World {
  readonly simulation: Simulation;
  readonly door: Door;
}

export function createWorld(): World {
  const simulation = new Simulation({ startTime: Date.UTC(2026, 10, 20, 12) });
  const server = new ApiServer(simulation, new Store(), {
    serviceCidr: '10.0.0.0/22',
    admission: { extraCaBundles: ['openshift-service-ca.crt'], taintNewNodes: true },
  });
  server.authenticators.push(staticTokens(USERS));
  const door = new Door(server, { serverAddress: '127.0.0.1:6443' });
  return { simulation, door };
}

type Variables = Record<string, any>;

/** Calls `onStep` with every answer. */
export function playScenario(world: World, scenario: Scenario, onStep: (step: Step, answer: Answer) => void): void {
  const variables: Variables = {};
  const streams = new Map<string, WatchAnswer>();
  for (const step of scenario.steps) {
    world.simulation.advance(10);
    if (step.sleep !== undefined) continue;
    if (step.collect !== undefined) onStep(step, collect(step, streams, variables));
    else if (step.req) onStep(step, request(world, step, streams, variables));
  }
}

function request(world: World, step: Step, streams: Map<string, WatchAnswer>, variables: Variables): Answer {
  const sent = substitute(step.req, variables) as RecordedRequest;
  let answer = send(world, sent, step.watch, streams);
  for (let i = 0; step.eventually && !holds(step.eventually, answer) && i < 5; i++) {
    world.simulation.advance('1s');
    answer = send(world, sent, step.watch, streams);
  }
  for (const [name, pointer] of Object.entries(step.capture ?? {})) {
    const value = atPointer(answer.body, pointer);
    if (value !== undefined) variables[name] = value;
  }
  reduce(answer, step.reduce ?? []);
  return answer;
}

function send(
  { door, simulation }: World,
  sent: RecordedRequest,
  watchName: string | undefined,
  streams: Map<string, WatchAnswer>,
): Answer {
  const [path = '', query = ''] = sent.path.split(/\?(.*)/s);
  const body = payload(sent);
  const answer = door.answer({
    method: sent.method,
    path,
    query: new URLSearchParams(query),
    headers: headersOf(sent, body.length > 0),
    body,
  });
  simulation.runReady();
  if ('watch' in answer) {
    streams.set(watchName ?? '', answer.watch);
    return { status: 200, headers: { 'content-type': answer.watch.contentType } };
  }
  if ('log' in answer) return { status: 200, text: answer.log.text };
  const headers: Record<string, unknown> = { ...answer.headers };
  return { status: answer.status, headers, ...decodeBody(sent.method === 'HEAD' ? '' : answer.body, headers) };
}

function payload(sent: RecordedRequest): Uint8Array {
  if (sent.base64 !== undefined) return Buffer.from(sent.base64, 'base64');
  if (sent.text !== undefined) return Buffer.from(sent.text);
  return sent.body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(sent.body));
}

function headersOf(sent: RecordedRequest, hasBody: boolean): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = { 'user-agent': 'oracle-client/1.0', accept: 'application/json' };
  for (const [name, value] of Object.entries(sent.headers ?? {})) headers[name.toLowerCase()] = value ?? undefined;
  const user = sent.user ?? 'admin';
  if (user !== '' && headers.authorization === undefined) headers.authorization = `Bearer ${user}`;
  if (hasBody && headers['content-type'] === undefined) headers['content-type'] = 'application/json';
  return headers;
}

function decodeBody(text: string, headers: Record<string, unknown>): Pick<Answer, 'body' | 'text'> {
  if (text === '') return {};
  if (String(headers['content-type']).includes('json') || text.startsWith('{"')) {
    try {
      return { body: JSON.parse(text) };
    } catch {
      // Compared as text.
    }
  }
  return { text };
}

function collect(step: Step, streams: Map<string, WatchAnswer>, variables: Variables): Answer {
  const stream = streams.get(step.collect!);
  let told = '';
  if (stream) for (let more = stream.lines(); more.length > 0; more = stream.lines()) told += more;
  const lines = told.split('\n');
  const events = lines
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { type: string; object: any })
    .filter((event) => event.type !== 'BOOKMARK' || step.bookmarks || isInitialEnd(event.object));
  for (const [name, pointer] of Object.entries(step.capture ?? {})) variables[name] = atPointer(events, pointer);
  if (!step.keep) streams.delete(step.collect!);
  const text = step.untilEnd ? { text: stream?.ended || stream?.options.timeoutSeconds ? 'ended' : 'still open' } : {};
  return { status: stream ? 200 : 0, events, ...text };
}

const isInitialEnd = (object: any): boolean => object.metadata?.annotations?.['k8s.io/initial-events-end'] === 'true';

/** Captured values: `${name}`, `${name:int}`, `${name:json}`, `${plus:1:name}`, `${repeat:x:100}`. */
function substitute(value: any, variables: Variables): any {
  if (Array.isArray(value)) return value.map((item) => substitute(item, variables));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [substitute(key, variables), substitute(item, variables)]),
    );
  }
  if (typeof value !== 'string' || !value.includes('${')) return value;
  const whole = /^\$\{(\w+):(int|json)\}$/.exec(value);
  if (whole?.[2] === 'int') return Number(variables[whole[1]!]) || 0;
  if (whole) return variables[whole[1]!] ?? null;
  return value
    .replace(/\$\{repeat:([^:}]*):(\d+)\}/g, (_, text: string, count) => text.repeat(Number(count)))
    .replace(/\$\{plus:(-?\d+):(\w+)\}/g, (_, n, name: string) => String(BigInt(variables[name] ?? 0) + BigInt(n)))
    .replace(/\$\{(\w+)\}/g, (_, name: string) => String(variables[name] ?? `unknown-${name}`));
}

function holds(until: Condition, { status, body }: Answer): boolean {
  if (until.status !== undefined && status !== until.status) return false;
  if (until.notStatus !== undefined && status === until.notStatus) return false;
  if (until.condition !== undefined) {
    const conditions: any[] = body?.status?.conditions ?? [];
    if (!conditions.some((each) => each.type === until.condition && each.status === 'True')) return false;
  }
  if (until.pointer === undefined) return true;
  const value = atPointer(body, until.pointer);
  if (until.equals !== undefined && JSON.stringify(value) !== JSON.stringify(until.equals)) return false;
  if (until.contains !== undefined && !JSON.stringify(value ?? null).includes(until.contains)) return false;
  return until.length === undefined || (Array.isArray(value) && value.length === until.length);
}

/** Leaves of an answer only what the scenario looks at. */
function reduce(answer: Answer, reductions: readonly Reduction[]): void {
  if (!answer.body) return;
  for (const each of reductions) {
    if (each.array !== undefined) {
      const list = atPointer(answer.body, each.array);
      const parent = atPointer(answer.body, each.array.replace(/\/[^/]*$/, '')) ?? answer.body;
      const name = each.array.slice(each.array.lastIndexOf('/') + 1);
      if (Array.isArray(list)) parent[name] = list.filter((item) => each.in!.includes(atPointer(item, each.by!)));
    }
    if (each.keys !== undefined) {
      const object = atPointer(answer.body, each.keys) ?? {};
      for (const key of Object.keys(object)) if (!each.in!.includes(key)) delete object[key];
    }
    if (each.stripVersions) {
      JSON.stringify(answer.body, (key, value) => {
        if (key === 'metadata' && value) delete value.resourceVersion;
        return value;
      });
    }
    if (each.keep !== undefined) {
      const kept = each.keep.map((pointer) => [pointer, atPointer(answer.body, pointer)] as const);
      answer.body = Object.fromEntries(kept.filter(([, value]) => value !== undefined));
    }
  }
}
