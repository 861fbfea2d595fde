import type { KubernetesObject } from '../../../../lib/kubernetes/object';
import { deploymentController } from '../../../../lib/simulator/cluster/controllers/deployment/deployment';
import { replicaSetController } from '../../../../lib/simulator/cluster/controllers/replicaset';
import { type Story, type StoryOptions, startStory, template, updateSpec } from '../../../helpers/story';

const labels = { app: 'web' };
const deployment = (replicas: number, image: string, spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    selector: { matchLabels: labels },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    template: template(labels, image),
    ...spec,
  },
});

const start = (options: StoryOptions = {}) =>
  startStory({ controllers: [deploymentController, replicaSetController], ...options });
const get = ({ client }: Story) => client.get('deployments.apps', 'default', 'web');
const setImage = ({ client }: Story, image: string) =>
  updateSpec(client, 'deployments.apps', 'web', { template: template(labels, image) });
const scaleTo = ({ client }: Story, replicas: number) => updateSpec(client, 'deployments.apps', 'web', { replicas });
const byImage = ({ client }: Story, image: string) =>
  client.list('replicasets.apps').find((replicaSet) => replicaSet.spec.template.spec.containers[0].image === image)!;
const condition = (object: KubernetesObject, type: string) =>
  object.status.conditions.find((each: { type: string }) => each.type === type);
/** `[spec.replicas of old, of new]`. */
const sizes = (story: Story, ...images: string[]) => images.map((image) => byImage(story, image).spec.replicas);

