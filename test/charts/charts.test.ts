/** The Kubernetes halves of the stacks: valid at synth, and admitted by a cluster. */
import { ClusterAutoscaler, Karpenter, LoadBalancing, StorageClasses } from '../../lib/charts';
import { App, validate } from '../../lib/manifests';
import { startCluster } from '../../lib/testing';

const find = (app: App, kind: string, name: string): any =>
  app.synth().find((object) => object.kind === kind && object.metadata.name === name);

test('claims get encrypted disks by default, and shared directories where there is a file system', () => {
  const app = new App();
  new StorageClasses(app, 'storage', { fileSystemId: 'fs-0123456789abcdef0' });
  expect(validate(app)).toEqual([]);
  expect(find(app, 'StorageClass', 'gp3').parameters).toEqual({ type: 'gp3', encrypted: 'true' });
  expect(find(app, 'StorageClass', 'efs').parameters.fileSystemId).toBe('fs-0123456789abcdef0');
});

test('a target group of a stack is bound to a Service', () => {
  const app = new App();
  const targetGroup = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop/0123456789abcdef';
  new LoadBalancing(app, 'load-balancing', {
    bindings: { shop: { targetGroup, namespace: 'shop', service: 'web', port: 80 } },
  });
  expect(find(app, 'TargetGroupBinding', 'shop')).toMatchObject({
    metadata: { namespace: 'shop' },
    spec: { serviceRef: { name: 'web', port: 80 }, targetGroupARN: targetGroup },
  });
});

test('Karpenter has a pool with a limit, and a class that hardens its instances', () => {
  const app = new App();
  new Karpenter(app, 'karpenter', { clusterName: 'dev', nodeRole: 'dev-nodes', limits: { cpu: '200' } });
  expect(find(app, 'NodePool', 'default').spec.limits).toEqual({ cpu: '200' });
  expect(find(app, 'EC2NodeClass', 'default').spec.metadataOptions.httpTokens).toBe('required');
});

test('the cluster autoscaler passes every check and becomes ready in a cluster', () => {
  const app = new App();
  new ClusterAutoscaler(app, 'autoscaler', { clusterName: 'dev', region: 'eu-west-1' });
  expect(validate(app)).toEqual([]);
  const cluster = startCluster({ nodes: 1 });
  cluster.apply(app);
  cluster.untilReady('2m');
  const [pod] = cluster.list('Pod', { namespace: 'kube-system', labels: 'app.kubernetes.io/name=cluster-autoscaler' });
  expect(pod!.spec.serviceAccountName).toBe('cluster-autoscaler');
});
