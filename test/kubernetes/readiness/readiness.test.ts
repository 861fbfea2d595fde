import { parse } from 'yaml';
import type { KubernetesObject } from '../../../lib/kubernetes/object';
import { isWorthWaitingFor, readinessOf, type Surroundings } from '../../../lib/kubernetes/readiness';
import { namespaceBlockers } from '../../../lib/kubernetes/readiness/namespace';

/** An object from YAML: `apps/v1 Deployment`, then its fields. */
function object(apiVersion: string, kind: string, yaml: string): KubernetesObject {
  return { apiVersion, kind, metadata: { name: 'x', uid: 'u' }, ...parse(yaml) };
}

const verdict = (thing: KubernetesObject, surroundings?: Surroundings) => {
  const { status, message } = readinessOf(thing, surroundings);
  return `${status}: ${message}`;
};

type Case = readonly [yaml: string, expected: string];

function describeKind(apiVersion: string, kind: string, cases: readonly Case[]) {
  describe(kind, () => {
    test.each(cases)('%s', (yaml, expected) => {
      expect(verdict(object(apiVersion, kind, yaml))).toBe(expected);
    });
  });
}

describeKind('example.com/v1', 'Anything', [
  ['{}', 'Current: there'],
  ['metadata: {deletionTimestamp: now}', 'Terminating: being deleted'],
  [
    'metadata: {deletionTimestamp: now, finalizers: [a/b, c/d]}',
    'Terminating: being deleted, held by finalizer a/b, c/d',
  ],
  [
    '{metadata: {generation: 2}, status: {observedGeneration: 1, conditions: [{type: Ready, status: "True"}]}}',
    'InProgress: not looked at by its controller yet',
  ],
  [
    'status: {conditions: [{type: Reconciling, status: "True", message: half way}, {type: Ready, status: "True"}]}',
    'InProgress: half way',
  ],
  ['status: {conditions: [{type: Stalled, status: "True", reason: NoQuota}]}', 'Failed: NoQuota'],
  ['status: {conditions: [{type: Ready, status: "False", message: no backend}]}', 'InProgress: no backend'],
  ['status: {conditions: [{type: Ready, status: "True"}]}', 'Current: there'],
]);

const seen = 'metadata: {generation: 1}';

describeKind('apps/v1', 'Deployment', [
  ['{spec: {replicas: 3}}', 'InProgress: not looked at by its controller yet'],
  [`{${seen}, spec: {replicas: 3}, status: {observedGeneration: 1}}`, 'InProgress: 0 of 3 replicas updated'],
  [
    `{${seen}, spec: {replicas: 3}, status: {observedGeneration: 1, replicas: 4, updatedReplicas: 3, availableReplicas: 3}}`,
    'InProgress: 1 old replicas to stop',
  ],
  [
    `{${seen}, spec: {replicas: 3}, status: {observedGeneration: 1, replicas: 3, updatedReplicas: 3, availableReplicas: 2}}`,
    'InProgress: 2 of 3 replicas available',
  ],
  [
    `{${seen}, spec: {replicas: 3}, status: {observedGeneration: 1, replicas: 3, updatedReplicas: 3, availableReplicas: 3}}`,
    'Current: 3 of 3 replicas available',
  ],
  [
    `{${seen}, spec: {}, status: {observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1}}`,
    'Current: 1 of 1 replicas available',
  ],
  [`{${seen}, spec: {replicas: 0}, status: {observedGeneration: 1}}`, 'Current: 0 of 0 replicas available'],
  [
    `{${seen}, spec: {replicas: 1}, status: {observedGeneration: 1, updatedReplicas: 1, replicas: 1, conditions: [{type: Progressing, status: "False", reason: ProgressDeadlineExceeded}]}}`,
    'Failed: no progress for 600s: 0 of 1 replicas available',
  ],
  [`{${seen}, spec: {paused: true}, status: {observedGeneration: 1}}`, 'Current: the rollout is paused'],
]);

describeKind('apps/v1', 'ReplicaSet', [
  [`{${seen}, spec: {replicas: 2}, status: {observedGeneration: 1}}`, 'InProgress: 0 of 2 replicas available'],
  [
    `{${seen}, spec: {replicas: 2}, status: {observedGeneration: 1, replicas: 3, availableReplicas: 3}}`,
    'InProgress: 1 surplus replicas to stop',
  ],
  [
    `{${seen}, spec: {replicas: 2}, status: {observedGeneration: 1, conditions: [{type: ReplicaFailure, status: "True", reason: FailedCreate, message: exceeded quota}]}}`,
    'InProgress: exceeded quota',
  ],
]);

