/** Bindings, the roles that they grant and the accounts that they grant them to. */
import type { KubernetesObject } from '../../../kubernetes/object';
import { namespaceOf } from '../app-model';
import type { Rule } from '../rule';

/** Roles that every cluster has from the start. */
const BUILT_IN = /^(?:view|edit|admin|cluster-admin|system:.*)$/;

export const bindingMissingRole: Rule = {
  id: 'binding-missing-role',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding',
  about: 'A binding to a Role that is not there grants nothing.',
  check(app, report) {
    const bindings: readonly KubernetesObject[] = [
      ...app.all('rbac.authorization.k8s.io/v1/RoleBinding'),
      ...app.all('rbac.authorization.k8s.io/v1/ClusterRoleBinding'),
    ];
    for (const binding of bindings) {
      const { kind, name } = binding.roleRef ?? {};
      if (!name || (kind === 'ClusterRole' && BUILT_IN.test(name))) continue;
      const namespace = kind === 'Role' ? namespaceOf(binding) : 'default';
      if (app.has(kind, namespace, name)) continue;
      report(binding, {
        field: 'roleRef',
        message: `grants ${kind} "${name}", which is not in the application`,
        fix: kind === 'Role' ? `add the Role in namespace "${namespace}", or correct the name` : 'correct the name',
      });
    }
  },
};

export const bindingMissingAccount: Rule = {
  id: 'binding-missing-account',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding',
  about: 'A binding to a ServiceAccount that is not there grants nothing; the namespace of the subject must be said.',
  check(app, report) {
    const bindings = [
      ...app.all('rbac.authorization.k8s.io/v1/RoleBinding'),
      ...app.all('rbac.authorization.k8s.io/v1/ClusterRoleBinding'),
    ];
    for (const binding of bindings) {
      (binding.subjects ?? []).forEach(({ kind, name, namespace = 'default' }, index) => {
        if (kind !== 'ServiceAccount' || name === 'default' || app.has(kind, namespace, name)) return;
        const elsewhere = app.all('v1/ServiceAccount').find(({ metadata }) => metadata.name === name);
        // An account that says no namespace goes where its manifests are applied, which may well be there.
        if (elsewhere !== undefined && elsewhere.metadata.namespace === undefined) return;
        report(binding, {
          field: `subjects[${index}]`,
          message: `grants to ServiceAccount "${name}" in namespace "${namespace}", which is not in the application`,
          fix: elsewhere
            ? `it is in namespace "${namespaceOf(elsewhere)}"`
            : 'add the ServiceAccount, or correct the name',
        });
      });
    }
  },
};
