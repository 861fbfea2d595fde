import { App, Chart, Deployment, Ingress } from '../../lib/manifests';
import { startCluster } from '../../lib/testing';

function shop() {
  const app = new App();
  const chart = new Chart(app, 'shop', { namespace: 'default' });
  const web = new Deployment(chart, 'web', {
    pod: { containers: { web: { image: 'nginx:1.27', ports: { http: 80 } } } },
  });
  return { app, chart, web };
}

const failure = (assert: () => void): string => {
  try {
    assert();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the assertion holds');
};

test('toExpose follows selectors, ports and routes', () => {
  const { app, chart, web } = shop();
  expect(failure(() => expect(app).toExpose('Deployment/web'))).toContain('no Service selects its Pods');
  const service = web.expose({ port: 8080 });
  expect(app).toExpose('Deployment/web');
  expect(app).toExpose('Deployment/web', { port: 8080 });
  expect(app).toExpose('Deployment/web', { port: 'http' });
  expect(app).not.toExpose('Deployment/web', { type: 'LoadBalancer' });
  expect(failure(() => expect(app).toExpose('Deployment/web', { port: 81 }))).toContain(
    'its Services are ClusterIP web (http)',
  );
  expect(failure(() => expect(app).toExpose('Deployment/web', { host: 'a.b' }))).toContain(
    'no Ingress leads to its Service',
  );
  new Ingress(chart, 'web', { routes: { 'shop.example.com/api': service } });
  expect(app).toExpose('Deployment/web', { host: 'shop.example.com', path: '/api' });
  expect(failure(() => expect(app).toExpose('Deployment/web', { host: 'a.b' }))).toContain(
    'lead to it from shop.example.com/api',
  );
  expect(failure(() => expect(app).toExpose('Deployment/wbe'))).toContain('there is no such workload');
});

test('toContainObject, toHaveNoFindings and toBeAdmittedBy say what is different', () => {
  const { app, web } = shop();
  expect(app).toContainObject({ kind: 'Deployment', metadata: { name: 'web' } });
  expect(failure(() => expect(app).toContainObject({ kind: 'Deployment', spec: { replicas: 3 } }))).toContain(
    'the closest is Deployment default/web:\n  spec.replicas is not there, expected 3',
  );
  expect(app).toHaveNoFindings();
  expect(app).toBeAdmittedBy(startCluster());
  web.edit(({ spec }) => {
    spec.template.metadata = {};
  });
  expect(failure(() => expect(app).toHaveNoFindings())).toContain('`selector` does not match template `labels`');
  expect(failure(() => expect(app).toBeAdmittedBy(startCluster()))).toContain('Deployment default/web');
});

test('an app in a snapshot is YAML, and reads like a diff of manifests', () => {
  const { app, web } = shop();
  web.expose();
  expect(app).toMatchInlineSnapshot(`
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: default
spec:
  selector:
    app: web
  ports:
  - name: http
    port: 80
    targetPort: http
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: default
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: nginx:1.27
        ports:
        - name: http
          containerPort: 80
`);
});