describeKind('apps/v1', 'StatefulSet', [
  [
    `{${seen}, spec: {replicas: 3}, status: {observedGeneration: 1, replicas: 3, readyReplicas: 2}}`,
    'InProgress: 2 of 3 replicas ready',
  ],
  [
    `{${seen}, spec: {replicas: 3}, status: {observedGeneration: 1, replicas: 3, readyReplicas: 3, updatedReplicas: 1, currentRevision: a, updateRevision: b}}`,
    'InProgress: 1 of 3 replicas updated',
  ],
  [
    `{${seen}, spec: {replicas: 3}, status: {observedGeneration: 1, replicas: 3, readyReplicas: 3, updatedReplicas: 3, currentRevision: a, updateRevision: b}}`,
    'InProgress: finishing the update',
  ],
  [
    `{${seen}, spec: {replicas: 5, updateStrategy: {rollingUpdate: {partition: 3}}}, status: {observedGeneration: 1, replicas: 5, readyReplicas: 5, updatedReplicas: 2, currentRevision: a, updateRevision: b}}`,
    'Current: 5 of 5 replicas ready',
  ],
  [
    `{${seen}, spec: {replicas: 1, updateStrategy: {type: OnDelete}}, status: {observedGeneration: 1, replicas: 1, readyReplicas: 1}}`,
    'Current: 1 of 1 replicas ready',
  ],
]);

describeKind('apps/v1', 'DaemonSet', [
  ['{spec: {}, status: {}}', 'InProgress: not looked at by its controller yet'],
  ['{spec: {}, status: {observedGeneration: 1}}', 'Current: 0 of 0 Pods available'],
  [
    '{spec: {}, status: {observedGeneration: 1, desiredNumberScheduled: 3, updatedNumberScheduled: 2, numberAvailable: 3}}',
    'InProgress: 2 of 3 Pods updated',
  ],
  [
    '{spec: {}, status: {observedGeneration: 1, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 1}}',
    'InProgress: 1 of 3 Pods available',
  ],
]);

describeKind('batch/v1', 'Job', [
  ['{spec: {completions: 2}, status: {active: 1, succeeded: 1}}', 'InProgress: 1 of 2 succeeded, 1 running'],
  ['{spec: {}, status: {succeeded: 1, conditions: [{type: Complete, status: "True"}]}}', 'Current: 1 succeeded'],
  [
    '{spec: {}, status: {conditions: [{type: Failed, status: "True", reason: BackoffLimitExceeded, message: too many retries}]}}',
    'Failed: too many retries',
  ],
  ['{spec: {suspend: true}, status: {}}', 'Current: suspended'],
]);

describeKind('v1', 'Pod', [
  ['{status: {phase: Pending}}', 'InProgress: waiting for a node'],
  ['{spec: {nodeName: n1}, status: {phase: Pending}}', 'InProgress: starting on n1'],
  [
    '{status: {phase: Pending, conditions: [{type: PodScheduled, status: "False", reason: Unschedulable, message: "0/3 nodes are available: 3 Insufficient cpu."}]}}',
    'InProgress: 0/3 nodes are available: 3 Insufficient cpu.',
  ],
  ['{status: {phase: Running, conditions: [{type: Ready, status: "True"}]}}', 'Current: running and ready'],
  ['{status: {phase: Running, conditions: [{type: Ready, status: "False"}]}}', 'InProgress: running, not ready yet'],
  ['{status: {phase: Succeeded}}', 'Current: succeeded'],
  [
    '{status: {phase: Failed, containerStatuses: [{name: c, state: {terminated: {exitCode: 3, reason: Error}}}]}}',
    'Failed: container c exited with code 3',
  ],
  [
    '{status: {phase: Failed, reason: Evicted, message: The node was low on memory.}}',
    'Failed: The node was low on memory.',
  ],
  [
    '{metadata: {ownerReferences: [{kind: Job, controller: true}]}, status: {phase: Failed}}',
    'Current: failed; its Job decides what follows',
  ],
  [
    '{status: {phase: Pending, containerStatuses: [{name: c, image: "nope:1", state: {waiting: {reason: ErrImagePull, message: "nope:1: not found"}}}]}}',
    'Failed: container c cannot pull image "nope:1": nope:1: not found',
  ],
  [
    '{status: {phase: Pending, containerStatuses: [{name: c, image: "i:1", state: {waiting: {reason: ErrImagePull, message: "dial tcp: i/o timeout"}}}]}}',
    'InProgress: container c cannot pull image "i:1": dial tcp: i/o timeout',
  ],
  [
    '{status: {phase: Pending, containerStatuses: [{name: c, state: {waiting: {reason: CreateContainerConfigError, message: configmap "settings" not found}}}]}}',
    'Failed: container c: configmap "settings" not found',
  ],
  [
    '{status: {phase: Running, containerStatuses: [{name: c, restartCount: 1, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 137, reason: OOMKilled}}}]}}',
    'InProgress: container c keeps crashing: it exited with code 137 (OOMKilled), 1 restart',
  ],
  [
    '{status: {phase: Pending, initContainerStatuses: [{name: i, restartCount: 3, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 1, reason: Error}}}]}}',
    'Failed: container i keeps crashing: it exited with code 1, 3 restarts',
  ],
]);

