/** Answers every request with the name of its pod. https://github.com/kubernetes/kubernetes/tree/master/test/images/agnhost#serve-hostname */
import { textResponse } from '../../network/http-message';
import type { ImageBehaviour } from '../image-behaviour';

export const serveHostname: ImageBehaviour = {
  sizeBytes: 6_200_000,
  entrypoint: ['/serve_hostname'],
  ports: [9376],
  steady: true,
  http: (_request, { hostName }) => textResponse(hostName),
};
