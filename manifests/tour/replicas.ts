/** The same Pod several times: kept by a ReplicaSet, and by its predecessor, the ReplicationController. */
import { App, type corev1, ReplicaSet, ReplicationController } from 'eks-drydock/manifests';

const app = new App({ namespace: 'tour' });

function nginx(labels: Record<string, string>): corev1.PodTemplateSpec {
  return {
    metadata: { labels },
    spec: { containers: [{ name: 'nginx', image: 'nginx', ports: [{ containerPort: 80 }] }] },
  };
}

const set = { app: 'replicated' };
new ReplicaSet(app, 'my-replicaset', {
  spec: { replicas: 3, selector: { matchLabels: set }, template: nginx(set) },
});

const controlled = { app: 'controlled' };
new ReplicationController(app, 'my-replicationcontroller', {
  spec: { replicas: 2, selector: controlled, template: nginx(controlled) },
});
