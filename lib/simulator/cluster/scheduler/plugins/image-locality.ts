/**
 * Prefers nodes that already hold the pod's images, counting an image less that only few nodes hold (so that those do
 * not draw all pods to them).
 * https://kubernetes.io/docs/concepts/containers/images/
 *
 * Example: one container, image of 500 MB on 2 of 4 nodes: 500 * 0.5 = 250 MB; (250 - 23) / (1000 - 23) is 23 points.
 */
import { MAX_NODE_SCORE, type SchedulerPlugin } from '../framework';
import type { NodeInfo } from '../node-info';

const MB = 1024 * 1024;
const LEAST_BYTES = 23 * MB;
const MOST_BYTES_PER_CONTAINER = 1000 * MB;

export const imageLocality: SchedulerPlugin = {
  name: 'ImageLocality',
  weight: 1,
  preScore(pod, _feasible, { nodes }) {
    if (nodes.images.size === 0) return undefined;
    const { containers, initContainers = [] } = pod.object.spec;
    const all: { image?: string }[] = [...initContainers, ...containers];
    const wanted = all.flatMap(({ image }) => {
      const name = normalizeImage(image ?? '');
      const holders = nodes.images.get(name);
      return holders ? [{ name, spread: holders / nodes.count }] : [];
    });
    if (wanted.length === 0) return undefined;
    const most = MOST_BYTES_PER_CONTAINER * all.length;
    return {
      score(node: NodeInfo) {
        if (!node.imageSizes) return 0;
        let sum = 0;
        for (const { name, spread } of wanted) sum += Math.floor((node.imageSizes.get(name) ?? 0) * spread);
        const clamped = Math.min(most, Math.max(LEAST_BYTES, sum));
        return Math.floor((MAX_NODE_SCORE * (clamped - LEAST_BYTES)) / (most - LEAST_BYTES));
      },
    };
  },
};

/** `nginx` means `nginx:latest`. */
function normalizeImage(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
}
