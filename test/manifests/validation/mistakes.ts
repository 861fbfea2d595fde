/**
 * The classic mistakes of people who write manifests, each in an application that is right apart from it. What is expected is the rule
 * that finds it and where; everything else about the application must raise no finding at all.
 */
import { App, includeYaml } from '../../../lib/manifests';

/** One namespace with a ConfigMap, a Deployment that uses it, a Service before it, and what else a mistake may need. */
const GOOD = `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: shop
data:
  URL: http://example.com
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
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
        image: nginx:1.10
        ports:
        - name: http
          containerPort: 80
        env:
        - name: URL
          valueFrom:
            configMapKeyRef:
              name: settings
              key: URL
        readinessProbe:
          httpGet:
            path: /
            port: http
        resources:
          requests:
            cpu: 100m
          limits:
            cpu: 200m
        volumeMounts:
        - name: data
          mountPath: /data
      volumes:
      - name: data
        emptyDir: {}
---
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
spec:
  selector:
    app: web
  ports:
  - name: http
    port: 80
    targetPort: http
`;

export const appOf = (yaml: string): App => {
  const app = new App();
  includeYaml(app, yaml);
  return app;
};

export const goodApp = GOOD;

export interface Mistake {
  readonly name: string;
  /** What stands in the good application ... */
  readonly instead?: string;
  /** ... and what somebody wrote, there or behind it. */
  readonly wrote: string;
  readonly rule: string;
  /** What a person reads. */
  readonly says: string | RegExp;
  readonly fix?: string | RegExp;
}

