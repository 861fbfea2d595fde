/** Sends requests over HTTPS, so many at a time on connections that stay open. */
import { Agent, request } from 'node:https';

const CONCURRENCY = 32;

interface Target {
  readonly port: number;
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

export class HttpsLoad {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });

  constructor(private readonly target: Target) {}

  /** As the administrator of a kubeconfig. */
  static of(url: string, kubeconfig: any): HttpsLoad {
    const text = (base64: string) => Buffer.from(base64, 'base64').toString();
    const { user } = kubeconfig.users[0];
    return new HttpsLoad({
      port: Number(new URL(url).port),
      ca: text(kubeconfig.clusters[0].cluster['certificate-authority-data']),
      cert: text(user['client-certificate-data']),
      key: text(user['client-key-data']),
    });
  }

  async send(count: number, callOf: (i: number) => Call): Promise<void> {
    let next = 0;
    const worker = async () => {
      while (next < count) await this.one(callOf(next++));
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENCY, count) }, worker));
  }

  close(): void {
    this.agent.destroy();
  }

  private one({ method, path, body }: Call): Promise<void> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', accept: 'application/json' };
      const options = { ...this.target, agent: this.agent, host: '127.0.0.1', method, path, headers };
      const sent = request(options, (response) => {
        response.resume();
        response.on('end', () => {
          if (response.statusCode! < 300) resolve();
          else reject(new Error(`${method} ${path} was answered ${response.statusCode}`));
        });
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}
