/** Policies that forget DNS. */
import { selectorMatches } from '../../../kubernetes/selectors';
import type * as networkingv1 from '../../../kubernetes/types/networking-v1.generated';
import { namespaceOf } from '../app-model';
import type { Rule } from '../rule';

const DNS_PORTS: readonly unknown[] = [53, 'dns', 'dns-udp', undefined];

export const policyCutsDns: Rule = {
  id: 'policy-cuts-dns',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  about: 'Pods that may go somewhere but not to port 53 cannot find it by name.',
  check(app, report) {
    const policies = app.all('networking.k8s.io/v1/NetworkPolicy').filter(limitsEgress);
    if (policies.length === 0) return;
    for (const policy of policies) {
      // A policy that allows nothing, or goes to addresses only, may be meant so.
      if (!policy.spec?.egress?.some(goesSomewhere)) continue;
      const cut = app
        .workloadsMatching(namespaceOf(policy), policy.spec.podSelector ?? {})
        .find(({ namespace, labels }) => {
          const all = policies.filter((other) => {
            return namespaceOf(other) === namespace && selectorMatches(other.spec?.podSelector ?? {}, labels);
          });
          return !all.some(({ spec }) => spec?.egress?.some(allowsDns));
        });
      if (cut === undefined) continue;
      report(policy, {
        field: 'spec.egress',
        message: `lets the Pods of ${cut.object.kind} "${cut.object.metadata.name}" go out, but not to DNS`,
        fix: 'allow UDP and TCP port 53 to kube-system',
      });
    }
  },
};

const limitsEgress = ({ spec }: networkingv1.NetworkPolicy) =>
  spec?.policyTypes?.includes('Egress') ?? (spec?.egress?.length ?? 0) > 0;

const goesSomewhere = ({ to }: networkingv1.NetworkPolicyEgressRule) =>
  to === undefined || to.length === 0 || to.some(({ ipBlock }) => ipBlock === undefined);

const allowsDns = ({ ports }: networkingv1.NetworkPolicyEgressRule) =>
  ports === undefined ||
  ports.length === 0 ||
  ports.some(({ port, endPort }) => {
    return (
      DNS_PORTS.includes(port) || (typeof port === 'number' && endPort !== undefined && port <= 53 && endPort >= 53)
    );
  });
