/**
 * The doors of a local cloud's clusters, as the cloud sees them: a new cluster takes one, and when its API server is there,
 * everybody is told how its administrator gets in.
 */
import { kubeconfig } from '../kubernetes/kubeconfig';
import type { Authenticator } from './cluster/api-server/auth/authenticator';
import type { ClusterDoors } from './cluster-doors';
import type { LiveRequest } from './journal';
import type { ClusterAddress } from './local-cloud';

export interface AnnouncementOptions {
  readonly doors: ClusterDoors;
  /** Told about every request that may change something, before it is answered. */
  readonly beforeChange: (request: LiveRequest, cluster: string) => void;
  readonly onClusterReady: (kubeconfig: object, name: string) => void;
}

export class ClusterAnnouncements {
  private readonly authenticators = new Map<string, readonly Authenticator[]>();
  private readonly news: Promise<void>[] = [];

  constructor(private readonly options: AnnouncementOptions) {}

  addressOf = (name: string): ClusterAddress => {
    const { doors, beforeChange } = this.options;
    const door = doors.take();
    return {
      endpoint: door.url,
      certificateAuthority: door.authority.certificate,
      open: (api, authenticators) => {
        this.authenticators.set(name, authenticators);
        door.open(api, { authenticators, beforeChange: (request) => beforeChange(request, name) });
        this.news.push(this.announce(name, door));
      },
      close: () => door.close(),
    };
  };

  /** Those of a cluster besides client certificates. */
  authenticatorsOf = (name: string): readonly Authenticator[] => this.authenticators.get(name) ?? [];

  /** Until everybody has been told. */
  async settle(): Promise<void> {
    await Promise.all(this.news.splice(0));
  }

  private async announce(name: string, door: ReturnType<ClusterDoors['take']>): Promise<void> {
    const { certificate, key } = await door.authority.signClient('kubernetes-admin', ['system:masters']);
    const config = kubeconfig({
      name,
      server: door.url,
      certificateAuthority: door.authority.certificate,
      user: { clientCertificate: certificate, clientKey: key },
    });
    this.options.onClusterReady(config, name);
  }
}
