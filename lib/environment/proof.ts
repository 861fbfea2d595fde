/**
 * The proof that an environment works: requests through the addresses of its load balancers, answered by its Pods.
 */
import type { Backend } from '../backends/backend';
import type { KubernetesObject } from '../kubernetes/object';
import type { EmitEvent, ProofEvent } from './events';
import { waitUntilHealthy } from './load-balancers';

/** Requests sent to each address: enough to see that several Pods answer. */
const REQUESTS_PER_ADDRESS = 6;

interface Address {
  readonly dnsName: string;
  readonly port: number;
  readonly host?: string;
  readonly path: string;
}

export interface ProofResult {
  /** False when an address gave no good answer. */
  readonly ok: boolean;
  readonly addresses: number;
  readonly requests: number;
  /** How many different answers came: with a server that names its host, the Pods that answered. */
  readonly answers: number;
}

/** Asks every load balancer that the Services and Ingresses name. Emits each different answer once. */
export async function prove(
  backend: Backend,
  objects: readonly KubernetesObject[],
  emit: EmitEvent,
): Promise<ProofResult> {
  const addresses = objects.flatMap(addressesOf);
  const late = await waitUntilHealthy(backend, new Set(addresses.map((address) => address.dnsName)));
  for (const name of late) emit({ type: 'note', level: 'warning', message: `${name} has no healthy target` });
  const answers = new Set<string>();
  let ok = true;
  let requests = 0;
  for (const address of addresses) {
    const seen = new Set<string>();
    for (let i = 0; i < REQUESTS_PER_ADDRESS; i++) {
      requests++;
      const event = await ask(backend, address);
      if (event.status !== 200) ok = false;
      const key = `${event.status} ${event.answer}`;
      if (seen.has(key)) continue;
      seen.add(key);
      answers.add(key);
      emit(event);
      if (event.status !== 200) break;
    }
  }
  return { ok, addresses: addresses.length, requests, answers: answers.size };
}

async function ask(backend: Backend, { dnsName, port, path, host }: Address): Promise<ProofEvent> {
  const shown = { type: 'proof' as const, ...(host ? { host } : {}) };
  try {
    const { status, body, url } = await backend.request(dnsName, port, path, host);
    return { ...shown, url, status, answer: firstLine(body) };
  } catch (error) {
    return { ...shown, url: `http://${dnsName}:${port}${path}`, status: 0, answer: (error as Error).message };
  }
}

function addressesOf(object: KubernetesObject): Address[] {
  const dnsNames: string[] = (object.status?.loadBalancer?.ingress ?? [])
    .map((ingress: { hostname?: string; ip?: string }) => ingress.hostname ?? ingress.ip)
    .filter((name: string | undefined) => name !== undefined);
  if (object.kind === 'Service' && object.spec?.type === 'LoadBalancer') {
    const port = object.spec.ports?.[0]?.port ?? 80;
    return dnsNames.map((dnsName) => ({ dnsName, port, path: '/' }));
  }
  if (object.kind === 'Ingress') {
    const rules: { host?: string; http?: { paths?: { path?: string }[] } }[] = object.spec?.rules ?? [];
    return dnsNames.flatMap((dnsName) =>
      rules.map((rule) => ({
        dnsName,
        port: 80,
        path: rule.http?.paths?.[0]?.path ?? '/',
        ...(rule.host ? { host: rule.host } : {}),
      })),
    );
  }
  return [];
}

/** The text of an answer in one short line; of HTML, its title. */
function firstLine(body: string): string {
  const title = /<title>([^<]*)<\/title>/i.exec(body)?.[1];
  const line = title ?? body.trim().split('\n')[0] ?? '';
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
