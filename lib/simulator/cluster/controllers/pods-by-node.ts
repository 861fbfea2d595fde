/** Which pods are on a node, through an index of the store. */
import type { KubernetesObject } from '../../../kubernetes/object';
import type { Store } from '../store';

const BY_NODE = 'spec.nodeName';

export function indexPodsByNode(store: Store): void {
  store.addIndex('pods', BY_NODE, ({ spec }) => (spec.nodeName ? [spec.nodeName] : []));
}

export function podsOnNode(store: Store, node: string): KubernetesObject[] {
  return [...store.byIndex('pods', BY_NODE, node)];
}
