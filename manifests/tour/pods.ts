/** A Pod with one container, and a Pod whose two containers share a network and a volume. */
import { App, type corev1, Pod } from 'eks-drydock/manifests';

const app = new App({ namespace: 'tour' });

new Pod(app, 'my-nginx-pod', {
  metadata: { labels: { app: 'nginx' } },
  spec: { containers: [{ name: 'my-nginx-container', image: 'nginx', ports: [{ containerPort: 80 }] }] },
});

const html: corev1.VolumeMount = { name: 'html', mountPath: '/usr/share/nginx/html' };

new Pod(app, 'sidecar', {
  spec: {
    containers: [
      { name: 'web', image: 'nginx', ports: [{ containerPort: 80 }], volumeMounts: [html] },
      {
        name: 'content',
        image: 'busybox',
        command: ['sh', '-c', 'while true; do date > /html/index.html; sleep 10; done'],
        volumeMounts: [{ ...html, mountPath: '/html' }],
      },
    ],
    volumes: [{ name: html.name, emptyDir: {} }],
  },
});