export const added = (text: string) => `---\n${text.trim()}\n`;
const hpa = (name: string) =>
  added(`
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec:
  maxReplicas: 3
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ${name}}
`);
const ingress = (backend: string) =>
  added(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  rules:
  - host: example.com
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: ${backend}}}
`);

export const mistakes: readonly Mistake[] = [
  {
    name: 'a Pod in the apps group',
    wrote: added('apiVersion: apps/v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: []}'),
    rule: 'unknown-kind',
    says: 'no kind "Pod" is registered for version "apps/v1"',
    fix: 'write apiVersion: v1',
  },
  {
    name: 'an API that is gone',
    instead: 'apiVersion: apps/v1',
    wrote: 'apiVersion: extensions/v1beta1',
    rule: 'removed-api',
    says: 'no kind "Deployment" is registered for version "extensions/v1beta1"',
    fix: 'removed in 1.16; write apiVersion: apps/v1',
  },
  {
    name: 'a misspelt group',
    instead: 'apiVersion: apps/v1',
    wrote: 'apiVersion: app/v1',
    rule: 'unknown-kind',
    says: 'no kind "Deployment" is registered for version "app/v1"',
    fix: 'write apiVersion: apps/v1',
  },
  {
    name: 'a misspelt field',
    instead: 'image: nginx:1.10',
    wrote: 'imaeg: nginx:1.10',
    rule: 'unknown-field',
    says: 'unknown field "spec.template.spec.containers[0].imaeg"',
    fix: 'did you mean image?',
  },
  {
    name: 'a field at the wrong level',
    instead: '      volumes:\n      - name: data\n        emptyDir: {}',
    wrote: '      volumes:\n      - name: data\n        emptyDir: {}\n        readOnly: true',
    rule: 'unknown-field',
    says: 'unknown field "spec.template.spec.volumes[0].readOnly"',
  },
  {
    name: 'a number in quotes',
    instead: 'containerPort: 80',
    wrote: 'containerPort: "80"',
    rule: 'wrong-type',
    says: /cannot unmarshal string into .* of type int32/,
    fix: 'take the quotes away',
  },
  {
    name: 'YAML that takes NO for a boolean',
    instead: 'URL: http://example.com',
    wrote: 'URL: NO',
    rule: 'wrong-type',
    says: /cannot unmarshal bool into .* of type string/,
    fix: 'put the value in quotes',
  },
  {
    name: 'an amount that is none',
    instead: 'cpu: 100m',
    wrote: 'cpu: 100mm',
    rule: 'wrong-type',
    says: "spec.template.spec.containers[0].resources.requests.cpu: unable to parse quantity's suffix",
  },
  {
    name: 'a missing required field',
    instead: 'image: nginx:1.10',
    wrote: 'tty: true',
    rule: 'invalid-value',
    says: 'spec.template.spec.containers[0].image: Required value',
  },
  {
    name: 'a word that is not in the set',
    instead: 'image: nginx:1.10',
    wrote: 'image: nginx:1.10\n        imagePullPolicy: Sometimes',
    rule: 'invalid-value',
    says: /^spec\.template\.spec\.containers\[0\]\.imagePullPolicy: Unsupported value: "Sometimes"/,
  },
  {
    name: 'a selector that does not match the template',
    instead: '    matchLabels:\n      app: web',
    wrote: '    matchLabels:\n      app: wbe',
    rule: 'invalid-value',
    says: /^spec\.template\.metadata\.labels: Invalid value: .*`selector` does not match template `labels`/,
  },
  {
    name: 'a name that is none',
    instead: 'name: settings\n  namespace: shop\ndata',
    wrote: 'name: Settings_1\n  namespace: shop\ndata',
    rule: 'invalid-value',
    says: /^metadata\.name: Invalid value: "Settings_1": a lowercase RFC 1123 subdomain must consist of/,
  },
  {
    name: 'a label value that is none',
    instead: '      labels:\n        app: web',
    wrote: '      labels:\n        app: web\n        note: hello world',
    rule: 'invalid-value',
    says: /^spec\.template\.(?:metadata\.)?labels: Invalid value: "hello world"/,
  },
  {
    name: 'a mount without a volume',
    instead: '- name: data\n          mountPath',
    wrote: '- name: dat\n          mountPath',
    rule: 'invalid-value',
    says: 'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "dat"',
  },
  {
    name: 'two ports of one name',
    instead: 'containerPort: 80\n',
    wrote: 'containerPort: 80\n        - name: http\n          containerPort: 81\n',
    rule: 'invalid-value',
    says: 'spec.template.spec.containers[0].ports[1].name: Duplicate value: "http"',
  },
  {
    name: 'a port that does not exist',
    instead: 'containerPort: 80\n',
    wrote: 'containerPort: 70000\n',
    rule: 'invalid-value',
    says: 'spec.template.spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
  },
  {
    name: 'a limit below the request',
    instead: 'cpu: 200m',
    wrote: 'cpu: 50m',
    rule: 'invalid-value',
    says: 'spec.template.spec.containers[0].resources.requests: Invalid value: "100m": must be less than or equal to cpu limit of 50m',
  },
  {
    name: 'a probe without a handler',
    instead: 'httpGet:\n            path: /\n            port: http',
    wrote: 'periodSeconds: 5',
    rule: 'invalid-value',
    says: 'spec.template.spec.containers[0].readinessProbe: Required value: must specify a handler type',
  },
  {
    name: 'a volume with two sources',
    instead: 'emptyDir: {}',
    wrote: 'emptyDir: {}\n        hostPath: {path: /}',
    rule: 'invalid-value',
    says: /^spec\.template\.spec\.volumes\[0\]\.hostPath: Forbidden: may not specify more than 1 volume type/,
  },
  {
    name: 'a Job whose Pods restart for ever',
    wrote: added(`
apiVersion: batch/v1
kind: Job
metadata: {name: job, namespace: shop}
spec: {template: {spec: {containers: [{name: job, image: busybox}]}}}`),
    rule: 'invalid-value',
    says: /^spec\.template\.spec\.restartPolicy: Required value: valid values: "OnFailure", "Never"/,
  },
  {
    name: 'a schedule that is none',
    wrote: added(`
