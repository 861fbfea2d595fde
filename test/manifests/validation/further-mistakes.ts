/**
 * As many mistakes again, which no list of classics has: what works only in combination, what is a unit, a group or an order that was
 * mixed up, and what a cluster would say much later or never.
 */
import { added, type Mistake } from './mistakes';

const namespaced = 'metadata: {name: web, namespace: shop}';
const workload = (kind: string, name: string, spec: string, pod: string, group = 'apps/v1') =>
  added(`
apiVersion: ${group}
kind: ${kind}
metadata: {name: ${name}, namespace: shop}
spec:
${spec}  template:
    metadata: {labels: {app: ${name}}}
    spec:
${pod
  .trim()
  .split('\n')
  .map((line) => `      ${line}`)
  .join('\n')}`);
const selecting = (name: string) => `  selector: {matchLabels: {app: ${name}}}\n`;
const container = (more: string) => `containers:\n- {name: main, image: "busybox:1.37", ${more}}`;
const hpa = (name: string, metric = 'cpu') =>
  added(`
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: ${name}, namespace: shop}
spec:
  maxReplicas: 3
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  metrics: [{type: Resource, resource: {name: ${metric}, target: {type: Utilization, averageUtilization: 70}}}]
`);
const cron = (schedule: string) =>
  added(`
apiVersion: batch/v1
kind: CronJob
${namespaced}
spec:
  schedule: "${schedule}"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: job, image: "busybox:1.37"}]}}}}`);
const budget = (name: string) =>
  added(
    `apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: ${name}, namespace: shop}\nspec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}`,
  );
const quota = (hard: string) =>
  added(`apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: all, namespace: shop}\nspec: {hard: {${hard}}}`);
const daemon = (name: string) =>
  workload('DaemonSet', name, selecting(name), container('ports: [{containerPort: 9100, hostPort: 9100}]'));
const waiting = (name: string, other: string) =>
  workload(
    'Deployment',
    name,
    selecting(name),
    `initContainers:\n- {name: wait, image: "busybox:1.37", command: [sh, -c, "until nslookup ${other}; do sleep 1; done"]}\n${container('ports: [{containerPort: 80}]')}`,
  ) +
  added(
    `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: shop}\nspec: {selector: {app: ${name}}, ports: [{port: 80}]}`,
  );
const webhook = (service: string) =>
  added(`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: check}
webhooks:
- name: check.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  clientConfig: {service: ${service}}
  rules: [{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: [CREATE]}]`);
const policy = (egress: string) =>
  added(
    `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n${namespaced}\nspec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: ${egress}}`,
  );
const role = (rules: string) =>
  added(`apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n${namespaced}\nrules: [${rules}]`);