describe('Deployment', () => {
  test('makes a ReplicaSet that carries hash, revision and sizes', () => {
    const story = start();
    story.client.create('deployments.apps', deployment(3, 'nginx:1'));
    story.settle();
    const replicaSet = byImage(story, 'nginx:1');
    const hash = replicaSet.metadata.labels!['pod-template-hash'];
    expect(replicaSet.metadata).toMatchObject({
      name: `web-${hash}`,
      labels: { app: 'web', 'pod-template-hash': hash },
      annotations: {
        'deployment.kubernetes.io/revision': '1',
        'deployment.kubernetes.io/desired-replicas': '3',
        'deployment.kubernetes.io/max-replicas': '4',
      },
    });
    expect(replicaSet.spec.selector).toEqual({ matchLabels: { app: 'web', 'pod-template-hash': hash } });
    expect(get(story).metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' });
    expect(get(story).status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
    });
    expect(condition(get(story), 'Available')).toMatchObject({
      status: 'True',
      reason: 'MinimumReplicasAvailable',
      message: 'Deployment has minimum availability.',
    });
    expect(condition(get(story), 'Progressing')).toMatchObject({
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `ReplicaSet "web-${hash}" has successfully progressed.`,
    });
    expect(story.eventsOf('Deployment', 'web')).toEqual([
      `Normal ScalingReplicaSet Scaled up replica set web-${hash} from 0 to 3`,
    ]);
  });

  test('rolls 10 replicas as the real one does: 0->3 new, 10->8 old, 3->5 new, old again', () => {
    const story = start();
    story.client.create('deployments.apps', deployment(10, 'nginx:1'));
    story.settle();
    setImage(story, 'nginx:2');
    const available: number[] = [];
    const wanted: number[] = [];
    story.cluster.simulation.until(() => {
      available.push(story.pods().filter((pod) => pod.status?.conditions?.some(isReady)).length);
      wanted.push(story.pods().length);
      return byImage(story, 'nginx:2')?.status?.availableReplicas === 10;
    });
    story.settle();
    expect([Math.min(...available), Math.max(...wanted)]).toEqual([8, 13]);
    const [oldName, newName] = ['nginx:1', 'nginx:2'].map((image) => byImage(story, image).metadata.name!);
    const steps = story
      .eventsOf('Deployment', 'web')
      .slice(1)
      .map((event) =>
        event
          .replace(oldName!, 'old')
          .replace(newName!, 'new')
          .replace(/^.*replica set /, ''),
      );
    expect(steps.slice(0, 3)).toEqual(['new from 0 to 3', 'old from 10 to 8', 'new from 3 to 5']);
    expect(steps[3]).toMatch(/^old from 8 to/);
    expect(sizes(story, 'nginx:1', 'nginx:2')).toEqual([0, 10]);
    expect(get(story).metadata.annotations!['deployment.kubernetes.io/revision']).toBe('2');
  });

  test('stops at 8 old and 5 new when the new image does not start, and says so after the deadline', () => {
    const story = start();
    story.client.create('deployments.apps', deployment(10, 'nginx:1'));
    story.settle();
    setImage(story, 'bad:1');
    story.cluster.simulation.advance('1m');
    expect(sizes(story, 'nginx:1', 'bad:1')).toEqual([8, 5]);
    expect(condition(get(story), 'Available').status).toBe('True');
    expect(condition(get(story), 'Progressing')).toMatchObject({ status: 'True', reason: 'ReplicaSetUpdated' });
    story.cluster.simulation.advance('10m');
    expect(condition(get(story), 'Progressing')).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: `ReplicaSet "${byImage(story, 'bad:1').metadata.name}" has timed out progressing.`,
    });
  });

  test('scaled in the middle of a rollout, it grows in proportion: 8 + 5 become 15 + 10', () => {
    const story = start();
    story.client.create('deployments.apps', deployment(10, 'nginx:1'));
    story.settle();
    setImage(story, 'bad:1');
    story.cluster.simulation.advance('1m');
    scaleTo(story, 20);
    story.cluster.simulation.advance('1s');
    expect(sizes(story, 'nginx:1', 'bad:1')).toEqual([15, 10]);
    expect(byImage(story, 'nginx:1').metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/desired-replicas': '20',
      'deployment.kubernetes.io/max-replicas': '25',
    });
  });

  test('undo is a patch of the old template: its ReplicaSet comes back with the next revision', () => {
    const story = start();
    story.client.create('deployments.apps', deployment(3, 'nginx:1.10'));
    story.settle();
    setImage(story, 'nginx:1.11');
    story.settle();
    expect(sizes(story, 'nginx:1.10', 'nginx:1.11')).toEqual([0, 3]);
    setImage(story, 'nginx:1.10');
    story.settle();
    expect(story.client.list('replicasets.apps')).toHaveLength(2);
    expect(byImage(story, 'nginx:1.10').metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
    });
    expect(get(story).metadata.annotations!['deployment.kubernetes.io/revision']).toBe('3');
  });

  test('keeps as many old ReplicaSets as revisionHistoryLimit says', () => {
    const story = start();
    story.client.create('deployments.apps', deployment(1, 'nginx:1', { revisionHistoryLimit: 2 }));
    story.settle();
    for (const tag of [2, 3, 4, 5]) {
      setImage(story, `nginx:${tag}`);
      story.settle();
    }
    const images = story.client
      .list('replicasets.apps')
      .map((replicaSet) => replicaSet.spec.template.spec.containers[0].image);
    expect(images.sort()).toEqual(['nginx:3', 'nginx:4', 'nginx:5']);
  });

  test('a paused Deployment scales but does not roll out', () => {
    const story = start();
    story.client.create('deployments.apps', deployment(2, 'nginx:1'));
    story.settle();
    updateSpec(story.client, 'deployments.apps', 'web', { paused: true, template: template(labels, 'nginx:2') });
    story.settle();
    expect(byImage(story, 'nginx:2')).toBeUndefined();
    expect(condition(get(story), 'Progressing')).toMatchObject({
      status: 'Unknown',
      reason: 'DeploymentPaused',
      message: 'Deployment is paused',
    });
    scaleTo(story, 4);
    story.settle();
    expect(story.pods()).toHaveLength(4);
    updateSpec(story.client, 'deployments.apps', 'web', { paused: false });
    story.settle();
    expect(sizes(story, 'nginx:1', 'nginx:2')).toEqual([0, 4]);
  });

  test('Recreate has no new pod before the last old one is gone', () => {
    const story = start({ stopMs: 20_000 });
    story.client.create('deployments.apps', deployment(3, 'nginx:1', { strategy: { type: 'Recreate' } }));
    story.settle();
    setImage(story, 'nginx:2');
    story.settle();
    const log = story.cluster.store
      .eventsAfter('pods', 0)!
      .filter(({ type }) => type !== 'MODIFIED')
      .map(({ type, object }) => `${type} ${object.spec.containers[0].image}`);
    expect(log).toEqual(['ADDED nginx:1', 'DELETED nginx:1', 'ADDED nginx:2'].flatMap((line) => [line, line, line]));
  });

  test('the same seed gives the same history, byte for byte', () => {
    const history = (seed: number) => {
      const story = start({ seed });
      story.client.create('deployments.apps', deployment(10, 'nginx:1'));
      story.settle();
      setImage(story, 'nginx:2');
      story.settle();
      return ['events', 'pods', 'replicasets.apps', 'deployments.apps']
        .flatMap((collection) => story.cluster.store.eventsAfter(collection, 0)!)
        .sort((a, b) => a.revision - b.revision)
        .map((event) => JSON.stringify([event.revision, event.type, event.object]))
        .join('\n');
    };
    expect(history(7)).toBe(history(7));
    expect(history(7)).not.toBe(history(8));
  });
});

const isReady = (each: { type: string; status: string }) => each.type === 'Ready' && each.status === 'True';
