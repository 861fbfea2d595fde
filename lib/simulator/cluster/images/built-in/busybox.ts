/** busybox: a shell and its small programs. https://hub.docker.com/_/busybox */
import type { ImageBehaviour } from '../image-behaviour';

export const busybox: ImageBehaviour = {
  sizeBytes: 2_200_000,
  user: 0,
  command: ['sh'],
  onlyShell: true,
  // The shell is process 1 of its container and has no handler for SIGTERM: the kernel lets it run on.
  onTerm: 'ignore',
};
