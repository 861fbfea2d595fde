/** What a served local cloud tells of itself beside the protocols of AWS: `/_drydock/...`, as JSON. */
import type { LoadBalancerDoors } from './load-balancer-doors';
import type { LocalCloud } from './local-cloud';
import type { Pacer } from './pacer';

export type Pages = Readonly<Record<string, (query: URLSearchParams) => unknown>>;

/** @param speed what the cloud was started with */
export function localCloudPages(cloud: LocalCloud, balancers: LoadBalancerDoors, pacer: Pacer, speed: number): Pages {
  return {
    '/_drydock/health': () => ({ account: cloud.account.accountId }),
    '/_drydock/status': () => status(cloud, balancers, pacer.speed),
    // Without a value, back to the speed of the start.
    '/_drydock/speed': (query) => {
      pacer.setSpeed(Number(query.get('value') ?? speed));
      return { speed: pacer.speed };
    },
  };
}

const isService = (dnsName: string): boolean => dnsName.includes('.svc.');

function status({ account, simulation, clusters }: LocalCloud, balancers: LoadBalancerDoors, speed: number) {
  const byName = new Map<string, { port: number; url: string }[]>();
  for (const { dnsName, port, url } of balancers.urls()) {
    byName.set(dnsName, [...(byName.get(dnsName) ?? []), { port, url }]);
  }
  const named = [...byName].map(([dnsName, listeners]) => ({ dnsName, listeners }));
  return {
    account: account.accountId,
    region: account.region,
    now: simulation.clock.now(),
    speed,
    clusters: [...clusters.values()].map(({ name, address }) => ({ name, server: address.endpoint })),
    loadBalancers: named.filter(({ dnsName }) => !isService(dnsName)),
    services: named.filter(({ dnsName }) => isService(dnsName)),
  };
}
