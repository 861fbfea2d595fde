import { App, Chart, ConfigMap, Deployment, HorizontalPodAutoscaler, Ingress, Service } from '../../../lib/manifests';
import { graphOf } from '../../../lib/manifests/graph/relations';
import { graphAsSvg } from '../../../lib/manifests/graph/svg';
import { graphAsText } from '../../../lib/manifests/graph/text';

function shop(): App {
  const app = new App();
  const chart = new Chart(app, 'shop', { namespace: 'shop' });
  const labels = { app: 'web' };
  const service = { service: { name: 'web', port: { number: 80 } } };
  new Ingress(chart, 'shop', {
    spec: { rules: [{ host: 'a.example', http: { paths: [{ path: '/', pathType: 'Prefix', backend: service }] } }] },
  });
  new Service(chart, 'web', { spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] } });
  new Deployment(chart, 'web', {
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: 'web',
          containers: [{ name: 'web', image: 'nginx:1.29', envFrom: [{ configMapRef: { name: 'settings' } }] }],
          volumes: [{ name: 'tls', secret: { secretName: 'tls' } }],
        },
      },
    },
  });
  new HorizontalPodAutoscaler(chart, 'web', {
    spec: { maxReplicas: 5, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
  });
  new ConfigMap(chart, 'settings', { data: { MODE: 'fast <&>' } });
  new ConfigMap(chart, 'unused');
  return app;
}

test('the tree follows traffic to what it needs, and says what is not there', () => {
  expect(graphAsText(graphOf(shop().synth()))).toBe(
    [
      'namespace shop',
      'ingress/shop',
      '└─ routes to service/web  (a.example/)',
      '   └─ selects deployment/web  (80 → 8080)',
      '      ├─ runs as serviceaccount/web (not in the manifests)',
      '      ├─ mounts secret/tls (not in the manifests)',
      '      └─ mounts configmap/settings',
      'horizontalpodautoscaler/web',
      '└─ scales deployment/web  (1–5) ↑',
      'configmap/unused',
      '',
    ].join('\n'),
  );
});

test('what points at itself in a circle is drawn, once', () => {
  const pod = (name: string, role: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { role } },
    spec: { containers: [] },
  });
  const binding = (name: string, to: string) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name },
    roleRef: { kind: 'RoleBinding', name: to },
  });
  const text = graphAsText(graphOf([binding('a', 'b'), binding('b', 'a'), pod('p', 'x')]));
  expect(text.match(/rolebinding\/a/g)).toHaveLength(2);
  expect(graphAsSvg(graphOf([binding('a', 'b'), binding('b', 'a')]))).toContain('</svg>');
});

test('the picture has a box for every object, none on top of another, and is the same every time', () => {
  const graph = graphOf(shop().synth());
  const svg = graphAsSvg(graph, 'a < b');
  expect(svg).toContain('a &lt; b');
  const boxes = [...svg.matchAll(/class="box" x="(\S+)" y="(\S+)" width="(\d+)" height="(\d+)"/g)].map((match) =>
    match.slice(1, 5).map(Number),
  ) as [number, number, number, number][];
  expect(boxes).toHaveLength(graph.nodes.length);
  for (const [i, [x, y, width, height]] of boxes.entries()) {
    for (const [otherX, otherY] of boxes.slice(i + 1)) {
      expect(Math.abs(x - otherX) >= width || Math.abs(y - otherY) >= height).toBe(true);
    }
  }
  expect(graphAsSvg(graphOf(shop().synth()), 'a < b')).toBe(svg);
});
