/**
 * A loopback port for each listener of each load balancer, and each port of each Service, so that a browser or curl reaches
 * the Pods behind it. The name that AWS gives a load balancer resolves nowhere; rules go by the Host header, as always.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LoadBalancerAnswer } from './bridge/load-balancer-network';
import type { HttpRequest } from './cluster/network/http-message';

export interface ListenerAddress {
  readonly dnsName: string;
  readonly port: number;
}

export interface LoadBalancerDoorsOptions {
  /** The listeners that exist now. */
  readonly list: () => readonly ListenerAddress[];
  /** Sends a request to a listener. */
  readonly request: (request: HttpRequest & ListenerAddress) => LoadBalancerAnswer;
}

export class LoadBalancerDoors {
  private readonly doors = new Map<
    string,
    { readonly address: ListenerAddress; readonly server: Server; url: string }
  >();

  constructor(private readonly options: LoadBalancerDoorsOptions) {}

  /** Opens doors for new listeners and closes those of listeners that are gone. */
  async settle(): Promise<void> {
    const wanted = new Map(this.options.list().map((address) => [`${address.dnsName}:${address.port}`, address]));
    for (const [key, door] of this.doors) {
      if (wanted.has(key)) continue;
      this.doors.delete(key);
      door.server.close();
      door.server.closeAllConnections();
    }
    for (const [key, address] of wanted) {
      if (this.doors.has(key)) continue;
      const server = createServer((incoming, outgoing) => void this.answer(address, incoming, outgoing));
      const door = { address, server, url: '' };
      this.doors.set(key, door);
      door.url = await listenOnLoopback(server);
    }
  }

  /** Where a listener answers. */
  urls(): readonly (ListenerAddress & { readonly url: string })[] {
    return [...this.doors.values()].map(({ address, url }) => ({ ...address, url }));
  }

  async close(): Promise<void> {
    for (const { server } of this.doors.values()) {
      server.close();
      server.closeAllConnections();
    }
    this.doors.clear();
  }

  private async answer(address: ListenerAddress, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(incoming.headers)) headers[name] = String(value);
    const { response, path } = this.options.request({
      ...address,
      method: incoming.method,
      path: incoming.url ?? '/',
      headers,
      body: Buffer.concat(chunks).toString('utf8'),
      clientIp: incoming.socket.remoteAddress,
    });
    // The way of the request, for whoever wonders; a real load balancer keeps it to itself.
    const via = { 'x-drydock-path': path.map((hop) => hop.replace(/[^\x20-\x7e]/g, '?')).join(' > ') };
    if (response) {
      outgoing.writeHead(response.status, { ...response.headers, ...via });
      outgoing.end(response.body);
    } else {
      // A refused connection cannot be taken back once it was accepted: it is reset.
      incoming.socket.destroy();
    }
  }
}

function listenOnLoopback(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}
