import { ApiServer } from '../../../../../lib/simulator/cluster/api-server/api-server';
import { Store } from '../../../../../lib/simulator/cluster/store';
import { Simulation } from '../../../../../lib/simulator/simulation';

const pod = (name: string, resources?: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'c', image: 'x', ...(resources ? { resources } : {}) }] },
});

test('a quota takes what fits and counts it', () => {
  const client = new ApiServer(new Simulation({}), new Store()).clientFor('system:test');
  const hard = { pods: '5', 'requests.cpu': '1' };
  const quota = client.create('resourcequotas', {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'default' },
    spec: { hard },
  });
  client.updateStatus('resourcequotas', { ...quota, status: { hard, used: { pods: '0', 'requests.cpu': '0' } } });
  expect(() => client.create('pods', pod('silent'))).toThrow(
    'pods "silent" is forbidden: failed quota: q: must specify requests.cpu for: c',
  );
  client.create('pods', pod('a', { requests: { cpu: '600m' } }));
  expect(client.get('resourcequotas', 'default', 'q').status.used).toEqual({ pods: '1', 'requests.cpu': '600m' });
  expect(() => client.create('pods', pod('b', { requests: { cpu: '600m' } }))).toThrow(
    'exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1',
  );
});

test('a limit range fills in defaults and refuses what is too much', () => {
  const client = new ApiServer(new Simulation({}), new Store()).clientFor('system:test');
  client.create('limitranges', {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'l', namespace: 'default' },
    spec: {
      limits: [{ type: 'Container', default: { cpu: '500m' }, defaultRequest: { cpu: '100m' }, max: { cpu: '2' } }],
    },
  });
  const created: any = client.create('pods', pod('a'));
  expect(created.spec.containers[0].resources).toEqual({ limits: { cpu: '500m' }, requests: { cpu: '100m' } });
  expect(created.metadata.annotations['kubernetes.io/limit-ranger']).toBe(
    'LimitRanger plugin set: cpu request for container c; cpu limit for container c',
  );
  expect(() => client.create('pods', pod('b', { limits: { cpu: '4' } }))).toThrow(
    'pods "b" is forbidden: maximum cpu usage per Container is 2, but limit is 4',
  );
});
