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

/** A quota that its controller has counted. */
function addQuota(client: ReturnType<ApiServer['clientFor']>, hard: Record<string, string>) {
  const quota = client.create('resourcequotas', {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'default' },
    spec: { hard },
  });
  const used = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']));
  client.updateStatus('resourcequotas', { ...quota, status: { hard, used } });
  return () => client.get('resourcequotas', 'default', 'q').status.used;
}

test('what an object uses more after an update is charged, what it uses less is given back', () => {
  const client = new ApiServer(new Simulation({}), new Store()).clientFor('system:test');
  const used = addQuota(client, { services: '3', 'services.loadbalancers': '1', 'services.nodeports': '3' });
  const service = (name: string) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { selector: { app: 'x' }, ports: [{ port: 80 }] },
  });
  const change = (name: string, type: string) => client.patch('services', 'default', name, 'merge', { spec: { type } });
  client.create('services', service('a'));
  client.create('services', service('b'));
  change('a', 'LoadBalancer');
  expect(used()).toEqual({ services: '2', 'services.loadbalancers': '1', 'services.nodeports': '1' });
  expect(() => change('b', 'LoadBalancer')).toThrow(
    'services "b" is forbidden: exceeded quota: q, requested: services.loadbalancers=1, used: services.loadbalancers=1, limited: services.loadbalancers=1',
  );
  change('a', 'NodePort');
  change('b', 'LoadBalancer');
  expect(used()).toEqual({ services: '2', 'services.loadbalancers': '1', 'services.nodeports': '2' });
});

test('a pod that is resized needs room in the quota', () => {
  const client = new ApiServer(new Simulation({}), new Store()).clientFor('system:test');
  const used = addQuota(client, { 'requests.cpu': '1' });
  client.create('pods', pod('a', { requests: { cpu: '600m' } }));
  const resize = (cpu: string) => {
    const containers = [{ name: 'c', resources: { requests: { cpu } } }];
    return client.patch('pods', 'default', 'a', 'strategic', { spec: { containers } }, { subresource: 'resize' });
  };
  resize('900m');
  expect(used()).toEqual({ 'requests.cpu': '900m' });
  expect(() => resize('1100m')).toThrow(
    'pods "a" is forbidden: exceeded quota: q, requested: requests.cpu=200m, used: requests.cpu=900m, limited: requests.cpu=1',
  );
});

test('a quota that nobody has counted admits nothing that it counts', () => {
  const client = new ApiServer(new Simulation({}), new Store()).clientFor('system:test');
  const hard = { configmaps: '1' };
  const quota = client.create('resourcequotas', {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'default' },
    spec: { hard },
  });
  client.updateStatus('resourcequotas', { ...quota, status: { hard } });
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } };
  expect(() => client.create('configmaps', configMap)).toThrow(
    'configmaps "a" is forbidden: status unknown for quota: q, resources: configmaps',
  );
});
