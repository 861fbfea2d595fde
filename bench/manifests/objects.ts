/** The application that every variant writes: N times a ConfigMap, a Deployment and a Service, as plain data. */

export const settings = (i: number) => ({
  URL: `http://backend-${i}.example.com`,
  'app.conf': `name = app-${i}\nlevel = info\n`,
});

export const deploymentSpec = (i: number) => ({
  replicas: 3,
  selector: { matchLabels: { app: `app-${i}` } },
  template: {
    metadata: { labels: { app: `app-${i}` } },
    spec: {
      securityContext: { runAsNonRoot: true, runAsUser: 1000 },
      containers: [
        {
          name: 'app',
          image: `registry.example.com/app:1.${i}`,
          ports: [{ name: 'http', containerPort: 8080 }],
          env: [
            { name: 'LEVEL', value: 'info' },
            { name: 'URL', valueFrom: { configMapKeyRef: { name: `app-${i}`, key: 'URL' } } },
          ],
          envFrom: [{ configMapRef: { name: `app-${i}` } }],
          resources: {
            requests: { cpu: '100m' as const, memory: '128Mi' as const },
            limits: { memory: '256Mi' as const },
          },
          livenessProbe: { httpGet: { path: '/healthz', port: 'http' } },
          readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          volumeMounts: [{ name: 'config', mountPath: '/etc/app' }],
        },
      ],
      volumes: [{ name: 'config', configMap: { name: `app-${i}` } }],
    },
  },
});

export const serviceSpec = (i: number) => ({
  selector: { app: `app-${i}` },
  ports: [{ name: 'http', port: 80, targetPort: 'http' }],
});

export const objectsOf = (i: number) => {
  const metadata = { name: `app-${i}`, namespace: 'default' };
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: settings(i) },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: deploymentSpec(i) },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: serviceSpec(i) },
  ];
};