describeKind('v1', 'Service', [
  ['spec: {}', 'InProgress: no cluster IP yet'],
  ['spec: {type: ClusterIP, clusterIP: 10.0.0.1}', 'Current: at 10.0.0.1'],
  ['spec: {type: ClusterIP, clusterIP: None}', 'Current: headless'],
  ['spec: {type: ExternalName, externalName: db.example.com}', 'Current: stands for db.example.com'],
  ['spec: {type: LoadBalancer, clusterIP: 10.0.0.1}', 'InProgress: no load balancer address yet'],
  [
    '{spec: {type: LoadBalancer, clusterIP: 10.0.0.1}, status: {loadBalancer: {ingress: [{hostname: lb.example.com}]}}}',
    'Current: at lb.example.com',
  ],
]);

describeKind('networking.k8s.io/v1', 'Ingress', [
  ['spec: {}', 'InProgress: no controller has given it an address yet'],
  ['status: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}', 'Current: at 192.0.2.1'],
]);

describeKind('v1', 'PersistentVolumeClaim', [
  ['{spec: {}, status: {phase: Pending}}', 'InProgress: not bound yet'],
  ['{spec: {volumeName: v}, status: {phase: Bound}}', 'Current: bound to v'],
  ['{spec: {volumeName: v}, status: {phase: Lost}}', 'Failed: its volume v is gone'],
]);

describeKind('apiextensions.k8s.io/v1', 'CustomResourceDefinition', [
  ['{}', 'InProgress: not established yet'],
  ['status: {conditions: [{type: Established, status: "True"}]}', 'Current: established'],
  [
    'status: {conditions: [{type: Established, status: "False", reason: Installing}]}',
    'InProgress: not established yet',
  ],
  ['status: {conditions: [{type: NamesAccepted, status: "False", message: name taken}]}', 'Failed: name taken'],
]);

describeKind('autoscaling/v2', 'HorizontalPodAutoscaler', [
  ['{}', 'InProgress: not looked at by its controller yet'],
  [
    'status: {conditions: [{type: AbleToScale, status: "True"}, {type: ScalingActive, status: "False", message: no metrics}]}',
    'InProgress: no metrics',
  ],
  [
    'status: {conditions: [{type: AbleToScale, status: "True"}, {type: ScalingActive, status: "True"}]}',
    'Current: scaling',
  ],
]);

test('a Pod that fits on no node has failed when nothing brings one for two minutes', () => {
  const pod = object(
    'v1',
    'Pod',
    '{status: {phase: Pending, conditions: [{type: PodScheduled, status: "False", lastTransitionTime: "2026-01-01T00:00:00Z", message: no room.}]}}',
  );
  const start = Date.UTC(2026, 0, 1);
  const coming = object('v1', 'Event', '{reason: Nominated, message: node comes, involvedObject: {uid: u}}');
  expect(verdict(pod, { now: start + 119_000 })).toBe('InProgress: no room.');
  expect(verdict(pod, { now: start + 120_000 })).toBe('Failed: no room.');
  expect(verdict(pod, { now: start + 300_000, events: [coming] })).toBe('InProgress: no room. node comes');
});