apiVersion: batch/v1
kind: CronJob
metadata: {name: job, namespace: shop}
spec:
  schedule: every day
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: job, image: busybox}]}}}}`),
    rule: 'invalid-value',
    says: /^spec\.schedule: Invalid value: "every day"/,
  },
  {
    name: 'a Service with a port name that is too long for one',
    instead: '  - name: http\n    port: 80',
    wrote: '  - name: HTTP port\n    port: 80',
    rule: 'invalid-value',
    says: /^spec\.ports\[0\]\.name: Invalid value: "HTTP port"/,
  },
  {
    name: 'a variable that is defined twice',
    instead: '        env:\n        - name: URL',
    wrote: '        env:\n        - {name: URL, value: x}\n        - name: URL',
    rule: 'api-warning',
    says: /^spec\.template\.spec\.containers\[0\]\.env\[1\]: hides previous definition of "URL"/,
  },
  {
    name: 'a generated name',
    wrote: added('apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: x-, namespace: shop}'),
    rule: 'needs-a-name',
    says: 'has a generateName and no name: it cannot be applied',
  },
  {
    name: 'a namespace that nobody makes',
    wrote: added('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, namespace: shopp}'),
    rule: 'undeclared-namespace',
    says: 'is in namespace "shopp", which is not in the application',
    fix: 'did you mean "shop"?',
  },
  {
    name: 'a namespace on what has none',
    wrote: added('apiVersion: v1\nkind: Namespace\nmetadata: {name: other, namespace: shop}'),
    rule: 'invalid-value',
    says: 'metadata.namespace: Forbidden: not allowed on this type',
  },
  {
    name: 'a Service that selects nothing',
    instead: '  selector:\n    app: web\n  ports',
    wrote: '  selector:\n    app: wbe\n  ports',
    rule: 'service-selects-nothing',
    says: 'the selector matches no Pod: nothing in the application has the labels app=wbe',
    fix: 'Deployment "web" has app=web; correct one of the two',
  },
  {
    name: 'a Service in another namespace than its Pods',
    wrote: added(
      'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}',
    ),
    rule: 'service-selects-nothing',
    says: /^the selector matches no Pod/,
    fix: 'Deployment "web" has them, but is in namespace "shop"',
  },
  {
    name: 'a targetPort whose name no container has',
    instead: 'targetPort: http',
    wrote: 'targetPort: web',
    rule: 'service-target-port',
    says: 'no selected Pod has a port named "web"',
    fix: 'the container port is called "http"',
  },
  {
    name: 'a targetPort that no container declares',
    instead: 'targetPort: http',
    wrote: 'targetPort: 8080',
    rule: 'service-target-port',
    says: 'no selected Pod declares port 8080',
    fix: /the Pods declare 80/,
  },
  {
    name: 'a node port that another Service has',
    wrote: ['a', 'b']
      .map((name) =>
        added(`
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}`),
      )
      .join(''),
    rule: 'node-port-conflict',
    says: 'asks for node port 30080, which Service "a" has',
  },
  {
    name: 'an Ingress to nowhere',
    wrote: ingress('{name: webb, port: {number: 80}}'),
    rule: 'ingress-missing-service',
    says: 'routes to Service "webb", which is not in the application',
    fix: 'did you mean "web"?',
  },
  {
    name: 'an Ingress to a port that its Service does not have',
    wrote: ingress('{name: web, port: {number: 8080}}'),
    rule: 'ingress-missing-port',
    says: 'routes to port 8080, which Service "web" does not have',
    fix: 'it has 80 (http)',
  },
  {
    name: 'two Ingresses for one route',
    wrote:
      ingress('{name: web, port: {number: 80}}') +
      ingress('{name: web, port: {number: 80}}').replace('name: web,', 'name: two,'),
    rule: 'same-route',
    says: 'routes example.com/, and so does Ingress "web"',
  },
  {
    name: 'two workloads with one selector',
    wrote: added(`
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: other, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx, ports: [{name: http, containerPort: 80}]}]}`),
    rule: 'overlapping-selectors',
    says: 'the selector also matches the Pods of ReplicaSet "other"',
  },
  {
    name: 'env from a ConfigMap that is not there',
    instead: 'name: settings\n              key',
    wrote: 'name: setings\n              key',
    rule: 'missing-configuration',
    says: 'uses ConfigMap "setings", which is not in the application',
    fix: 'did you mean "settings"?',
  },
  {
    name: 'env from a key that is not there',
    instead: 'key: URL',
    wrote: 'key: UR',
    rule: 'missing-key',
    says: 'uses key "UR", which ConfigMap "settings" does not have',
    fix: 'did you mean "URL"?',
  },
  {
    name: 'a volume of a Secret that is not there',
    instead: 'emptyDir: {}',
    wrote: 'secret: {secretName: certificate}',
    rule: 'missing-configuration',
    says: 'uses Secret "certificate", which is not in the application',
  },
  {
    name: 'a claim that is not there',
    instead: 'emptyDir: {}',
    wrote: 'persistentVolumeClaim: {claimName: data}',
    rule: 'missing-claim',
    says: 'uses PersistentVolumeClaim "data", which is not in the application',
  },
  {
    name: 'a service account that is not there',
    instead: '      volumes:',
    wrote: '      serviceAccountName: web\n      volumes:',
    rule: 'missing-service-account',
    says: 'uses ServiceAccount "web", which is not in the application',
  },
  {
    name: 'a probe on a port name that the container does not have',
    instead: 'path: /\n            port: http',
    wrote: 'path: /\n            port: htpp',
    rule: 'probe-port',
    says: 'container "web" has no port named "htpp"',
    fix: 'its port is called "http"',
  },
  {
    name: 'an autoscaler for a workload that is not there',
    wrote: hpa('wbe'),
    rule: 'autoscaler-missing-target',
    says: 'scales Deployment "wbe", which is not in the application',
  },
  {
    name: 'an autoscaler and a fixed number of replicas',
    instead: 'spec:\n  selector:\n    matchLabels',
    wrote: 'spec:\n  replicas: 3\n  selector:\n    matchLabels',
    rule: 'autoscaler-and-replicas',
    says: 'says replicas: 3, but HorizontalPodAutoscaler "web" decides that',
    fix: 'remove spec.replicas',
  },
  {
    name: 'a disruption budget that selects nothing',
    wrote: added(
      'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web, namespace: shop}\nspec: {minAvailable: 1, selector: {matchLabels: {app: wbe}}}',
    ),
    rule: 'budget-selects-nothing',
    says: 'the selector matches no Pod',
  },
  {
    name: 'a disruption budget that blocks every drain',
    wrote: added(
      'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web, namespace: shop}\nspec: {minAvailable: 1, selector: {matchLabels: {app: web}}}',
    ),
    rule: 'budget-blocks-drains',
    says: 'wants 1 of 1 Pods available: none may go',
  },
  {
    name: 'a network policy that selects nothing',
    wrote: added(
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web, namespace: shop}\nspec: {podSelector: {matchLabels: {app: wbe}}}',
    ),
    rule: 'policy-selects-nothing',
    says: 'the selector matches no Pod',
  },
  {
    name: 'a binding to a role that is not there',
    wrote: added(
      'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: web, namespace: shop}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}',
    ),
    rule: 'binding-missing-role',
    says: 'grants Role "web", which is not in the application',
  },
  {
    name: 'a binding to an account in the wrong namespace',
    wrote:
      added('apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}') +
      added(`
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: web, namespace: default}]`),
    rule: 'binding-missing-account',
    says: 'grants to ServiceAccount "web" in namespace "default", which is not in the application',
    fix: 'it is in namespace "shop"',
  },
];

/** Applied with a mistake that needs more than one change. */
export const alsoWrote: Readonly<Record<string, string>> = {
  'an autoscaler and a fixed number of replicas': hpa('web'),
};
