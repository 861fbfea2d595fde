import { randomBytes } from 'node:crypto';
import type { KubernetesObject } from '../../lib/kubernetes/object';
import { configMap, deployment, setStage } from './stage';

const settings = (color: string) => configMap('settings', { color });
const secret = (data: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'login', namespace: 'default' },
  stringData: data,
});

test('a rollback brings back what changed, what was deleted, and takes away what was new', async () => {
  const stage = setStage();
  await stage.apply([settings('blue'), configMap('old')]);
  await stage.apply([settings('red'), configMap('new')]);
  stage.said();
  expect((await stage.rollback()).outcome).toBe('succeeded');
  expect(stage.said().filter((line) => !line.includes('is Current'))).toEqual([
    'configmap/old created',
    'configmap/settings updated',
    'configmap/new deleted',
    'succeeded',
  ]);
  expect(stage.client.get('configmaps', 'default', 'settings').data).toEqual({ color: 'blue' });
  expect(await stage.revisions()).toEqual([1, 2, 3]);
  await stage.rollback(2);
  expect(stage.client.get('configmaps', 'default', 'settings').data).toEqual({ color: 'red' });
});

test('a revision is made by a change that succeeded, and by no other', async () => {
  const stage = setStage();
  await stage.apply([settings('blue')]);
  await stage.apply([settings('blue')]);
  stage.cluster.kubelets!.images.fail('nginx');
  await stage.apply([settings('red'), deployment('web')]);
  expect(await stage.revisions()).toEqual([1]);
});

test('ten revisions are kept', async () => {
  const stage = setStage();
  for (let round = 1; round <= 12; round++) await stage.apply([settings(String(round))]);
  expect(await stage.revisions()).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  await stage.rollback(3);
  expect(stage.client.get('configmaps', 'default', 'settings').data).toEqual({ color: '3' });
  await stage.destroy();
  expect(stage.client.list('secrets', { namespace: 'default' })).toEqual([]);
});

test('a record that is too large for one Secret takes several', async () => {
  const stage = setStage();
  // Random text, which compresses to half of its size.
  const large = ['a', 'b', 'c'].map((name) => configMap(name, { text: randomBytes(260_000).toString('hex') }));
  await stage.apply([settings('blue'), ...large]);
  await stage.apply([settings('red')]);
  expect(stage.client.list('secrets', { namespace: 'default' }).map(({ metadata }) => metadata.name)).toEqual([
    'drydock.shop.v1',
    'drydock.shop.v1.1',
    'drydock.shop.v2',
  ]);
  await stage.rollback();
  expect(stage.client.get('configmaps', 'default', 'c').data).toEqual(large[2]!.data);
}, 20_000);

describe('values of secrets', () => {
  test('are not in the record, and stay as they are', async () => {
    const stage = setStage();
    await stage.apply([settings('blue'), secret({ password: 'one' })]);
    await stage.apply([settings('red'), secret({ password: 'two' })]);
    stage.said();
    await stage.rollback();
    expect(stage.said()[0]).toBe(
      'warning: secret/login keeps its present values: revisions do not record those of Secrets',
    );
    const { data } = stage.client.get('secrets', 'default', 'login');
    expect(Buffer.from(data.password, 'base64').toString()).toBe('two');
    expect(stage.client.get('configmaps', 'default', 'settings').data).toEqual({ color: 'blue' });
  });

  test('that are gone cannot be brought back, and nothing is touched', async () => {
    const stage = setStage();
    await stage.apply([settings('blue'), secret({ password: 'one' })]);
    await stage.apply([settings('red')]);
    await expect(stage.rollback()).rejects.toThrow('secret/login had the keys password then');
    expect(stage.client.get('configmaps', 'default', 'settings').data).toEqual({ color: 'red' });
  });
});

test('there is nothing to go back to at first', async () => {
  const stage = setStage();
  await stage.apply([settings('blue')]);
  await expect(stage.rollback()).rejects.toThrow('shop has 1 revisions: there is none before the last.');
  await expect(stage.rollback(7)).rejects.toThrow('There is no revision 7 of shop.');
});
