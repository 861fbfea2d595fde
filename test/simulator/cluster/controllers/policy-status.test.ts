/** What is said about a policy's expressions before they run. */
import { Cluster } from '../../../../lib/simulator/cluster/cluster';

const POLICIES = 'validatingadmissionpolicies.admissionregistration.k8s.io';

function statusOf(expressions: readonly string[], resources = ['deployments']) {
  const cluster = new Cluster();
  const client = cluster.clientFor('ann');
  client.create(POLICIES, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'p' },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources }],
      },
      variables: [{ name: 'pod', expression: 'object.spec.template.spec' }],
      validations: expressions.map((expression) => ({ expression })),
    },
  });
  cluster.simulation.settle();
  return client.get(POLICIES, undefined, 'p').status;
}

test('a field that the type does not have is told with its place', () => {
  expect(statusOf(['object.spec.replicas <= 5', 'object.spec.replica <= 5'])).toEqual({
    observedGeneration: 1,
    typeChecking: {
      expressionWarnings: [
        {
          fieldRef: 'spec.validations[1].expression',
          warning:
            "apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'replica'\n | object.spec.replica <= 5\n | ...........^\n",
        },
      ],
    },
  });
  const [warning] = statusOf(["object.spec.replicas == 'many'"], ['statefulsets', 'deployments']).typeChecking
    .expressionWarnings;
  expect(warning.warning).toMatch(/^apps\/v1, Kind=Deployment: ERROR.*applied to '\(int, string\)'/);
  expect(warning.warning).toContain('apps/v1, Kind=StatefulSet: ERROR');
});

test('what may be right is not complained about', () => {
  const expressions = [
    "variables.pod.containers.all(c, c.image.startsWith('registry.example.com/'))",
    "object.metadata.?labels['app'].orValue('') != ''",
    "has(object.spec.strategy) && object.spec.strategy.type in ['RollingUpdate', 'Recreate']",
    "object.spec.template.spec.containers.exists(c, has(c.resources.limits) && 'memory' in c.resources.limits)",
    "quantity(object.spec.template.spec.containers[0].resources.limits['memory']).isLessThan(quantity('1Gi'))",
    'oldObject == null || object.spec.selector == oldObject.spec.selector',
    'size(object.spec.template.spec.containers) < 10 && object.spec.template.spec.containers.size() > 0',
    "object.metadata.annotations.exists(k, k.startsWith('example.com/'))",
    "request.operation == 'DELETE' || namespaceObject.metadata.labels['env'] == 'dev'",
    'object.spec.template.spec.volumes.all(v, !has(v.hostPath))',
    "object.metadata.creationTimestamp < timestamp('2030-01-01T00:00:00Z')",
  ];
  expect(statusOf(expressions)).toEqual({ observedGeneration: 1, typeChecking: {} });
  expect(statusOf(['object.spec.whatever == 1'], ['*'])).toEqual({ observedGeneration: 1, typeChecking: {} });
});
