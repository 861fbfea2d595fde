import { configMap, deployment, namespace, setStage } from './stage';

test('what is new is created, waited for, and not touched again', async () => {
  const stage = setStage();
  const objects = [deployment('web', {}, 'shop'), configMap('settings', { color: 'blue' }, 'shop'), namespace('shop')];
  expect(await stage.plan(objects)).toMatchInlineSnapshot(`
"3 to create
+ namespace/shop               not in the cluster
+ configmap/settings -n shop   not in the cluster
+ deployment.apps/web -n shop  not in the cluster"
`);
  const result = await stage.apply(objects);
  const narrated = stage.narrated();
  expect(narrated).toContain('deployment.apps/web InProgress: 1 of 2 replicas available');
  expect(narrated.filter((line) => !line.includes(' InProgress: '))).toEqual([
    'namespace/shop created',
    'namespace/shop is Current: active',
    'configmap/settings created',
    'configmap/settings is Current: there',
    'deployment.apps/web created',
    'deployment.apps/web is Current: 2 of 2 replicas available',
    'succeeded',
  ]);
  expect(result.outcome).toBe('succeeded');
  expect(await stage.plan(objects)).toMatchInlineSnapshot(`
"3 unchanged
= namespace/shop               as asked for
= configmap/settings -n shop   as asked for
= deployment.apps/web -n shop  as asked for"
`);
});