test('a claim that waits for its first consumer is not waited for', () => {
  const claim = object('v1', 'PersistentVolumeClaim', '{spec: {storageClassName: gp3}, status: {phase: Pending}}');
  const storageClass = object('storage.k8s.io/v1', 'StorageClass', 'volumeBindingMode: WaitForFirstConsumer');
  expect(verdict(claim, { storageClass })).toBe('Current: will be bound when a Pod uses it');
});

describe('a workload shows what holds up its Pods', () => {
  const deployment = object(
    'apps/v1',
    'Deployment',
    '{metadata: {generation: 1, uid: d}, spec: {replicas: 2}, status: {observedGeneration: 1, replicas: 2, updatedReplicas: 2}}',
  );
  const pod = (name: string, yaml: string) => {
    const made = object('v1', 'Pod', yaml);
    return { ...made, metadata: { ...made.metadata, name, uid: name } };
  };

  test('and has failed when one is hopeless, however the others fare', () => {
    const pods = [
      pod('a', '{status: {phase: Pending, conditions: [{type: PodScheduled, status: "False", message: no room}]}}'),
      pod(
        'b',
        '{status: {phase: Pending, containerStatuses: [{name: c, image: "x:2", state: {waiting: {reason: InvalidImageName, message: bad name}}}]}}',
      ),
    ];
    expect(verdict(deployment, { pods })).toBe('Failed: 0 of 2 replicas available; Pod b: container c: bad name');
    expect(verdict(deployment, { pods: [pods[0]!] })).toBe('InProgress: 0 of 2 replicas available; Pod a: no room');
  });

  test('with the reason of the last attempt while a pull backs off', () => {
    const backOff =
      '{status: {phase: Pending, containerStatuses: [{name: c, image: "x:2", state: {waiting: {reason: ImagePullBackOff, message: Back-off pulling image}}}]}}';
    const events = [
      object(
        'v1',
        'Event',
        '{type: Warning, reason: Failed, message: "Failed to pull image \\"x:2\\": rpc error: code = NotFound desc = x:2: not found", involvedObject: {uid: a}}',
      ),
    ];
    expect(verdict(deployment, { pods: [pod('a', backOff)], events })).toBe(
      'Failed: 0 of 2 replicas available; Pod a: container c cannot pull image "x:2": x:2: not found',
    );
  });

  test('with the probe that fails, and with what refuses its Pods', () => {
    const running = pod('a', '{status: {phase: Running, conditions: [{type: Ready, status: "False"}]}}');
    const unhealthy = object(
      'v1',
      'Event',
      '{type: Warning, reason: Unhealthy, message: "Readiness probe failed: HTTP 503", involvedObject: {uid: a}}',
    );
    expect(verdict(deployment, { pods: [running], events: [unhealthy] })).toBe(
      'InProgress: 0 of 2 replicas available; Pod a: Readiness probe failed: HTTP 503',
    );
    const refused = object(
      'v1',
      'Event',
      '{type: Warning, reason: FailedCreate, message: exceeded quota, involvedObject: {uid: d}}',
    );
    expect(verdict(deployment, { pods: [], events: [refused] })).toBe(
      'InProgress: 0 of 2 replicas available; exceeded quota',
    );
  });
});

test('a namespace says what keeps it from going', () => {
  const stuck = object(
    'v1',
    'Namespace',
    `status: {phase: Terminating, conditions: [
      {type: NamespaceDeletionDiscoveryFailure, status: "False", message: fine},
      {type: NamespaceFinalizersRemaining, status: "True", message: "Some content has finalizers remaining: x in 1 resource instances"}]}`,
  );
  expect(namespaceBlockers(stuck)).toEqual(['Some content has finalizers remaining: x in 1 resource instances']);
});

test.each([
  ['apps/v1', 'Deployment', true],
  ['policy/v1', 'PodDisruptionBudget', true],
  ['v1', 'ConfigMap', false],
  ['rbac.authorization.k8s.io/v1', 'Role', false],
  ['cert-manager.io/v1', 'Certificate', true],
  ['gateway.networking.k8s.io/v1', 'Gateway', true],
])('%s %s is worth waiting for: %s', (apiVersion, kind, expected) => {
  expect(isWorthWaitingFor(object(apiVersion, kind, '{}'))).toBe(expected);
});
