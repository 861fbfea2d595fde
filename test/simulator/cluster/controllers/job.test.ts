import type { KubernetesObject } from '../../../../lib/kubernetes/object';
import { garbageCollector } from '../../../../lib/simulator/cluster/controllers/garbage-collector';
import { jobController } from '../../../../lib/simulator/cluster/controllers/job';
import { formatIndexes, indexOf, parseIndexes } from '../../../../lib/simulator/cluster/controllers/job-indexes';
import { startStory, template, updateSpec } from '../../../helpers/story';

const JOBS = 'jobs.batch';
const job = (spec: object = {}, podSpec: object = {}) => {
  const pod = template({ app: 'work' });
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'work', namespace: 'default' },
    spec: { template: { ...pod, spec: { ...pod.spec, restartPolicy: 'Never', ...podSpec } }, ...spec },
  };
};

function start(finish: (pod: KubernetesObject) => 'Succeeded' | 'Failed' | undefined = () => 'Succeeded') {
  const story = startStory({
    controllers: [jobController, garbageCollector],
    finish: (pod) => {
      const phase = finish(pod);
      return phase && { phase, runMs: 5_000 };
    },
  });
  const get = () => story.client.get(JOBS, 'default', 'work');
  const conditions = () =>
    (get().status.conditions ?? []).map((each: any) => `${each.type} ${each.status} ${each.reason}: ${each.message}`);
  return { ...story, get, conditions };
}

