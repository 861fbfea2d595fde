import { namespaceController } from '../../../../lib/simulator/cluster/controllers/namespace';
import { rootCaPublisher } from '../../../../lib/simulator/cluster/controllers/root-ca-publisher';
import { serviceAccountController } from '../../../../lib/simulator/cluster/controllers/serviceaccount';
import { startStory, template } from '../../../helpers/story';

const start = () =>
  startStory({ controllers: [namespaceController, serviceAccountController, rootCaPublisher], stopMs: 5_000 });
const shop = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'shop' } };

describe('a namespace', () => {
  test('gets its default service account and the root certificate, and gets them back', () => {
    const { client, settle } = start();
    client.create('namespaces', shop);
    settle();
    expect(client.get('serviceaccounts', 'shop', 'default')).toBeDefined();
    expect(Object.keys(client.get('configmaps', 'shop', 'kube-root-ca.crt').data)).toEqual(['ca.crt']);
    client.delete('serviceaccounts', 'shop', 'default');
    client.delete('configmaps', 'shop', 'kube-root-ca.crt');
    settle();
    expect(client.get('serviceaccounts', 'shop', 'default')).toBeDefined();
    expect(client.get('configmaps', 'shop', 'kube-root-ca.crt')).toBeDefined();
  });

  test('takes everything in it along', () => {
    const { client, cluster, settle } = start();
    client.create('namespaces', shop);
    client.create('configmaps', configMap);
    // A Pod needs the service account that a controller makes.
    settle();
    client.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'shop' },
      spec: template({}).spec,
    });
    settle();
    client.delete('namespaces', undefined, 'shop');
    settle();
    expect(client.tryGet('namespaces', undefined, 'shop')).toBeUndefined();
    const left = ['pods', 'configmaps', 'serviceaccounts', 'events'].flatMap((collection) => [
      ...cluster.store.list(collection, 'shop'),
    ]);
    expect(left).toEqual([]);
  });

  test('waits for an object with a finalizer and says what it waits for', () => {
    const { client, cluster, settle } = start();
    client.create('namespaces', shop);
    client.create('configmaps', { ...configMap, metadata: { ...configMap.metadata, finalizers: ['example.com/f'] } });
    settle();
    client.delete('namespaces', undefined, 'shop');
    cluster.simulation.advance('30s');
    const conditions = client.get('namespaces', undefined, 'shop').status.conditions;
    const texts = conditions.map(
      (each: Record<string, string>) => `${each.type} ${each.status} ${each.reason}: ${each.message}`,
    );
    expect(texts).toEqual([
      'NamespaceDeletionDiscoveryFailure False ResourcesDiscovered: All resources successfully discovered',
      'NamespaceDeletionGroupVersionParsingFailure False ParsedGroupVersions: All legacy kube types successfully parsed',
      'NamespaceDeletionContentFailure False ContentDeleted: All content successfully deleted, may be waiting on finalization',
      'NamespaceContentRemaining True SomeResourcesRemain: Some resources are remaining: configmaps. has 1 resource instances',
      'NamespaceFinalizersRemaining True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: ' +
        'example.com/f in 1 resource instances',
    ]);
    const held = client.get('configmaps', 'shop', 'settings');
    client.update('configmaps', { ...held, metadata: { ...held.metadata, finalizers: [] } });
    cluster.simulation.advance('30s');
    expect(client.tryGet('namespaces', undefined, 'shop')).toBeUndefined();
  });
});
