/** No two Pods have one address, as far as their kubelets can know: what a dead machine's Pods still say does not count. */
import { type CheckerFactory, logReader } from './checker';

export const podAddresses: CheckerFactory = ({ cluster: { store } }) => {
  const read = logReader(store, ['pods']);
  const owners = new Map<string, { readonly uid: string; readonly name: string }>();
  const addressOf = new Map<string, string>();
  return {
    check() {
      for (const { type, object } of read()) {
        const { uid = '', name = '' } = object.metadata;
        const { phase, podIP } = object.status ?? {};
        const before = addressOf.get(uid);
        if (before !== undefined && owners.get(before)?.uid === uid) owners.delete(before);
        addressOf.delete(uid);
        const isOver = type === 'DELETED' || phase === 'Succeeded' || phase === 'Failed';
        if (isOver || podIP === undefined || object.spec.hostNetwork) continue;
        const other = owners.get(podIP);
        if (other && isAlive(other.name)) return `pods ${other.name} and ${name} both have the address ${podIP}`;
        owners.set(podIP, { uid, name });
        addressOf.set(uid, podIP);
      }
      return undefined;
    },
  };

  function isAlive(name: string): boolean {
    const pod = store.get('pods', 'storm', name);
    const node = pod && store.get('nodes', undefined, pod.spec.nodeName);
    const ready = node?.status?.conditions?.find(({ type }: { type: string }) => type === 'Ready');
    return ready?.status === 'True';
  }
};
