/**
 * A Deployment to roll forward and back:
 *
 *     kubectl --namespace tour set image deployment/my-deployment nginx=nginx:1.11
 *     kubectl --namespace tour rollout undo deployment/my-deployment
 */
import { App, Deployment } from 'eks-drydock/manifests';

const app = new App({ namespace: 'tour' });
const labels = { app: 'deployed' };

new Deployment(app, 'my-deployment', {
  spec: {
    replicas: 3,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: { containers: [{ name: 'nginx', image: 'nginx:1.10', ports: [{ containerPort: 80 }] }] },
    },
  },
});
