/**
 * The local cloud behind its doors: the AWS endpoint, an HTTPS port for each cluster, an HTTP port for each listener of
 * each load balancer and for each port of each Service. The asynchronous edge; wall clock and timers are handed in.
 */
import { kubeconfig } from '../kubernetes/kubeconfig';
import { serveAws } from './aws/http/endpoint';
import type { Authenticator } from './cluster/api-server/auth/authenticator';
import { ClusterDoors } from './cluster-doors';
import { type JournalFile, type JournalHeader, type LiveRequest, parseJournal, recordRequest } from './journal';
import { LoadBalancerDoors } from './load-balancer-doors';
import { LocalCloud } from './local-cloud';
import { replay } from './local-cloud-replay';
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
  /** Where the state of the cloud is kept. @default in memory only */
  readonly journal?: JournalFile;
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
  const { later, journal } = options;
  const past = journal && parseJournal(journal.read());
  // While the past is replayed, the clock outside stands where it stood then.
  let pastWall: number | undefined = past && 0;
  const wallClock = () => pastWall ?? options.wallClock();
  const header: JournalHeader = past?.header ?? {
    version: 1,
    seed: options.seed,
    startTime: options.wallClock() - LEAD_MS,
  };
  const record = (request: LiveRequest, cluster?: string) => {
    if (pastWall !== undefined || !journal) return;
    const entry = { at: cloud.simulation.clock.now(), wall: wallClock(), cluster, request: recordRequest(request) };
    journal.append(JSON.stringify(entry));
  };
  const authenticatorsOf = new Map<string, readonly Authenticator[]>();
  const serve = <T>(work: () => T): T => pacer.serve(work);
  const doors = new ClusterDoors({ wallClock: options.wallClock, later, serve });
  const news: Promise<void>[] = [];
  const cloud = new LocalCloud({
    seed: header.seed,
    startTime: header.startTime,
    wallClock,
    addressOf: (name) => {
      const door = doors.take();
      return {
        endpoint: door.url,
        certificateAuthority: door.authority.certificate,
        open: (api, authenticators) => {
          authenticatorsOf.set(name, authenticators);
          door.open(api, { authenticators, beforeChange: (request) => record(request, name) });
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
    list: () => [...cloud.listeners(), ...cloud.services()],
    request: (request) => pacer.serve(() => cloud.request(request)),
  });
  const pacer: Pacer = new Pacer(cloud.simulation, {
    wallClock: options.wallClock,
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
  if (past) {
    const setWallClock = (wall: number) => {
      pastWall = wall;
    };
    await replay(cloud, past.entries, {
      setWallClock,
      authenticatorsOf: (name) => authenticatorsOf.get(name) ?? [],
      settle: () => doors.settle(),
    });
    pastWall = undefined;
  } else {
    journal?.append(JSON.stringify(header));
  }
  const aws = await serveAws(cloud.account, {
    port: options.port,
    beforeAnswer: settle,
    beforeChange: (request) => record(request),
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

const isService = (dnsName: string): boolean => dnsName.includes('.svc.');

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
    loadBalancers: [...byName]
      .map(([dnsName, listeners]) => ({ dnsName, listeners }))
      .filter(({ dnsName }) => !isService(dnsName)),
    services: [...byName]
      .map(([dnsName, listeners]) => ({ dnsName, listeners }))
      .filter(({ dnsName }) => isService(dnsName)),
  };
}
