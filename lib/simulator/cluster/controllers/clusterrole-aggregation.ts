/**
 * Aggregated ClusterRoles: a role whose rules are those of all roles that its selectors find. `admin`, `edit` and `view` are
 * of this kind, so that a custom resource can add itself to them.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
 */
import { semanticEqual } from '../../../kubernetes/equality';
import type { ControllerDefinition } from './controller';
import { matcherOf } from './ownership';

const ROLES = 'clusterroles.rbac.authorization.k8s.io';

export const clusterRoleAggregationController: ControllerDefinition = {
  name: 'clusterrole-aggregation-controller',
  serviceAccount: 'clusterrole-aggregation-controller',
  create: ({ store, client }) => ({
    watches: [
      {
        collection: ROLES,
        names: () => [...store.list(ROLES)].filter((role) => role.aggregationRule).map((role) => role.metadata.name!),
      },
    ],
    reconcile(name) {
      const role = store.get(ROLES, undefined, name);
      if (!role?.aggregationRule) return undefined;
      const rules: unknown[] = [];
      for (const selector of role.aggregationRule.clusterRoleSelectors ?? []) {
        const matches = matcherOf(selector);
        const found = [...store.list(ROLES)].filter((each) => each !== role && matches(each.metadata.labels));
        found.sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1));
        for (const rule of found.flatMap((each) => each.rules ?? [])) {
          if (!rules.some((known) => semanticEqual(known, rule))) rules.push(rule);
        }
      }
      if (!semanticEqual(rules, role.rules ?? [])) client.update(ROLES, { ...role, rules });
      return undefined;
    },
  }),
};