const definition = added(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [size]
            properties:
              size: {type: integer, maximum: 5}
              min: {type: integer}
            x-kubernetes-validations:
            - {rule: "!has(self.min) || self.min <= self.size", message: min must not be above size}`);
const widget = (version: string, spec: string) =>
  definition + added(`apiVersion: example.com/${version}\nkind: Widget\n${namespaced}\nspec: ${spec}`);

export const furtherMistakes: readonly Mistake[] = [
  {
    name: 'an autoscaler that cannot know how much is used',
    wrote: hpa('web', 'memory'),
    rule: 'autoscaler-without-requests',
    says: 'scales by the utilization of memory, but container "web" of Deployment "web" requests none',
    fix: 'give the container resources.requests.memory',
  },
  {
    name: 'two autoscalers of one workload',
    wrote: hpa('one') + hpa('two'),
    rule: 'two-autoscalers',
    says: 'scales Deployment "web", and so does HorizontalPodAutoscaler "one"',
  },
  {
    name: 'two budgets of one Pod',
    wrote: budget('one') + budget('two'),
    rule: 'two-budgets',
    says: 'protects the Pods of Deployment "web", and so does PodDisruptionBudget "one"',
  },
  {
    name: 'the 30th of February',
    wrote: cron('0 3 30 2 *'),
    rule: 'schedule-never',
    says: 'the schedule "0 3 30 2 *" names a day that no month of it has',
  },
  {
    name: 'every minute of an hour instead of once a day',
    wrote: cron('* 3 * * *'),
    rule: 'schedule-too-often',
    says: 'the schedule "* 3 * * *" runs every minute from 3:00 to 3:59',
    fix: 'write 0 for the minute, if it is meant to run at 3:00 only',
  },
  {
    name: 'a time zone that is none',
    wrote: cron('0 3 * * *').replace('schedule:', 'timeZone: Europe/Berln\n  schedule:'),
    rule: 'invalid-value',
    says: /^spec\.timeZone: Invalid value: "Europe\/Berln": unknown time zone/,
  },
  {
    name: 'a CPU request without its m',
    instead: 'cpu: 100m\n          limits:\n            cpu: 200m',
    wrote: 'cpu: 500',
    rule: 'resource-unit',
    says: 'container "web" requests 500 CPUs, more than any usual node has',
    fix: 'write 500m for thousandths of a CPU',
  },
  {
    name: 'memory in bytes instead of mebibytes',
    instead: 'cpu: 200m',
    wrote: 'cpu: 200m\n            memory: 512',
    rule: 'resource-unit',
    says: 'container "web" is limited to 512 of memory, which is 512 bytes',
    fix: 'write 512Mi for mebibytes',
  },
  {
    name: 'memory in thousandths of a byte',
    instead: 'cpu: 200m',
    wrote: 'cpu: 200m\n            memory: 512m',
    rule: 'api-warning',
    says: /fractional byte value "512m" is invalid, must be an integer/,
  },
  {
    name: 'more than the quota allows',
    wrote: quota('requests.cpu: 50m'),
    rule: 'quota-overflow',
    says: 'allows 50m of requests.cpu, and the workloads of the application need 100m',
  },
  {
    name: 'no limit where a quota counts limits',
    wrote: quota('limits.memory: 1Gi'),
    rule: 'quota-without-requests',
    says: 'container "web" says no limits.memory, which ResourceQuota "all" counts as limits.memory',
  },
  {
    name: 'a Pod that its namespace refuses',
    instead: 'name: shop\n---',
    wrote: 'name: shop\n  labels: {pod-security.kubernetes.io/enforce: restricted}\n---',
    rule: 'pod-security',
    says: /^violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false \(container "web" must set/,
  },
  {
    name: 'a port of the node that another DaemonSet has',
    wrote: daemon('one') + daemon('two'),
    rule: 'host-port-conflict',
    says: 'takes port 9100 of every node, and so does DaemonSet "one"',
  },
  {
    name: 'a claim template that nobody mounts',
    wrote: workload(
      'StatefulSet',
      'db',
      `${selecting('db')}  volumeClaimTemplates:\n  - {metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}\n`,
      container('args: []'),
    ),
    rule: 'claim-template-unused',
    says: 'no container mounts the claim "data"',
  },
  {
    name: 'replicas that share a disk of one node',
    wrote:
      added(
        'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: disk, namespace: shop}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}',
      ) +
      workload(
        'Deployment',
        'many',
        `  replicas: 2\n${selecting('many')}`,
        `${container('volumeMounts: [{name: d, mountPath: /d}]')}\nvolumes:\n- {name: d, persistentVolumeClaim: {claimName: disk}}`,
      ),
    rule: 'claim-shared-by-replicas',
    says: '2 replicas share PersistentVolumeClaim "disk", which is ReadWriteOnce',
  },
  {
    name: 'a priority that does not exist',
    instead: '      volumes:',
    wrote: '      priorityClassName: system-cluster-crtical\n      volumes:',
    rule: 'missing-priority-class',
    says: 'uses PriorityClass "system-cluster-crtical", which is not in the application',
    fix: 'did you mean "system-cluster-critical"?',
  },
  {
    name: 'a runtime that does not exist',
    instead: '      volumes:',
    wrote: '      runtimeClassName: gvisor\n      volumes:',
    rule: 'missing-runtime-class',
    says: 'uses RuntimeClass "gvisor", which is not in the application',
  },
  {
    name: 'a webhook in another namespace than its Service',
    wrote: webhook('{name: web, namespace: default}'),
    rule: 'webhook-missing-service',
    says: 'calls Service "web" in namespace "default", which is not in the application',
    fix: 'it is in namespace "shop"',
  },
  {
    name: 'a webhook on a port that its Service does not have',
    wrote: webhook('{name: web, namespace: shop}'),
    rule: 'webhook-missing-port',
    says: 'calls port 443 of Service "web", which has 80',
    fix: 'say port: 80',
  },
  {
    name: 'a network policy that cuts off DNS',
    wrote: policy('[{to: [{podSelector: {}}], ports: [{port: 5432}]}]'),
    rule: 'policy-cuts-dns',
    says: 'lets the Pods of Deployment "web" go out, but not to DNS',
  },
  {
    name: 'a resource in the wrong API group',
    wrote: role('{apiGroups: [""], resources: [deployments], verbs: [get]}'),
    rule: 'role-wrong-group',
    says: 'allows deployments in group "", where there is no such resource',
    fix: 'deployments are in group "apps"',
  },
  {
    name: 'a variable that uses one which comes later',
    instead: '        env:\n        - name: URL',
    wrote: '        env:\n        - {name: FULL, value: $(URL)/x}\n        - name: URL',
    rule: 'env-reference',
    says: 'variable "FULL" uses $(URL), which is defined after it',
    fix: 'put URL before FULL',
  },
  {
    name: 'a password in plain sight',
    instead: '        env:\n',
    wrote: '        env:\n        - {name: DB_PASSWORD, value: hunter2-and-more}\n',
    rule: 'secret-in-plain-sight',
    says: 'variable "DB_PASSWORD" of container "web" holds a credential in plain sight',
  },
  {
    name: 'a private key in a ConfigMap',
    instead: '  URL: http://example.com',
    wrote: '  URL: http://example.com\n  tls.key: "-----BEGIN PRIVATE KEY-----"',
    rule: 'secret-in-plain-sight',
    says: 'key "tls.key" holds a credential in plain sight',
  },
  {
    name: 'a whole command line as one word',
    instead: '        image: nginx:1.10',
    wrote: '        image: nginx:1.10\n        command: ["nginx -g daemon"]',
    rule: 'command-with-spaces',
    says: 'container "web" runs a program called "nginx -g daemon"',
    fix: "write one item per word: ['nginx', '-g', 'daemon']",
  },
  {
    name: 'a hook that sleeps longer than the Pod may live',
    instead: '        image: nginx:1.10',
    wrote: '        image: nginx:1.10\n        lifecycle: {preStop: {exec: {command: [sh, -c, "sleep 60"]}}}',
    rule: 'hook-outlasts-grace',
    says: 'container "web" sleeps 60 s before it stops, and is killed after 30 s',
  },
  {
    name: 'init containers that wait for each other',
    wrote: waiting('a', 'b') + waiting('b', 'a'),
    rule: 'init-cycle',
    says: 'init containers wait for each other in a circle: Deployment "a" -> Deployment "b" -> Deployment "a"',
  },
  {
    name: 'a spread over zones that counts other Pods',
    instead: '      volumes:',
    wrote:
      '      topologySpreadConstraints:\n      - {maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: wbe}}}\n      volumes:',
    rule: 'spread-ignores-own-pods',
    says: 'spreads Pods over topology.kubernetes.io/zone, but not its own',
  },
  {
    name: 'a ConfigMap beyond its limit',
    wrote: added(
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big, namespace: shop}\ndata: {a: "${'x'.repeat(1_048_577)}"}`,
    ),
    rule: 'invalid-value',
    says: /Too long: may not be more than 1048576 bytes/,
  },
  {
    name: 'two containers of one name',
    instead: '      volumes:',
    wrote: '      - {name: web, image: "busybox:1.37"}\n      volumes:',
    rule: 'invalid-value',
    says: 'spec.template.spec.containers[1].name: Duplicate value: "web"',
  },
  {
    name: 'two mounts at one path',
    instead: '          mountPath: /data\n',
    wrote: '          mountPath: /data\n        - {name: data, mountPath: /data}\n',
    rule: 'invalid-value',
    says: 'spec.template.spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/data": must be unique',
  },
  {
    name: 'an API that goes away',
    wrote: added(`apiVersion: v1\nkind: Endpoints\n${namespaced}`),
    rule: 'deprecated-api',
    says: 'v1 Endpoints is deprecated in v1.33+',
    fix: 'use discovery.k8s.io/v1 EndpointSlice',
  },
  {
    name: 'a custom resource with a field that its definition does not know',
    wrote: widget('v1', '{size: 1, colour: red}'),
    rule: 'unknown-field',
    says: 'unknown field "spec.colour"',
  },
  {
    name: 'a custom resource out of its bounds',
    wrote: widget('v1', '{size: 9}'),
    rule: 'invalid-value',
    says: 'spec.size: Invalid value: 9: spec.size in body should be less than or equal to 5',
  },
  {
    name: 'a custom resource against a CEL rule of its definition',
    wrote: widget('v1', '{size: 2, min: 3}'),
    rule: 'invalid-value',
    says: 'spec: Invalid value: min must not be above size',
  },
  {
    name: 'a custom resource in a version that is not served',
    wrote: widget('v2', '{size: 1}'),
    rule: 'unknown-kind',
    says: 'no kind "Widget" is registered for version "example.com/v2"',
    fix: 'its definition serves example.com/v1',
  },
];

