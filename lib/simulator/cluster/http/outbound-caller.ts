/**
 * Calls servers outside of the simulation for the API server: webhooks that listen on this machine. Asynchronous, so it belongs
 * to the listener. A local cloud never leaves the machine: other hosts count as unknown.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#url
 */
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { CallOutcome, OutboundCall } from '../api-server/outbound/outbound-calls';

/** Calls back after so many wall milliseconds; the returned function cancels. */
type Later = (ms: number, callback: () => void) => () => void;

const ANSWER_LIMIT = 3 * 1024 * 1024;

/** Never rejects: what goes wrong is told in the words of Go's HTTP client. */
export function callOutside(call: OutboundCall, later: Later): Promise<CallOutcome> {
  const { hostname } = new URL(call.url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (!isLoopback(host)) return Promise.resolve({ error: unreachable(host) });
  return new Promise((resolve) => {
    const cancel = later(call.timeoutSeconds * 1000, () => {
      resolve({ error: 'context deadline exceeded' });
      outgoing.destroy();
    });
    const settle = (outcome: CallOutcome) => {
      cancel();
      resolve(outcome);
    };
    const outgoing = httpsRequest(
      call.url,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, */*',
          'user-agent': 'kube-apiserver-admission',
          'content-length': Buffer.byteLength(call.body),
        },
        agent: false,
        ...(isIP(host) ? {} : { servername: host }),
        ...(call.caBundle ? { ca: call.caBundle } : {}),
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        let size = 0;
        incoming.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > ANSWER_LIMIT) outgoing.destroy(new Error('response body too large'));
          else chunks.push(chunk);
        });
        incoming.on('end', () =>
          settle({ status: incoming.statusCode ?? 500, body: Buffer.concat(chunks).toString() }),
        );
        incoming.on('error', (error) => settle({ error: goText(error, call.url) }));
      },
    );
    outgoing.on('error', (error) => settle({ error: goText(error, call.url) }));
    outgoing.end(call.body);
  });
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host);

const unreachable = (host: string): string =>
  isIP(host) ? `dial tcp ${host}: connect: network is unreachable` : `dial tcp: lookup ${host}: no such host`;

const UNKNOWN_AUTHORITY = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

interface NodeError extends Error {
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
  readonly reason?: string;
  readonly errors?: readonly NodeError[];
}

/** What Go says where Node says `error`. */
function goText(error: NodeError, url: string): string {
  const { code = '' } = error;
  const first = error.errors?.[0] ?? error;
  const { hostname, port } = new URL(url);
  const address = `${first.address ?? hostname}:${first.port ?? (port || 443)}`;
  if (code === 'ECONNREFUSED') return `dial tcp ${address}: connect: connection refused`;
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${hostname}: no such host`;
  if (code === 'ECONNRESET') return 'EOF';
  if (UNKNOWN_AUTHORITY.has(code)) {
    return 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid';
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `tls: failed to verify certificate: x509: ${error.reason ?? 'certificate is not valid for this name'}`;
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) return 'http: server gave HTTP response to HTTPS client';
  return error.message;
}
