/**
 * The local cloud behind its doors: the AWS endpoint, an HTTPS port for each cluster, an HTTP port for each listener of
 * each load balancer and for each port of each Service. The asynchronous edge; wall clock and timers are handed in.
 */
import { serveAws } from './aws/http/endpoint';
import { ClusterAnnouncements } from './cluster-announcements';
import { ClusterDoors } from './cluster-doors';
import type { JournalFile } from './journal';
import { LoadBalancerDoors } from './load-balancer-doors';
import { LocalCloud } from './local-cloud';
import { LocalCloudJournal } from './local-cloud-journal';
import { localCloudPages } from './local-cloud-pages';
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
  const { later, speed } = options;
  const fresh = { version: 1, seed: options.seed, startTime: options.wallClock() - LEAD_MS } as const;
  const journal = new LocalCloudJournal(options.journal, fresh, options.wallClock);
  const serve = <T>(work: () => T): T => pacer.serve(work);
  const doors = new ClusterDoors({ wallClock: options.wallClock, later, serve });
  const clusters = new ClusterAnnouncements({
    doors,
    beforeChange: (request, cluster) => journal.record(cloud, request, cluster),
    onClusterReady: options.onClusterReady,
  });
  const { seed, startTime } = journal.header;
  const { wallClock } = journal;
  const cloud = new LocalCloud({ seed, startTime, wallClock, addressOf: clusters.addressOf });
  const balancers = new LoadBalancerDoors({
    list: () => [...cloud.listeners(), ...cloud.services()],
    request: (request) => pacer.serve(() => cloud.request(request)),
  });
  const pacer: Pacer = new Pacer(cloud.simulation, {
    wallClock: options.wallClock,
    later,
    speed,
    mayCatchUp: () => cloud.clusters.size > 0,
  });
  await doors.settle();
  await journal.bringBack(cloud, clusters.authenticatorsOf, () => doors.settle());
  const aws = await serveAws(cloud.account, {
    port: options.port,
    beforeAnswer: async () => {
      await doors.settle();
      await clusters.settle();
      await balancers.settle();
    },
    beforeChange: (request) => journal.record(cloud, request),
    serve,
    pages: localCloudPages(cloud, balancers, pacer, speed),
  }).catch(async (error: unknown) => {
    await doors.close();
    throw error;
  });
  pacer.start();
  const { accountId, region, credentials } = cloud.account;
  return {
    cloud,
    endpoint: aws.url,
    account: accountId,
    region,
    credentials,
    close: async () => {
      pacer.stop();
      await aws.close();
      await balancers.close();
      await doors.close();
    },
  };
}
