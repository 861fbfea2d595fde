/**
 * Rules of roles on one line:
 *
 *   get,list core:pods,services           verbs, API groups (`core` is the one without a name), resources
 *   update coordination.k8s.io:leases[a]  only the object named `a`
 *   get /healthz,/version                 paths that are no resources
 */
import type { PolicyRule } from '../../auth/policy-rules';

export function parseRule(text: string): PolicyRule {
  const [verbs = '', what = ''] = text.split(' ');
  const colon = what.indexOf(':');
  if (colon < 0) return { verbs: verbs.split(','), nonResourceURLs: what.split(',') };
  const [, resources = '', names] = /^([^[]*)(?:\[(.*)\])?$/.exec(what.slice(colon + 1)) ?? [];
  return {
    verbs: verbs.split(','),
    apiGroups: what
      .slice(0, colon)
      .split(',')
      .map((each) => (each === 'core' ? '' : each)),
    resources: resources.split(','),
    ...(names === undefined ? {} : { resourceNames: names.split(',') }),
  };
}
