/** A ConfigMap and a Secret, used as environment variables and as files. */
import { App, ConfigMap, Pod, Secret } from 'eks-drydock/manifests';

const app = new App({ namespace: 'tour' });

const settings = new ConfigMap(app, 'settings', {
  data: {
    GREETING: 'hello',
    'nginx.conf': 'server {\n  listen 80;\n  server_name localhost;\n}\n',
  },
});

const credentials = new Secret(app, 'credentials', {
  stringData: { username: 'admin', password: 'only for the tour' },
});

new Pod(app, 'configured', {
  spec: {
    containers: [
      {
        name: 'nginx',
        image: 'nginx',
        env: [
          { name: 'GREETING', valueFrom: { configMapKeyRef: { name: settings.name, key: 'GREETING' } } },
          { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: credentials.name, key: 'password' } } },
        ],
        volumeMounts: [
          { name: 'settings', mountPath: '/etc/nginx/conf.d' },
          { name: 'credentials', mountPath: '/etc/credentials', readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: 'settings', configMap: { name: settings.name, items: [{ key: 'nginx.conf', path: 'default.conf' }] } },
      { name: 'credentials', secret: { secretName: credentials.name } },
    ],
  },
});
