/** A webhook outside of the cluster: an HTTPS server on this machine, whose answers a test decides. */

import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createCertificateAuthority } from '../../lib/simulator/cluster/http/certificates';

export interface WebhookServer {
  readonly url: string;
  /** As `clientConfig` wants it. */
  readonly caBundle: string;
  /** The reviews that came in, oldest first. */
  readonly reviews: readonly any[];
  close(): Promise<void>;
}

/** @param answer the `response` to a `request`, without uid; undefined never answers */
export async function startWebhook(answer: (request: any) => object | undefined): Promise<WebhookServer> {
  const authority = await createCertificateAuthority(Date.now());
  const { certificate, key } = await authority.signServer(['127.0.0.1', 'localhost']);
  const reviews: any[] = [];
  const server = createServer({ cert: certificate, key }, (incoming, outgoing) => {
    let text = '';
    incoming.on('data', (chunk) => {
      text += chunk;
    });
    incoming.on('end', () => {
      const review = JSON.parse(text);
      reviews.push(review);
      const response = answer(review.request);
      if (!response) return;
      const { kind, apiVersion, request } = review;
      outgoing.setHeader('content-type', 'application/json');
      outgoing.end(JSON.stringify({ kind, apiVersion, response: { uid: request.uid, ...response } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caBundle: Buffer.from(authority.certificate).toString('base64'),
    reviews,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const jsonPatch = (...operations: object[]) => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});
