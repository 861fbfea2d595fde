/**
 * The local cloud behind its doors: the AWS endpoint, an HTTPS port for each cluster, an HTTP port for each listener of
 * each load balancer. The asynchronous edge; wall clock and timers are handed in.
 */
import { kubeconfig } from '../kubernetes/kubeconfig';
import { serveAws } from './aws/http/endpoint';
import { ClusterDoors } from './cluster-doors';
import { LoadBalancerDoors } from './load-balancer-doors';
import { LocalCloud } from './local-cloud';
import { Pacer } from './pacer';

export interface ServeLocalCloudOptions {
  readonly seed: number;
  /** Of the AWS endpoint; 0 picks a free one. */
  readonly port: number;
  /** Virtual seconds per wall second. */
  readonly speed: number;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** Calls back after so many wall milliseconds; the returned function cancels. */
  readonly later: (ms: number, callback: () => void) => () => void;
  /** Told about each cluster that has come up, with a kubeconfig for its administrator. */
  readonly onClusterReady: (kubeconfig: object, name: string) => void;
}

export interface LocalCloudServer {
  readonly cloud: LocalCloud;
  readonly endpoint: string;
  readonly account: string;
  readonly region: string;
  /** Of the IAM user with every permission: worthless everywhere else. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  close(): Promise<void>;
}

/** So long does a whole environment take to create: see docs/decisions/004-virtual-time-of-the-local-cloud.md. */
const LEAD_MS = 30 * 60_000;

/** @throws the listen error, e.g. EADDRINUSE. */
export async function serveLocalCloud(options: ServeLocalCloudOptions): Promise<LocalCloudServer> {
  const { wallClock, later } = options;
  const serve = <T>(work: () => T): T => pacer.serve(work);
  const doors = new ClusterDoors({ wallClock, later, serve });
  const news: Promise<void>[] = [];
  const cloud = new LocalCloud({
    seed: options.seed,
    startTime: wallClock() - LEAD_MS,
    wallClock,
    addressOf: (name) => {
      const door = doors.take();
      return {
        endpoint: door.url,
        certificateAuthority: door.authority.certificate,
        open: (api, authenticators) => {
          door.open(api, authenticators);
          news.push(announce(name, door));
        },
        close: () => door.close(),
      };
    },
  });
  const announce = async (name: string, door: ReturnType<ClusterDoors['take']>) => {
    const { certificate, key } = await door.authority.signClient('kubernetes-admin', ['system:masters']);
    const config = kubeconfig({
      name,
      server: door.url,
      certificateAuthority: door.authority.certificate,
      user: { clientCertificate: certificate, clientKey: key },
    });
    options.onClusterReady(config, name);
  };
  const balancers = new LoadBalancerDoors({
    list: () => cloud.listeners(),
    request: (request) => pacer.serve(() => cloud.request(request)),
  });
  const pacer: Pacer = new Pacer(cloud.simulation, {
    wallClock,
    later,
    speed: options.speed,
    mayCatchUp: () => cloud.clusters.size > 0,
  });
  const settle = async () => {
    await doors.settle();
    await Promise.all(news.splice(0));
    await balancers.settle();
  };
  await doors.settle();
  const aws = await serveAws(cloud.account, {
    port: options.port,
    beforeAnswer: settle,
    serve,
    pages: {
      '/_drydock/health': () => health(cloud),
      '/_drydock/status': () => status(cloud, balancers, pacer.speed),
      // Without a value, back to the speed that the cloud was started with.
      '/_drydock/speed': (query) => {
        pacer.setSpeed(Number(query.get('value') ?? options.speed));
        return { speed: pacer.speed };
      },
    },
  }).catch(async (error: unknown) => {
    await doors.close();
    throw error;
  });
  pacer.start();
  return {
    cloud,
    endpoint: aws.url,
    account: cloud.account.accountId,
    region: cloud.account.region,
    credentials: cloud.account.credentials,
    close: async () => {
      pacer.stop();
      await aws.close();
      await balancers.close();
      await doors.close();
    },
  };
}

function health({ account }: LocalCloud) {
  return { account: account.accountId };
}

function status({ account, simulation, clusters }: LocalCloud, balancers: LoadBalancerDoors, speed: number) {
  const byName = new Map<string, { port: number; url: string }[]>();
  for (const { dnsName, port, url } of balancers.urls()) {
    byName.set(dnsName, [...(byName.get(dnsName) ?? []), { port, url }]);
  }
  return {
    account: account.accountId,
    region: account.region,
    now: simulation.clock.now(),
    speed,
    clusters: [...clusters.values()].map(({ name, address }) => ({ name, server: address.endpoint })),
    loadBalancers: [...byName].map(([dnsName, listeners]) => ({ dnsName, listeners })),
  };
}
