/**
 * One run at a time: whoever changes a set holds its Lease and renews it while it works.
 * https://kubernetes.io/docs/concepts/architecture/leases/
 *
 * A run that dies stops renewing, and its Lease lapses by itself; nothing stays locked for ever. If its process was on this
 * very machine and is gone, nobody waits even that long.
 */
import { hostname, userInfo } from 'node:os';
import { type Clock, formatDuration, type Timer } from '../clock';
import { formatMicroTime, type KubernetesObject, type Resource } from '../kubernetes/object';
import { isAlreadyExists, isConflict, isNotFound, StatusError } from '../kubernetes/status-error';
import { UserError } from '../kubernetes/user-error';
import type { ApplySet } from './apply-set';
import { pathOf } from './discovery';
import type { KubernetesApi } from './kubernetes-api';
import { sleep } from './retry';

export interface Lock {
  /** Aborts when somebody else took the lock, because we did not renew it in time. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

export interface LockOptions {
  /** Who we are, for others to read. */
  readonly identity: string;
  /** How long to wait for another run, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onWarning: (message: string) => void;
}

const LEASES: Resource = {
  group: 'coordination.k8s.io',
  version: 'v1',
  resource: 'leases',
  kind: 'Lease',
  namespaced: true,
};
const DURATION_SECONDS = 15;
const RENEW_EVERY_MS = 5_000;
const ASK_AGAIN_MS = 1_000;

let runs = 0;

/** `anna@laptop:4711/1`: user, machine, process and run. */
export function ownIdentity(): string {
  runs++;
  return `${userInfo().username}@${hostname()}:${process.pid}/${runs}`;
}

/** @throws UserError when another run holds the lock for longer than we want to wait. */
export async function acquireLock(api: KubernetesApi, set: ApplySet, options: LockOptions): Promise<Lock> {
  const { clock } = api;
  const deadline = clock.now() + options.timeoutMs;
  let warned = false;
  for (;;) {
    const lease = await tryTake(api, set, options.identity).catch((error) => {
      if (error instanceof StatusError && (error.code === 403 || error.code === 404)) return 'forbidden' as const;
      throw error;
    });
    if (lease === 'forbidden') {
      options.onWarning(`two runs at a time would not notice each other: we may not use Leases in ${set.namespace}`);
      return { lost: new AbortController().signal, release: async () => {} };
    }
    if (lease.spec.holderIdentity === options.identity) return hold(api, lease);
    const holder = `${lease.spec.holderIdentity} has been changing ${set.name} since ${lease.spec.acquireTime}`;
    if (clock.now() >= deadline || options.signal?.aborted) {
      throw new UserError('Locked', `${holder}.`, 'Wait until it has finished.');
    }
    if (!warned) options.onWarning(`${holder}; waiting up to ${formatDuration(options.timeoutMs)} for it`);
    warned = true;
    await sleep(clock, ASK_AGAIN_MS, options.signal);
  }
}

/** The Lease as it is then: ours, or that of somebody else who still works. */
async function tryTake(api: KubernetesApi, set: ApplySet, identity: string): Promise<KubernetesObject> {
  const name = `drydock-${set.name}`;
  const now = formatMicroTime(api.clock.now());
  const spec = { holderIdentity: identity, leaseDurationSeconds: DURATION_SECONDS, acquireTime: now, renewTime: now };
  const lease = await api.tryGet(LEASES, set.namespace, name);
  try {
    if (!lease) {
      const metadata = { name, namespace: set.namespace };
      const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
      return (await api.send({ method: 'POST', path: pathOf(LEASES, set.namespace), body })).body;
    }
    if (lease.spec?.holderIdentity === identity || isHeld(lease, api.clock)) return lease;
    return await write(api, { ...lease, spec });
  } catch (error) {
    // Somebody was faster.
    if (isConflict(error) || isAlreadyExists(error)) return tryTake(api, set, identity);
    throw error;
  }
}

function isHeld({ spec }: KubernetesObject, clock: Clock): boolean {
  if (!spec?.holderIdentity || isDead(spec.holderIdentity)) return false;
  return Date.parse(spec.renewTime) + spec.leaseDurationSeconds * 1000 > clock.now();
}

/** Whether the holder was a process of ours on this machine that is no more. */
function isDead(identity: string): boolean {
  const [, owner, pid] = /^(.*):(\d+)\/\d+$/.exec(identity) ?? [];
  if (owner !== `${userInfo().username}@${hostname()}`) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function hold(api: KubernetesApi, taken: KubernetesObject): Lock {
  const { clock } = api;
  const lost = new AbortController();
  let lease = taken;
  let timer: Timer;
  let renewal: Promise<void> = Promise.resolve();
  const renew = async () => {
    try {
      lease = await write(api, { ...lease, spec: { ...lease.spec, renewTime: formatMicroTime(clock.now()) } });
    } catch (error) {
      // Unreachable for a while is no loss: the next renewal may succeed.
      if (isConflict(error) || isNotFound(error)) lost.abort();
    }
    if (!lost.signal.aborted) schedule();
  };
  const schedule = () => {
    timer = clock.after(
      RENEW_EVERY_MS,
      () => {
        renewal = renew();
      },
      { background: true },
    );
  };
  schedule();
  return {
    lost: lost.signal,
    release: async () => {
      timer.cancel();
      await renewal;
      timer.cancel();
      const { namespace, name, uid } = lease.metadata;
      if (lost.signal.aborted) return;
      const ref = { ...LEASES, namespace: namespace!, name: name! };
      // If this fails, the Lease lapses by itself.
      await api.delete(LEASES, ref, uid ? { uid } : {}).catch(() => {});
    },
  };
}

async function write(api: KubernetesApi, lease: KubernetesObject): Promise<KubernetesObject> {
  const path = pathOf(LEASES, lease.metadata.namespace, lease.metadata.name);
  return (await api.send({ method: 'PUT', path, body: lease })).body;
}
