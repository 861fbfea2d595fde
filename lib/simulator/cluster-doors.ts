/**
 * Addresses for clusters that do not exist yet. EKS names a cluster's endpoint and certificate authority in the middle of
 * the synchronous simulation, but opening a port and making keys is asynchronous: so a few of both are kept ready.
 */

import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import type { ApiServer } from './cluster/api-server/api-server';
import type { Authenticator } from './cluster/api-server/auth/authenticator';
import { clientCertificates } from './cluster/api-server/auth/authenticator';
import { type CertificateAuthority, createCertificateAuthority } from './cluster/http/certificates';
import { type Listener, type ListenerOptions, listen } from './cluster/http/listener';

export interface DoorsOptions extends Pick<ListenerOptions, 'serve' | 'later'> {
  /** Milliseconds since 1970: certificates belong to the outside world. */
  readonly wallClock: () => number;
}

/** An address that somebody has taken. */
export interface ClusterDoor {
  readonly url: string;
  readonly authority: CertificateAuthority;
  /** Opens the port with this API server behind it, as soon as the asynchronous world gets to it. */
  open(api: ApiServer, options: OpenDoorOptions): void;
  close(): void;
}

export interface OpenDoorOptions extends Pick<ListenerOptions, 'beforeChange'> {
  readonly authenticators: readonly Authenticator[];
}

interface Spare {
  readonly holder: Server;
  readonly port: number;
  readonly authority: CertificateAuthority;
}

const HOST = '127.0.0.1';
/** More clusters than this do not come up between two requests from outside. */
const SPARES = 3;
const SERVER_NAMES = ['localhost', '127.0.0.1', '::1', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];

export class ClusterDoors {
  private readonly spares: Spare[] = [];
  private readonly listeners = new Set<Listener>();
  private pending: Promise<unknown>[] = [];

  constructor(private readonly options: DoorsOptions) {}

  /** Makes what is missing, and waits until every door that was opened answers. To be awaited before each answer. */
  async settle(): Promise<void> {
    while (this.pending.length > 0) {
      const pending = this.pending;
      this.pending = [];
      await Promise.all(pending);
    }
    while (this.spares.length < SPARES) this.spares.push(await this.makeSpare());
  }

  /** @throws Error when more clusters come up at once than addresses were kept ready. */
  take(): ClusterDoor {
    const spare = this.spares.shift();
    if (!spare) throw new Error(`more than ${SPARES} clusters came up at once`);
    let listener: Promise<Listener> | undefined;
    return {
      url: `https://${HOST}:${spare.port}`,
      authority: spare.authority,
      open: (api, openOptions) => {
        listener = this.open(spare, api, openOptions);
        this.pending.push(listener);
      },
      close: () => {
        const closing = listener?.then(async (opened) => {
          this.listeners.delete(opened);
          await opened.close();
        });
        if (closing) this.pending.push(closing);
      },
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.pending);
    await Promise.all([...this.listeners].map((listener) => listener.close()));
    for (const spare of this.spares) spare.holder.close();
  }

  private async open(spare: Spare, api: ApiServer, options: OpenDoorOptions): Promise<Listener> {
    const { certificate, key } = await spare.authority.signServer(SERVER_NAMES);
    await new Promise<void>((resolve) => spare.holder.close(() => resolve()));
    const listener = await listen(api, {
      port: spare.port,
      authenticators: [clientCertificates, ...options.authenticators],
      beforeChange: options.beforeChange,
      tls: { certificate, key, clientCa: spare.authority.certificate },
      serve: this.options.serve,
      later: this.options.later,
    });
    this.listeners.add(listener);
    return listener;
  }

  private async makeSpare(): Promise<Spare> {
    const authority = await createCertificateAuthority(this.options.wallClock());
    const holder = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      holder.once('error', reject);
      holder.listen(0, HOST, () => resolve());
    });
    return { holder, port: (holder.address() as AddressInfo).port, authority };
  }
}
