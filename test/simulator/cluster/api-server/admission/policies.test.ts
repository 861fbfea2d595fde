import { ApiServer } from '../../../../../lib/simulator/cluster/api-server/api-server';
import { OutboundCalls } from '../../../../../lib/simulator/cluster/api-server/outbound/outbound-calls';
import { Door } from '../../../../../lib/simulator/cluster/http/door';
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

function addRule(client: ReturnType<typeof cluster>, rule: object, expression: string) {
  client.create(`validatingadmissionpolicies.${GROUP}`, {
    apiVersion: `${GROUP}/v1`,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'p' },
    spec: {
      matchConstraints: { resourceRules: [{ apiVersions: ['v1'], ...rule }] },
      validations: [{ expression, message: 'not here' }],
    },
  });
  client.create(`validatingadmissionpolicybindings.${GROUP}`, {
    apiVersion: `${GROUP}/v1`,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'b' },
    spec: { policyName: 'p', validationActions: ['Deny'] },
  });
}

test('a policy sees what a connection to a pod asks for', () => {
  const server = new ApiServer(new Simulation({}), new Store());
  const rule = { apiGroups: [''], operations: ['CONNECT'], resources: ['pods/exec'] };
  addRule(
    server.clientFor('system:test'),
    rule,
    "!object.command.exists(c, c == 'rm') && request.kind.kind == 'PodExecOptions'",
  );
  const door = new Door(server, {
    serverAddress: '',
    authenticators: [() => ({ name: 'x', groups: ['system:masters'] })],
  });
  const exec = (command: string) => {
    const answer = door.upgrade({
      method: 'GET',
      path: '/api/v1/namespaces/default/pods/p/exec',
      query: new URLSearchParams({ command, stdout: 'true' }),
      headers: { authorization: 'Bearer x' },
      body: new Uint8Array(),
      calls: new OutboundCalls(),
    });
    return answer && 'body' in answer ? JSON.parse(answer.body).message : undefined;
  };
  expect(exec('rm')).toBe(
    `pods "p" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: not here`,
  );
  expect(exec('ls')).toBe('pods "p" not found');
});

test('a policy for scale sees the Scale', () => {
  const client = cluster();
  const labels = { app: 'x' };
  client.create('deployments.apps', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'x' }] } },
    },
  });
  const rule = { apiGroups: ['apps'], operations: ['UPDATE'], resources: ['deployments/scale'] };
  addRule(client, rule, "object.kind == 'Scale' && request.kind.group == 'autoscaling' && object.spec.replicas <= 5");
  const scale = (replicas: number) =>
    client.patch('deployments.apps', 'default', 'web', 'merge', { spec: { replicas } }, { subresource: 'scale' });
  expect(scale(5).spec.replicas).toBe(5);
  expect(() => scale(6)).toThrow('denied request: not here');
  expect(client.get('deployments.apps', 'default', 'web').spec.replicas).toBe(5);
});
