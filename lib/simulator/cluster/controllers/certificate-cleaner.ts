/**
 * Removes certificate requests that nobody needs any more: an hour after they were decided, a day after they were made.
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#request-signing-process
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { findCondition } from './conditions';
import type { ControllerDefinition } from './controller';

const REQUESTS = 'certificatesigningrequests.certificates.k8s.io';
const HOUR_MS = 3_600_000;

export const certificateCleaner: ControllerDefinition = {
  name: 'certificatesigningrequest-cleaner-controller',
  serviceAccount: 'certificate-controller',
  create: ({ store, client, simulation }) => ({
    watches: [{ collection: REQUESTS }],
    reconcile(name) {
      const request = store.get(REQUESTS, undefined, name);
      const end = request && endOf(request);
      if (end === undefined) return undefined;
      const left = end - simulation.clock.now();
      if (left > 0) return { afterMs: left, background: true };
      client.delete(REQUESTS, undefined, name);
      return undefined;
    },
  }),
};

/** Approved but not issued: whoever signs may still come. */
function endOf({ metadata, status }: KubernetesObject): number | undefined {
  const since = (type: string): number | undefined => {
    const condition = findCondition(status?.conditions, type) as { lastUpdateTime?: string } | undefined;
    return condition?.lastUpdateTime === undefined ? undefined : Date.parse(condition.lastUpdateTime);
  };
  if (!status?.conditions?.length) return Date.parse(metadata.creationTimestamp!) + 24 * HOUR_MS;
  const ends = [since('Denied'), since('Failed'), status.certificate ? since('Approved') : undefined];
  const [first] = ends.filter((each) => each !== undefined).sort((a, b) => a - b);
  return first === undefined ? undefined : first + HOUR_MS;
}
