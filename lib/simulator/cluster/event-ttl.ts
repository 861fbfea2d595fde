/**
 * Events live for one hour after they were last written (kube-apiserver's `--event-ttl`): in etcd a lease on the key, so
 * they go without any request. https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
 */
import type { ClusterContext } from './context';
import { Informer } from './informer';

export const EVENT_TTL_MS = 3_600_000;

interface Expiry {
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
  readonly due: number;
}

/** Lets events expire from now on. Nobody waits for it: `settle()` does not let an hour pass. */
export function startEventTtl(context: ClusterContext): Informer {
  const { store } = context;
  const { clock } = context.simulation;
  const queue: Expiry[] = [];
  let head = 0;
  let armed = false;

  const arm = () => {
    if (armed || head === queue.length) return;
    armed = true;
    clock.after(queue[head]!.due - clock.now(), expire, { background: true });
  };
  const expire = () => {
    armed = false;
    for (; head < queue.length && queue[head]!.due <= clock.now(); head++) {
      const { namespace, name, resourceVersion } = queue[head]!;
      // A later write started a new hour, further back in the queue.
      if (store.get('events', namespace, name)?.metadata.resourceVersion === resourceVersion) {
        store.delete('events', namespace, name);
      }
    }
    if (head > 1_000) {
      queue.splice(0, head);
      head = 0;
    }
    arm();
  };

  return new Informer('event-ttl', context, 'events', ({ type, object }) => {
    if (type === 'DELETED') return;
    const { namespace, name, resourceVersion } = object.metadata;
    queue.push({
      namespace: namespace!,
      name: name!,
      resourceVersion: resourceVersion!,
      due: clock.now() + EVENT_TTL_MS,
    });
    arm();
  });
}
