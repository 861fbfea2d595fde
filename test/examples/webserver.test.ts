import { App, Deployment, Service } from 'eks-drydock/manifests';
import { startCluster } from 'eks-drydock/testing';

function webserver(): App {
  const app = new App();
  const labels = { app: 'webserver' };
  new Deployment(app, 'webserver', {
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: 'webserver',
              image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
              args: ['serve-hostname', '--port=8080'],
              ports: [{ containerPort: 8080 }],
            },
          ],
        },
      },
    },
  });
  new Service(app, 'webserver', { spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] } });
  return app;
}

test('the web servers share the traffic, and survive the loss of a Pod', () => {
  const cluster = startCluster({ nodes: 3 });
  cluster.apply(webserver());
  cluster.untilReady('2m');

  const answers = new Set(Array.from({ length: 30 }, () => cluster.request('http://webserver').body));
  expect(answers.size).toBe(3);

  const [pod] = cluster.list('Pod', { labels: 'app=webserver' });
  cluster.delete('Pod', pod!.metadata.name!);
  cluster.advance('1m');
  expect(cluster.get('Deployment', 'webserver')).toBeReady();
  expect(cluster).toHaveEvent({ about: `Pod/${pod!.metadata.name}`, reason: 'Killing' });
});

test('a rollout to an image that does not exist stops, and keeps the old Pods', () => {
  const cluster = startCluster({ nodes: 3 });
  cluster.apply(webserver());
  cluster.untilReady();

  cluster.machines.images.fail('agnhost', 'notFound');
  const app = webserver();
  (app.node.findChild('Deployment.webserver') as Deployment).patch({
    spec: { template: { spec: { containers: [{ name: 'webserver', image: 'agnhost:typo' }] } } },
  });
  cluster.apply(app);
  cluster.advance('15m');

  expect(cluster.get('Deployment', 'webserver')).not.toBeReady();
  expect(cluster).toHaveEvent({ reason: 'Failed', message: 'agnhost:typo' });
  expect(cluster.get('Deployment', 'webserver').status?.availableReplicas).toBe(3);
});
