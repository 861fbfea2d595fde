import { parseAllDocuments } from 'yaml';
import { dependencyEdges, releaseEdges } from '../../lib/apply/dependencies';
import type { KubernetesObject } from '../../lib/kubernetes/object';

const objects = (yaml: string): KubernetesObject[] => parseAllDocuments(yaml).map((document) => document.toJS());

/** Edges whose both ends are there, as `web -> settings (applied)`. */
function edges(yaml: string): string[] {
  const all = objects(yaml);
  const names = new Set(all.map(({ metadata }) => metadata.name));
  const short = (key: string) => key.split('/').at(-1)!;
  return dependencyEdges(all)
    .filter(({ from, to }) => names.has(short(to)) && from !== to)
    .map(({ from, to, until }) => `${short(from)} -> ${short(to)} (${until})`);
}

test('an object waits for its namespace to be active, and a custom resource for its definition', () => {
  expect(
    edges(`
{apiVersion: example.com/v1, kind: Boat, metadata: {name: boat, namespace: shop}}
---
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: boats}, spec: {group: example.com, names: {kind: Boat}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}`),
  ).toEqual(['boat -> shop (ready)', 'boat -> boats (ready)']);
});

test('a workload comes after what its Pods name, what governs them and what lets them work', () => {
  expect(
    edges(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      serviceAccountName: robot
      priorityClassName: urgent
      volumes: [{persistentVolumeClaim: {claimName: disk}}, {projected: {sources: [{secret: {name: password}}]}}]
      containers: [{envFrom: [{configMapRef: {name: settings}}], env: [{valueFrom: {secretKeyRef: {name: token}}}]}]
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: shop}}
---
{apiVersion: v1, kind: Secret, metadata: {name: password, namespace: shop}}
---
{apiVersion: v1, kind: Secret, metadata: {name: token, namespace: shop}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: disk, namespace: shop}, spec: {storageClassName: gp3}}
---
{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: gp3}}
---
{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: urgent}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: robot, namespace: shop}}
---
{apiVersion: v1, kind: ResourceQuota, metadata: {name: quota, namespace: shop}}
---
{apiVersion: v1, kind: ResourceQuota, metadata: {name: elsewhere, namespace: other}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: grant, namespace: shop}
roleRef: {kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: robot}]
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: reader, namespace: shop}}`),
  ).toEqual([
    'web -> robot (applied)',
    'web -> disk (applied)',
    'web -> password (applied)',
    'web -> settings (applied)',
    'web -> token (applied)',
    'web -> urgent (applied)',
    'web -> quota (applied)',
    'web -> grant (applied)',
    'disk -> gp3 (applied)',
    'grant -> reader (applied)',
  ]);
});

test('a webhook waits for the Pods that answer it', () => {
  expect(
    edges(`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: guard}
webhooks: [{clientConfig: {service: {name: guard-service, namespace: shop}}}]
---
{apiVersion: v1, kind: Service, metadata: {name: guard-service, namespace: shop}, spec: {selector: {app: guard}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: guard-server, namespace: shop}
spec: {template: {metadata: {labels: {app: guard, tier: a}}}}`),
  ).toEqual(['guard -> guard-service (applied)', 'guard -> guard-server (ready)']);
});

test('an annotation adds what nobody could guess, and has to name an object', () => {
  const web = (value: string) => `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, annotations: {config.kubernetes.io/depends-on: "${value}"}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: shop}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: zoo}}`;
  expect(edges(web('apps/namespaces/shop/StatefulSet/db,/Namespace/zoo'))).toEqual([
    'web -> db (ready)',
    'web -> zoo (ready)',
  ]);
  expect(() => edges(web('db'))).toThrow('/Pod/shop/web depends on "db", which does not name an object.');
});

test('what owns something outside of the cluster is released before all else', () => {
  const all = objects(`
{apiVersion: v1, kind: Service, metadata: {name: public}, spec: {type: LoadBalancer}}
---
{apiVersion: v1, kind: Service, metadata: {name: internal}, spec: {type: ClusterIP}}
---
{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: gate}}`);
  expect(releaseEdges(all).map(({ from, to }) => `${from} after ${to}`)).toEqual([
    '/Service//internal after /Service//public',
    '/Service//internal after gateway.networking.k8s.io/Gateway//gate',
  ]);
});
