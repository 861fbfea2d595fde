/** No node holds more than it offers: not at any revision. Pods that have ended, or were refused by the kubelet, hold nothing. */
import { NodeInfo } from '../../scheduler/node-info';
import { readPod } from '../../scheduler/pod-info';
import { type CheckerFactory, logReader } from './checker';

interface Held {
  readonly node: string;
  readonly milliCpu: number;
  readonly memory: number;
}

export const nodeCapacity: CheckerFactory = ({ cluster: { store } }) => {
  const read = logReader(store, ['pods']);
  const held = new Map<string, Held>();
  const capacityOf = (name: string): NodeInfo | undefined => {
    const node = store.get('nodes', undefined, name);
    if (!node) return undefined;
    const info = new NodeInfo(name);
    info.setNode(node);
    return info;
  };
  return {
    check() {
      const touched = new Set<string>();
      for (const { type, object } of read()) {
        const uid = object.metadata.uid!;
        const { phase } = object.status ?? {};
        held.delete(uid);
        const isOver = type === 'DELETED' || phase === 'Succeeded' || phase === 'Failed';
        if (isOver || object.spec.nodeName === undefined) continue;
        const { requests } = readPod(object);
        held.set(uid, { node: object.spec.nodeName, milliCpu: requests.milliCpu, memory: requests.memory });
        touched.add(object.spec.nodeName);
      }
      for (const name of touched) {
        const node = capacityOf(name);
        if (!node) continue;
        const here = [...held.values()].filter((each) => each.node === name);
        const milliCpu = here.reduce((sum, each) => sum + each.milliCpu, 0);
        const memory = here.reduce((sum, each) => sum + each.memory, 0);
        if (milliCpu > node.milliCpu) return `node ${name} offers ${node.milliCpu}m CPU and its pods hold ${milliCpu}m`;
        if (memory > node.memory) return `node ${name} offers ${node.memory} bytes and its pods hold ${memory}`;
        if (here.length > node.podLimit) return `node ${name} holds ${here.length} pods of ${node.podLimit}`;
      }
      return undefined;
    },
  };
};
