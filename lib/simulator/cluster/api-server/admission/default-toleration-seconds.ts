/**
 * A Pod stays for five minutes on a node that became unreachable or not ready, unless it says otherwise.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
 */
import type { AdmissionPlugin } from './admission';

const SECONDS = 300;
const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  handles: ['CREATE', 'UPDATE'],
  admit({ resource, subresource, object }) {
    if (resource.collection !== 'pods' || subresource !== '') return;
    const { spec } = object!;
    const tolerations: any[] = spec.tolerations ?? [];
    const tolerates = (taint: string) =>
      tolerations.some(
        ({ key = '', effect = '' }) => (key === taint || key === '') && (effect === 'NoExecute' || effect === ''),
      );
    const missing = TAINTS.filter((taint) => !tolerates(taint));
    if (missing.length === 0) return;
    const added = missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: SECONDS }));
    spec.tolerations = [...tolerations, ...added];
  },
};