/** What works and is regretted later; each is told only to those who ask for advice. */
export const regrets: readonly Mistake[] = [
  {
    name: 'an image without a version',
    instead: 'image: nginx:1.10',
    wrote: 'image: nginx',
    rule: 'latest-image',
    says: 'image "nginx" has no tag, which means "latest"',
  },
  {
    name: 'a container that requests nothing',
    wrote: workload('Deployment', 'other', selecting('other'), container('args: []')),
    rule: 'no-requests',
    says: 'container "main" requests no CPU and no memory',
  },
  {
    name: 'a container that may take all memory',
    wrote: '',
    rule: 'no-memory-limit',
    says: 'container "web" has no memory limit',
  },
  { name: 'a container that may be root', wrote: '', rule: 'runs-as-root', says: 'container "web" may run as root' },
  {
    name: 'traffic before the Pod can answer',
    instead: '        readinessProbe:\n          httpGet:\n            path: /\n            port: http\n',
    wrote: '',
    rule: 'no-readiness-probe',
    says: 'is behind Service "web", and no container has a readiness probe',
  },
  {
    name: 'a probe on another port',
    instead: 'path: /\n            port: http',
    wrote: 'path: /\n            port: 8081',
    rule: 'probe-port-undeclared',
    says: 'container "web" is probed on port 8081, and declares 80',
  },
  {
    name: 'a volume that nobody mounts',
    instead: '        emptyDir: {}\n',
    wrote: '        emptyDir: {}\n      - {name: forgotten, emptyDir: {}}\n',
    rule: 'volume-unused',
    says: 'no container mounts the volume "forgotten"',
  },
  {
    name: 'a Pod that nobody makes again',
    wrote: added(`apiVersion: v1\nkind: Pod\n${namespaced}\nspec: {containers: [{name: a, image: "busybox:1.37"}]}`),
    rule: 'bare-pod',
    says: 'is made by no workload',
  },
  {
    name: 'a role that allows everything',
    wrote: role('{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}'),
    rule: 'role-allows-all',
    says: 'allows every verb on every resource of every group',
  },
  {
    name: 'a StatefulSet without its Service',
    wrote: added(`
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: postgres:17}]}}`),
    rule: 'stateful-set-service',
    says: 'names Service "db", which is not in the application: its Pods have no names in DNS',
  },
];
