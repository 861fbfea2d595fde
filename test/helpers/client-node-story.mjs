/**
 * What a program with @kubernetes/client-node does with a cluster: list, watch, create, patch, delete. It is an ES module, which
 * Jest cannot load, so it runs as a process of its own: `node client-node-story.mjs KUBECONFIG`, one line of JSON for each step.
 */
import { CoreV1Api, KubeConfig, PatchStrategy, setHeaderOptions, Watch } from '@kubernetes/client-node';

const config = new KubeConfig();
config.loadFromFile(process.argv[2]);
const api = config.makeApiClient(CoreV1Api);
const tell = (step, value) => process.stdout.write(`${JSON.stringify({ step, value })}\n`);

const { items } = await api.listNode();
tell('nodes', items.length);

let seen = () => {};
const modified = new Promise((resolve) => {
  seen = resolve;
});
const events = [];
const watch = await new Watch(config).watch(
  '/api/v1/namespaces/default/configmaps',
  { fieldSelector: 'metadata.name=story' },
  (type, object) => {
    events.push(`${type} ${object.data.chapter}`);
    if (type === 'MODIFIED') seen();
  },
  () => {},
);
const body = { metadata: { name: 'story' }, data: { chapter: 'one' } };
const created = await api.createNamespacedConfigMap({ namespace: 'default', body });
tell('created', created.metadata.name);
const patched = await api.patchNamespacedConfigMap(
  { namespace: 'default', name: 'story', body: { data: { chapter: 'two' } } },
  setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
);
tell('patched', patched.data);
await modified;
tell('watched', events);
watch.abort();
await api.deleteNamespacedConfigMap({ namespace: 'default', name: 'story' });
await api.readNamespacedConfigMap({ namespace: 'default', name: 'story' }).then(
  () => tell('read', 'still there'),
  (error) => tell('read', error.code),
);
