/**
 * What an image does that nobody has described: it runs, listens on the ports that its container declares, and answers
 * every request in plain text. Give it a behaviour with `images.define(name, ...)`.
 */
import { textResponse } from '../network/http-message';
import type { ImageBehaviour } from './image-behaviour';

export const unknownImage: ImageBehaviour = {
  steady: true,
  http: (_request, { image, podName }) =>
    textResponse(`${image} in pod ${podName}: a simulated image without a behaviour of its own\n`),
};
