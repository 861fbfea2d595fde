/** The container that holds a pod's network: it does nothing, for ever. */
import type { ImageBehaviour } from '../image-behaviour';

export const pause: ImageBehaviour = { sizeBytes: 320_000, entrypoint: ['/pause'], steady: true };