describe('Job', () => {
  test('runs so many pods at a time until so many succeeded', () => {
    const { client, cluster, pods, get, conditions, eventsOf, settle } = start();
    client.create(JOBS, job({ completions: 5, parallelism: 2 }));
    cluster.simulation.advance('2s');
    expect(pods()).toHaveLength(2);
    expect(pods()[0]!.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking']);
    settle();
    expect(get().status).toMatchObject({ succeeded: 5, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
    expect(get().status.completionTime).toBeDefined();
    expect(get().status.active).toBeUndefined();
    expect(conditions()).toEqual([
      'SuccessCriteriaMet True CompletionsReached: Reached expected number of succeeded pods',
      'Complete True CompletionsReached: Reached expected number of succeeded pods',
    ]);
    expect(pods().every((pod) => pod.metadata.finalizers === undefined)).toBe(true);
    expect(eventsOf('Job', 'work').at(-1)).toBe('Normal Completed Job completed');
  });

  test('with backoffLimitPerIndex an index that fails keeps no other one waiting', () => {
    const { client, cluster, get } = start((pod) => (indexOf(pod) === 0 ? 'Failed' : 'Succeeded'));
    const spec = { completions: 4, parallelism: 2, completionMode: 'Indexed', backoffLimitPerIndex: 2 };
    client.create(JOBS, job(spec));
    const startsOf = (index: number) =>
      [...cluster.store.list('pods')]
        .filter((pod) => indexOf(pod) === index)
        .map((pod) => Date.parse(pod.metadata.creationTimestamp!) / 1000)
        .sort();
    cluster.simulation.advance('2m');
    const [first, second, third] = startsOf(0);
    // Each runs for 5 seconds; then 10 and 20 seconds of back-off.
    expect(second! - first!).toBeGreaterThanOrEqual(15);
    expect(third! - second!).toBeGreaterThanOrEqual(25);
    expect(Math.max(...startsOf(3)) - first!).toBeLessThan(second! - first!);
    expect(get().status).toMatchObject({ succeeded: 3, failedIndexes: '0', completedIndexes: '1-3' });
  });

  test('gives up after backoffLimit failures, each tried later than the one before', () => {
    const { client, cluster, get, conditions, settle } = start(() => 'Failed');
    client.create(JOBS, job({ backoffLimit: 2 }));
    settle();
    expect(get().status.failed).toBe(3);
    expect(conditions()).toEqual([
      'FailureTarget True BackoffLimitExceeded: Job has reached the specified backoff limit',
      'Failed True BackoffLimitExceeded: Job has reached the specified backoff limit',
    ]);
    const created = [...cluster.store.list('pods')].map((pod) => Date.parse(pod.metadata.creationTimestamp!) / 1000);
    // Each runs for 6 s, then 10 s and 20 s pass.
    expect(created.map((time) => time - created[0]!)).toEqual([0, 16, 42]);
  });

  test('is stopped at its deadline', () => {
    const { client, pods, get, conditions, settle } = start(() => undefined);
    client.create(JOBS, job({ activeDeadlineSeconds: 30, parallelism: 2, completions: 2 }));
    settle();
    expect(pods()).toEqual([]);
    expect(get().status.failed).toBe(2);
    expect(conditions().at(-1)).toBe('Failed True DeadlineExceeded: Job was active longer than specified deadline');
  });

  test('Indexed: every number once, in name, label, annotation and environment', () => {
    const { client, pods, get, settle } = start();
    client.create(JOBS, job({ completions: 4, parallelism: 2, completionMode: 'Indexed' }));
    settle();
    expect(get().status).toMatchObject({ succeeded: 4, completedIndexes: '0-3' });
    const pod = pods().find((each) => indexOf(each) === 2)!;
    expect(pod.metadata.name).toMatch(/^work-2-[a-z0-9]{5}$/);
    expect(pod.metadata.labels!['batch.kubernetes.io/job-completion-index']).toBe('2');
    expect(pod.spec.hostname).toBe('work-2');
    expect(pod.spec.containers[0].env[0].name).toBe('JOB_COMPLETION_INDEX');
  });

  test('backoffLimitPerIndex: one bad index does not stop the others', () => {
    const { client, get, conditions, settle } = start((pod) => (indexOf(pod) === 1 ? 'Failed' : 'Succeeded'));
    client.create(JOBS, job({ completions: 3, parallelism: 3, completionMode: 'Indexed', backoffLimitPerIndex: 1 }));
    settle();
    expect(get().status).toMatchObject({ succeeded: 2, failed: 2, completedIndexes: '0,2', failedIndexes: '1' });
    expect(conditions().at(-1)).toBe('Failed True FailedIndexes: Job has failed indexes');
  });

  test('a pod failure policy ends the Job at an exit code', () => {
    const { client, conditions, pods, settle } = start(() => 'Failed');
    const podFailurePolicy = { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }] };
    client.create(JOBS, job({ podFailurePolicy }));
    settle();
    const [pod] = pods();
    expect(conditions().at(-1)).toBe(
      `Failed True PodFailurePolicy: Container main for pod default/${pod!.metadata.name} failed with exit code 1 ` +
        'matching FailJob rule at index 0',
    );
  });

  test('a success policy ends it before all are done', () => {
    const { client, conditions, pods, settle } = start((pod) => (indexOf(pod) === 0 ? 'Succeeded' : undefined));
    const successPolicy = { rules: [{ succeededIndexes: '0' }] };
    client.create(JOBS, job({ completions: 3, parallelism: 3, completionMode: 'Indexed', successPolicy }));
    settle();
    expect(conditions()).toEqual([
      'SuccessCriteriaMet True SuccessPolicy: Matched rules at index 0',
      'Complete True SuccessPolicy: Matched rules at index 0',
    ]);
    expect(pods().map(indexOf)).toEqual([0]);
  });

  test('suspended it has no pods; resumed it starts its clock anew', () => {
    const { client, cluster, pods, get, conditions, settle } = start();
    client.create(JOBS, job({ suspend: true }));
    settle();
    expect(pods()).toEqual([]);
    expect(conditions()).toEqual(['Suspended True JobSuspended: Job suspended']);
    expect(get().status.startTime).toBeUndefined();
    cluster.simulation.advance('1h');
    updateSpec(client, JOBS, 'work', { suspend: false });
    settle();
    expect(conditions()[0]).toBe('Suspended False JobResumed: Job resumed');
    expect(get().status.startTime).toBe('2026-01-01T01:00:00Z');
    expect(get().status.succeeded).toBe(1);
  });

  test('deleted in the background it takes its pods along, finalizers and all', () => {
    const { client, cluster, settle } = start(() => undefined);
    client.create(JOBS, job({ parallelism: 2, completions: 2 }));
    cluster.simulation.advance('3s');
    client.delete(JOBS, 'default', 'work', { propagationPolicy: 'Background' });
    settle();
    expect(cluster.store.count('pods')).toBe(0);
  });
});

describe('sets of indexes', () => {
  test.each([
    ['0,2-4', [0, 2, 3, 4]],
    ['1,2', [1, 2]],
    ['', []],
  ])('%s', (text, indexes) => {
    expect([...parseIndexes(text, 10)]).toEqual(indexes);
    expect(formatIndexes(new Set(indexes))).toBe(text);
  });
});
