/** What the images of add-ons do. All others of theirs just run. */
import type { ImageBehaviour } from '../../cluster/images/image-behaviour';
import type { ImageRegistry } from '../../cluster/images/image-registry';

const BEHAVIOURS: Readonly<Record<string, ImageBehaviour>> = {
  'amazon-k8s-cni-init': {
    sizeBytes: 60_000_000,
    logs: ['Copying CNI plugin binaries ...', 'CNI init container done'],
    exit: { after: '2s', code: 0 },
  },
  'amazon-k8s-cni': {
    sizeBytes: 47_000_000,
    steady: true,
    logs: [
      'Installed /host/opt/cni/bin/aws-cni',
      'Starting IPAM daemon... ok.',
      'Checking for IPAM connectivity... ok.',
    ],
  },
  'eks/coredns': {
    sizeBytes: 21_000_000,
    steady: true,
    logs: ['.:53', '[INFO] plugin/reload: Running configuration', 'CoreDNS-1.12.4', 'linux/amd64, go1.24.6, '],
  },
};

export function defineAddonImages(images: ImageRegistry, region: string): void {
  for (const [name, behaviour] of Object.entries(BEHAVIOURS)) {
    images.define(`602401143452.dkr.ecr.${region}.amazonaws.com/${name}`, behaviour);
  }
}
