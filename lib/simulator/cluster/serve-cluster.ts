/**
 * A simulated cluster behind a port: cluster, certificates, HTTP listener and pacer, put together. The wall (clock and
 * timers) is handed in.
 */
import type { UserInfo } from '../../kubernetes/kinds';
import { kubeconfig } from '../../kubernetes/kubeconfig';
import { Pacer } from '../pacer';
import { Simulation } from '../simulation';
import { staticTokens } from './api-server/auth/authenticator';
import type { NodeGroupSpec } from './autoscaler/machine-groups';
import { Cluster } from './cluster';
import { type CertificateAuthority, createCertificateAuthority } from './http/certificates';
import { listen } from './http/listener';

export interface ServeOptions {
  readonly port: number;
  /** Plain HTTP instead of HTTPS. */
  readonly http: boolean;
  /** Static bearer tokens. */
  readonly users: ReadonlyMap<string, UserInfo>;
  readonly nodes: number;
  /** @default none */
  readonly nodeGroups?: readonly NodeGroupSpec[];
  readonly speed: number;
  readonly controllers: boolean;
  readonly serviceCidr: string;
  readonly seed: number;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly later: (ms: number, callback: () => void) => () => void;
}

export interface RunningCluster {
  readonly cluster: Cluster;
  readonly url: string;
  /** For the cluster's administrator. */
  readonly kubeconfig: object;
  close(): Promise<void>;
}

/** The API server alone behaves as the reference server that docs/fidelity.md compares with, which runs alone, too. */
const REFERENCE_ADMISSION = { extraCaBundles: ['openshift-service-ca.crt'], taintNewNodes: true };
const CLUSTER_NAME = 'drydock';
const SERVER_NAMES = ['localhost', '127.0.0.1', '::1', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
const ADMIN_TOKEN = 'drydock-admin';

/** @throws UserError when the port is in use. */
export async function startCluster(options: ServeOptions): Promise<RunningCluster> {
  const { wallClock, later, speed } = options;
  const simulation = new Simulation({ seed: options.seed, startTime: wallClock() });
  const authority = options.http ? undefined : await createCertificateAuthority(wallClock());
  const cluster = new Cluster({
    simulation,
    caCertificate: authority?.certificate,
    name: CLUSTER_NAME,
    controllers: options.controllers,
    serviceCidr: options.serviceCidr,
    ...(options.controllers
      ? { nodes: options.nodes, nodeGroups: options.nodeGroups ?? [] }
      : { admission: REFERENCE_ADMISSION }),
  });
  const pacer = new Pacer(simulation, { wallClock, later, speed });
  const admin: UserInfo = { name: 'kubernetes-admin', groups: ['system:masters'] };
  // Over plain HTTP there are no client certificates, so the administrator needs a token.
  const users = options.http ? new Map([...options.users, [ADMIN_TOKEN, admin] as const]) : options.users;
  cluster.api.authenticators.push(staticTokens(users));
  const listener = await listen(cluster.api, {
    port: options.port,
    ...(authority ? { tls: await tlsOf(authority) } : {}),
    serve: (work) => pacer.serve(work),
    later,
  });
  pacer.start();
  return {
    cluster,
    url: listener.url,
    kubeconfig: kubeconfig({
      name: CLUSTER_NAME,
      server: listener.url,
      ...(authority ? { certificateAuthority: authority.certificate } : {}),
      user: authority ? await clientCertificate(authority) : { token: ADMIN_TOKEN },
    }),
    close: async () => {
      pacer.stop();
      await listener.close();
    },
  };
}

async function tlsOf(authority: CertificateAuthority) {
  return { ...(await authority.signServer(SERVER_NAMES)), clientCa: authority.certificate };
}

async function clientCertificate(authority: CertificateAuthority) {
  const { certificate, key } = await authority.signClient('kubernetes-admin', ['system:masters']);
  return { clientCertificate: certificate, clientKey: key };
}
