/** What a fresh cluster has before anybody asks for anything. */
import { ApiServer } from '../../../../lib/simulator/cluster/api-server/api-server';
import { Store } from '../../../../lib/simulator/cluster/store';
import { Simulation } from '../../../../lib/simulator/simulation';

const RBAC = 'rbac.authorization.k8s.io';
const start = (seed: number) => new ApiServer(new Simulation({ seed }), new Store()).clientFor('system:test');

test('the second cluster of a process starts like the first', () => {
  const [first, second, other] = [start(1), start(1), start(2)];
  for (const name of [`clusterroles.${RBAC}`, `roles.${RBAC}`, 'flowschemas.flowcontrol.apiserver.k8s.io']) {
    expect(second.list(name)).toEqual(first.list(name));
    expect(other.list(name)[0]!.metadata.uid).not.toBe(first.list(name)[0]!.metadata.uid);
  }
});

test('every controller has a role of its own, bound to its service account', () => {
  const client = start(1);
  const roles = client
    .list(`clusterroles.${RBAC}`)
    .filter(({ metadata }) => /^system:controller:/.test(metadata.name!));
  expect(roles.length).toBeGreaterThan(35);
  for (const { metadata } of roles) {
    const { roleRef, subjects } = client.get(`clusterrolebindings.${RBAC}`, undefined, metadata.name!);
    expect(roleRef.name).toBe(metadata.name);
    expect(subjects).toEqual([
      { kind: 'ServiceAccount', name: metadata.name!.slice('system:controller:'.length), namespace: 'kube-system' },
    ]);
  }
  const approver = 'system:certificates.k8s.io:kubelet-serving-approver';
  expect(client.get(`clusterroles.${RBAC}`, undefined, approver).rules).toEqual([
    {
      apiGroups: ['certificates.k8s.io'],
      resourceNames: ['kubernetes.io/kubelet-serving'],
      resources: ['signers'],
      verbs: ['approve'],
    },
  ]);
});
