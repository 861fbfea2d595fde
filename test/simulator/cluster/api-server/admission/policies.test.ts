import { ApiServer } from '../../../../../lib/simulator/cluster/api-server/api-server';
import { Store } from '../../../../../lib/simulator/cluster/store';
import { Simulation } from '../../../../../lib/simulator/simulation';

const GROUP = 'admissionregistration.k8s.io';
const configMap = (name: string, data: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data,
});

function cluster() {
  return new ApiServer(new Simulation({}), new Store()).clientFor('system:test');
}

function addPolicy(client: ReturnType<typeof cluster>, validations: object[]) {
  client.create(`validatingadmissionpolicies.${GROUP}`, {
    apiVersion: `${GROUP}/v1`,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'p' },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
      },
      validations,
    },
  });
  client.create(`validatingadmissionpolicybindings.${GROUP}`, {
    apiVersion: `${GROUP}/v1`,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'b' },
    spec: { policyName: 'p', validationActions: ['Deny'] },
  });
}

test('a policy refuses what its expression does not hold for', () => {
  const client = cluster();
  addPolicy(client, [
    {
      expression: "object.metadata.name.startsWith('ok')",
      messageExpression: "object.metadata.name + ' is not ok'",
      reason: 'Forbidden',
    },
  ]);
  expect(client.create('configmaps', configMap('ok-1')).metadata.name).toBe('ok-1');
  expect(() => client.create('configmaps', configMap('bad'))).toThrow(
    `configmaps "bad" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: bad is not ok`,
  );
});

test('an expression that fails refuses, too', () => {
  const client = cluster();
  addPolicy(client, [{ expression: "object.data.color == 'red'" }]);
  expect(client.create('configmaps', configMap('red', { color: 'red' })).metadata.name).toBe('red');
  expect(() => client.create('configmaps', configMap('none'))).toThrow(/resulted in error: no such key/);
});

test('a namespace that enforces the baseline takes no privileged pods', () => {
  const client = cluster();
  const labels = { 'pod-security.kubernetes.io/enforce': 'baseline' };
  client.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'safe', labels } });
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'safe' } };
  client.create('serviceaccounts', account);
  const pod = (name: string, securityContext: object) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'safe' },
    spec: { containers: [{ name: 'c', image: 'x', securityContext }] },
  });
  expect(client.create('pods', pod('modest', {})).metadata.name).toBe('modest');
  expect(() => client.create('pods', pod('greedy', { privileged: true }))).toThrow(
    'pods "greedy" is forbidden: violates PodSecurity "baseline:latest": privileged (container "c" must not set securityContext.privileged=true)',
  );
});
