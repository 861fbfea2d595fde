/**
 * `down`: objects first, while the controllers that own load balancers and volumes still live; then the stacks; then the
 * cloud is asked whether anything is left. It reads the record that `up` wrote before its first change, so it works after
 * a crash in the middle, and it deletes what it finds, so it works twice in a row.
 */
import { type DestroyOptions, destroy, inspect, release } from '../apply';
import type { Backend } from '../backends/backend';
import { UserError } from '../kubernetes/user-error';
import { connectAsAdmin } from './access';
import { loadCdkApp } from './cdk';
import type { CheckEvent, EmitEvent } from './events';
import { checkLeftovers, checkObjectLeftovers } from './leftovers';
import { type EnvironmentRecord, readEnvironmentRecord, writeEnvironmentRecord } from './state';
import { phase } from './up';

export interface DownOptions {
  readonly projectDirectory: string;
  readonly stateDirectory: string;
  /** Undefined when the local cloud is not running. */
  findBackend(): Promise<Backend | undefined>;
  /** Stops the local cloud if `up` started it; says whether it did. */
  stopBackend(): Promise<boolean>;
  readonly emit: EmitEvent;
}

/** Returns whether nothing is left. @throws UserError when there was never an `up`. */
export async function takeDown(options: DownOptions): Promise<boolean> {
  const { stateDirectory, emit } = options;
  const record = readEnvironmentRecord(stateDirectory);
  if (!record) {
    throw new UserError(
      'NoEnvironment',
      `there is no environment to take down: nothing was brought up from this folder (${stateDirectory} has no record)`,
      'Run `drydock up` first, or go to the folder where you did.',
    );
  }
  const backend = await options.findBackend();
  if (!backend) return nothingRuns(options, record);
  const isOurs = record.stacks.length > 0;
  const what = isOurs ? `objects, then stacks ${record.stacks.join(', ')}` : `objects of ${record.clusters.join(', ')}`;
  const gone: string[] = [];
  await phase(backend, emit, 'teardown', what, async () => {
    for (const cluster of record.clusters) gone.push(...(await destroyObjects(backend, cluster, record, emit)));
    if (isOurs) await (await loadCdkApp(options.projectDirectory, backend)).destroy(emit);
    return { ok: true, message: 'everything was deleted' };
  });
  const { sdk } = backend;
  const checks = isOurs
    ? checkLeftovers({ sdk, stacks: record.stacks, clusters: record.clusters })
    : checkObjectLeftovers({ sdk, cluster: record.clusters[0]!, objects: gone });
  const left = await verify(backend, checks, emit);
  if (left > 0) return somethingLeft(emit, left);
  writeEnvironmentRecord(stateDirectory, { ...record, phase: 'down' });
  const stopped = await options.stopBackend();
  emit({
    type: 'result',
    ok: true,
    message: `the environment is down and nothing is left${stopped ? '; the local cloud is stopped' : ''}`,
    next: [{ command: 'npx drydock up', why: 'bring it up again' }],
  });
  return true;
}

/** Deletes what `up` applied. Returns `namespace/name` of everything that was there. */
async function destroyObjects(
  backend: Backend,
  cluster: string,
  record: EnvironmentRecord,
  emit: EmitEvent,
): Promise<string[]> {
  let transport: Awaited<ReturnType<Backend['connect']>>;
  try {
    transport = await connectAsAdmin(backend, cluster, record);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    emit({ type: 'note', level: 'info', message: `${error.message}: no objects to delete` });
    return [];
  }
  try {
    const options: DestroyOptions = { transport, onEvent: (event) => emit({ type: 'object', event }) };
    const members = await inspect({ transport });
    const results = [await destroy(options)];
    // Then what others made in the cluster that would keep the VPC from going, or cost money for ever.
    if (record.stacks.length > 0) results.push(await release(options));
    if (results.every(({ outcome }) => outcome === 'succeeded')) {
      return members.map(({ ref }) => `${ref.namespace}/${ref.name}`);
    }
  } finally {
    transport.close();
  }
  throw new UserError(
    'ObjectsRemain',
    `not all objects of ${cluster} could be deleted`,
    'The stacks were left alone, so that the controllers can go on. See the lines above, then run `npx drydock down` again.',
  );
}

async function verify(backend: Backend, checks: AsyncIterable<CheckEvent>, emit: EmitEvent): Promise<number> {
  let left = 0;
  const cloud = backend.name === 'aws' ? 'AWS' : 'the local cloud';
  await phase(backend, emit, 'verify', `asking ${cloud} what is left`, async () => {
    for await (const check of checks) {
      left += check.left.length;
      emit(check);
    }
    return { ok: left === 0, message: left === 0 ? 'nothing is left' : `${left} resources are left` };
  });
  return left;
}

function nothingRuns({ stateDirectory, emit }: DownOptions, record: EnvironmentRecord): boolean {
  writeEnvironmentRecord(stateDirectory, { ...record, phase: 'down' });
  emit({
    type: 'result',
    ok: true,
    message: 'the local cloud is not running, so nothing of the environment exists',
    next: [{ command: 'npx drydock up', why: 'bring it up again' }],
  });
  return true;
}

function somethingLeft(emit: EmitEvent, left: number): boolean {
  emit({
    type: 'result',
    ok: false,
    message: `${left} resources are left, see the list above`,
    next: [{ command: 'npx drydock down', why: 'try again: deleting goes on from where things stand' }],
  });
  return false;
}
