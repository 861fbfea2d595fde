import '../../../lib/testing';
import {
  App,
  Chart,
  ConfigMap,
  CronJob,
  Deployment,
  fieldOf,
  HTTPRoute,
  Ingress,
  Job,
  Namespace,
  originOf,
  PersistentVolumeClaim,
  Pod,
  resourceOf,
  Secret,
  ServiceAccount,
  StatefulSet,
  validate,
} from '../../../lib/manifests';

const image = 'nginx:1.27';

function shopChart() {
  const app = new App();
  const shop = new Chart(app, 'shop', { namespace: 'shop' });
  new Namespace(shop, 'shop');
  return { app, shop };
}

const objectOf = (chart: Chart, kind: string, name: string) =>
  chart.toObjects().find((object) => object.kind === kind && object.metadata.name === name);

describe('a Deployment in few words', () => {
  test('is what one would have written, and nothing more', () => {
    const { shop } = shopChart();
    new Deployment(shop, 'web', { pod: { containers: { web: { image, ports: { http: 80 } } } } });
    expect(objectOf(shop, 'Deployment', 'web')).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'shop' },
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', image, ports: [{ name: 'http', containerPort: 80 }] }] },
        },
      },
    });
  });

  test('takes every field of the wire beside the short ones', () => {
    const { shop } = shopChart();
    new Deployment(shop, 'web', {
      replicas: 3,
      strategy: { type: 'Recreate' },
      selector: { tier: 'front' },
      pod: {
        labels: { version: 'v1' },
        annotations: { note: 'x' },
        priorityClassName: 'high',
        securityContext: { runAsNonRoot: true },
        containers: { web: { image, resources: { limits: { memory: '64Mi' } }, stdin: true } },
      },
    });
    expect(objectOf(shop, 'Deployment', 'web')!.spec).toMatchObject({
      replicas: 3,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: { tier: 'front' } },
      template: {
        metadata: { labels: { version: 'v1', tier: 'front' }, annotations: { note: 'x' } },
        spec: { priorityClassName: 'high', containers: [{ stdin: true }] },
      },
    });
  });

  test('keeps its selector when the construct moves or is renamed, as long as the object has its name', () => {
    const selector = (make: (shop: Chart) => void) => {
      const { shop } = shopChart();
      make(shop);
      return objectOf(shop, 'Deployment', 'web')!.spec.selector;
    };
    const pod = { containers: { web: { image } } };
    const before = selector((shop) => new Deployment(shop, 'web', { pod }));
    const after = selector(
      (shop) => new Deployment(new Chart(shop, 'moved'), 'renamed', { metadata: { name: 'web' }, pod }),
    );
    expect(after).toEqual(before);
  });

  test('does not compile with nonsense', () => {
    const { shop } = shopChart();
    // @ts-expect-error both forms at once
    new Deployment(shop, 'a', { pod: { containers: {} }, spec: { selector: {}, template: {} } });
    // @ts-expect-error a misspelt field
    new Deployment(shop, 'b', { pod: { containers: { web: { imaeg: image } } } });
    // @ts-expect-error a port is a number
    new Deployment(shop, 'c', { pod: { containers: { web: { image, ports: { http: '80' } } } } });
    // @ts-expect-error two sources in one volume
    new Deployment(shop, 'd', { pod: { containers: {}, volumes: { v: { emptyDir: {}, hostPath: { path: '/' } } } } });
    const settings = new ConfigMap(shop, 'settings', { data: { URL: 'x' } });
    expect(() => {
      // @ts-expect-error no such key
      settings.key('URI');
    }).toThrow('ConfigMap "settings" has no key "URI"');
    expect(shop.node.children.length).toBeGreaterThan(0);
  });
});

describe('a container', () => {
  test('gets its environment from everywhere', () => {
    const { shop } = shopChart();
    const settings = new ConfigMap(shop, 'settings', { data: { URL: 'http://x' } });
    const secrets = new Secret(shop, 'secrets', { stringData: { PASSWORD: 'x' } });
    const env = {
      LEVEL: 'info',
      WORKERS: 4,
      DEBUG: false,
      URL: settings.key('URL'),
      PASSWORD: secrets.key('PASSWORD'),
      POD_IP: fieldOf('status.podIP'),
      GOMEMLIMIT: resourceOf('limits.memory'),
    };
    const web = { image, env, envFrom: [settings, secrets.asEnvFrom('S_')] };
    new Deployment(shop, 'web', { pod: { containers: { web } } });
    const [container] = objectOf(shop, 'Deployment', 'web')!.spec.template.spec.containers;
    expect(container.env).toEqual([
      { name: 'LEVEL', value: 'info' },
      { name: 'WORKERS', value: '4' },
      { name: 'DEBUG', value: 'false' },
      { name: 'URL', valueFrom: { configMapKeyRef: { name: 'settings', key: 'URL' } } },
      { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'secrets', key: 'PASSWORD' } } },
      { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'GOMEMLIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.memory' } } },
    ]);
    expect(container.envFrom).toEqual([
      { configMapRef: { name: 'settings' } },
      { prefix: 'S_', secretRef: { name: 'secrets' } },
    ]);
  });

  test('brings the volumes that it mounts, each once', () => {
    const { shop } = shopChart();
    const settings = new ConfigMap(shop, 'settings', { data: { 'app.conf': 'a' } });
    const claim = new PersistentVolumeClaim(shop, 'data', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    new Deployment(shop, 'web', {
      pod: {
        volumes: { cache: { emptyDir: {} } },
        containers: {
          web: {
            image,
            mounts: {
              '/etc/app': settings,
              '/etc/one.conf': { volume: settings, subPath: 'app.conf', readOnly: true },
              '/data': claim,
              '/cache': 'cache',
              '/tmp': { emptyDir: {} },
              '/var/run': { emptyDir: { medium: 'Memory' } },
            },
          },
        },
        sidecars: { logs: { image: 'fluent-bit:3', mounts: { '/cache': 'cache', '/tmp': { emptyDir: {} } } } },
      },
    });
    const { spec } = objectOf(shop, 'Deployment', 'web')!.spec.template;
    expect(spec.volumes).toEqual([
      { name: 'cache', emptyDir: {} },
      { name: 'tmp', emptyDir: {} },
      { name: 'settings', configMap: { name: 'settings' } },
      { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
      { name: 'tmp-2', emptyDir: {} },
      { name: 'var-run', emptyDir: { medium: 'Memory' } },
    ]);
    expect(spec.containers[0].volumeMounts.map(({ name }: { name: string }) => name)).toEqual(
      'settings settings data cache tmp-2 var-run'.split(' '),
    );
    expect(spec.initContainers).toEqual([expect.objectContaining({ name: 'logs', restartPolicy: 'Always' })]);
    expect(validate(shop)).toEqual([]);
  });

  test('can be added later, to the short form and to the wire form, and shared data stays as it is', () => {
    const { shop } = shopChart();
    const labels = { app: 'wire' };
    const spec = {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image }] } },
    };
    const addLogs = (workload: Deployment) =>
      workload
        .sidecar('logs', { image: 'fluent-bit:3', mounts: { '/x': { emptyDir: {} } } })
        .initContainer('wait', { image });
    addLogs(new Deployment(shop, 'wire', { spec }));
    addLogs(new Deployment(shop, 'short', { pod: { containers: { web: { image } } } }));
    const made = ['wire', 'short'].map((name) => objectOf(shop, 'Deployment', name)!.spec.template.spec);
    expect(made[0]).toEqual(made[1]);
    expect(made[0].initContainers.map(({ name }: { name: string }) => name)).toEqual(['logs', 'wait']);
    expect(spec.template.spec).toEqual({ containers: [{ name: 'web', image }] });
  });
});

describe('configuration by content', () => {
  test('has another name when it says something else, and its users follow', () => {
    const build = (greeting: string) => {
      const { shop } = shopChart();
      const settings = new ConfigMap(shop, 'settings', { hashName: true, data: { GREETING: greeting } });
      new Deployment(shop, 'web', {
        pod: { containers: { web: { image, envFrom: [settings], mounts: { '/etc': settings } } } },
      });
      expect(validate(shop)).toEqual([]);
      return { name: settings.name, template: objectOf(shop, 'Deployment', 'web')!.spec.template };
    };
    const [hello, again, bye] = [build('hello'), build('hello'), build('bye')];
    expect(hello.name).toMatch(/^settings-[a-z0-9]{10}$/);
    expect(again).toEqual(hello);
    expect(bye.name).not.toBe(hello.name);
    expect(hello.template.spec.volumes).toEqual([{ name: 'settings', configMap: { name: hello.name } }]);
  });
});

describe('around a workload', () => {
  test('a Service takes the ports of the containers', () => {
    const { shop } = shopChart();
    const containers = { web: { image, ports: { http: 8080, metrics: { containerPort: 9090 } } } };
    const web = new Deployment(shop, 'web', { pod: { containers } });
    const service = web.expose({ ports: { http: 80 } });
    expect(service.url).toBe('http://web.shop.svc');
    expect(web.expose({ name: 'all' }).urlOf('metrics')).toBe('http://all.shop.svc:9090');
    expect(objectOf(shop, 'Service', 'web')!.spec).toEqual({
      selector: { app: 'web' },
      ports: [{ name: 'http', port: 80, targetPort: 'http' }],
    });
    expect(() => web.expose({ name: 'x', ports: { htpt: 80 } })).toThrow(
      'no container of Deployment "web" has a port "htpt"',
    );
    expect(() => web.expose({ name: 'y', port: 80 })).toThrow('declare several ports (http, metrics)');
    expect(() => service.port('htpp')).toThrow('Service "web" has no port "htpp"');
    expect(validate(shop)).toEqual([]);
  });

  test('routes lead to Services by host and path', () => {
    const { shop } = shopChart();
    const expose = (name: string) =>
      new Deployment(shop, name, { pod: { containers: { [name]: { image, ports: { http: 8080 } } } } }).expose({
        port: 80,
      });
    const [web, api] = [expose('web'), expose('api')];
    new Ingress(shop, 'shop', {
      ingressClassName: 'alb',
      routes: {
        'shop.example.com/': web,
        'shop.example.com/api': api.port('http'),
        '/health': { to: api, pathType: 'Exact' },
      },
    });
    expect(objectOf(shop, 'Ingress', 'shop')!.spec.rules).toEqual([
      {
        host: 'shop.example.com',
        http: {
          paths: [
            { path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { name: 'http' } } } },
            { path: '/api', pathType: 'Prefix', backend: { service: { name: 'api', port: { name: 'http' } } } },
          ],
        },
      },
      {
        http: {
          paths: [
            { path: '/health', pathType: 'Exact', backend: { service: { name: 'api', port: { name: 'http' } } } },
          ],
        },
      },
    ]);
    new HTTPRoute(shop, 'shop', {
      gateway: { name: 'public', namespace: 'infra' },
      hostnames: ['shop.example.com'],
      routes: {
        '/': [
          { to: web, weight: 9 },
          { to: api, weight: 1 },
        ],
        '/api': api,
      },
    });
    expect(objectOf(shop, 'HTTPRoute', 'shop')!.spec.rules[0]).toEqual({
      matches: [{ path: { type: 'PathPrefix', value: '/' } }],
      backendRefs: [
        { name: 'web', port: 80, weight: 9 },
        { name: 'api', port: 80, weight: 1 },
      ],
    });
    expect(() => new Ingress(shop, 'x', { routes: { 'shop.example.com': web } })).toThrow('has no path');
    expect(validate(shop)).toEqual([]);
  });

  test('an autoscaler owns the replicas, a budget limits what drains may take', () => {
    const { shop } = shopChart();
    const resources = { requests: { cpu: '100m' as const, memory: '64Mi' as const } };
    const web = new Deployment(shop, 'web', { pod: { containers: { web: { image, resources } } } });
    web.autoscale({ min: 2, max: 10, cpu: 70, memory: '500Mi' });
    web.limitDisruption({ maxUnavailable: 1 });
    expect(objectOf(shop, 'HorizontalPodAutoscaler', 'web')!.spec).toEqual({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 2,
      maxReplicas: 10,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
        { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '500Mi' } } },
      ],
    });
    expect(objectOf(shop, 'PodDisruptionBudget', 'web')!.spec).toEqual({
      maxUnavailable: 1,
      selector: { matchLabels: { app: 'web' } },
    });
    expect(validate(shop)).toEqual([]);
    const fixed = new Deployment(shop, 'fixed', { replicas: 3, pod: { containers: { web: { image } } } });
    expect(() => fixed.autoscale({ max: 3 })).toThrow('says replicas: 3, and every apply would undo');
  });

  test('an account of its own is granted what its code asks for', () => {
    const { shop } = shopChart();
    const web = new Deployment(shop, 'web', { pod: { containers: { web: { image } } } });
    web.account.allowRead('pods', 'pods/log').allowRead('configmaps').allow(['create'], 'deployments');
    web.account.everywhere.allowRead('nodes');
    web.account.in('kube-system').allowManage('certificates.cert-manager.io');
    web.account.assumeRole('arn:aws:iam::123456789012:role/web');
    const accountName = objectOf(shop, 'Deployment', 'web')!.spec.template.spec.serviceAccountName;
    expect(accountName).toBe('web');
    const roles = shop.toObjects().filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
    expect(roles.map(({ kind, metadata, rules }) => ({ kind, metadata, rules }))).toEqual([
      {
        kind: 'ClusterRole',
        metadata: { name: 'shop-web' },
        rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] }],
      },
      {
        kind: 'Role',
        metadata: { name: 'web', namespace: 'shop' },
        rules: [
          { apiGroups: [''], resources: ['pods', 'pods/log', 'configmaps'], verbs: ['get', 'list', 'watch'] },
          { apiGroups: ['apps'], resources: ['deployments'], verbs: ['create'] },
        ],
      },
      {
        kind: 'Role',
        metadata: { name: 'web', namespace: 'kube-system' },
        rules: [expect.objectContaining({ apiGroups: ['cert-manager.io'], resources: ['certificates'] })],
      },
    ]);
    const binding = shop
      .toObjects()
      .find(({ kind, metadata }) => kind === 'RoleBinding' && metadata.namespace === 'kube-system');
    expect(binding!.subjects).toEqual([{ kind: 'ServiceAccount', name: 'web', namespace: 'shop' }]);
    expect(() => web.account.allowRead('podz')).toThrow('there is no resource "podz" in Kubernetes');
    expect(() => web.account.allowRead('nodes')).toThrow('nodes are in no namespace');
    expect(validate(shop)).toEqual([]);
  });

  test('declared connections become policies that keep DNS', () => {
    const { shop } = shopChart();
    const db = new StatefulSet(shop, 'db', {
      pod: { containers: { db: { image: 'postgres:17', ports: { sql: 5432 } } } },
    });
    const api = new Deployment(shop, 'api', {
      pod: { containers: { api: { image, ports: { http: 8080, admin: 9000 } } } },
    });
    const web = new Deployment(shop, 'web', { pod: { containers: { web: { image, ports: { http: 80 } } } } });
    web.acceptFrom('anywhere').connectTo(api, 'http');
    api.connectTo(db).connectTo('anywhere', 443);
    expect(objectOf(shop, 'NetworkPolicy', 'api')!.spec).toEqual({
      podSelector: { matchLabels: { app: 'api' } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ protocol: 'TCP', port: 8080 }] }],
      egress: [
        {
          to: [
            {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
              podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
            },
          ],
          ports: [
            { protocol: 'UDP', port: 53 },
            { protocol: 'TCP', port: 53 },
          ],
        },
        { to: [{ podSelector: { matchLabels: { app: 'db' } } }], ports: [{ protocol: 'TCP', port: 5432 }] },
        { ports: [{ protocol: 'TCP', port: 443 }] },
      ],
    });
    expect(() => web.connectTo(api, 'htpp')).toThrow('no container of Deployment "api" has a port "htpp"');
    expect(validate(shop)).toEqual([]);
  });

  test('places are wished for in readable calls', () => {
    const { shop } = shopChart();
    const cache = new Deployment(shop, 'cache', { pod: { containers: { cache: { image } } } });
    new Deployment(shop, 'web', { pod: { containers: { web: { image } } } })
      .spreadOver('zone')
      .spreadOver('node', { whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 2 })
      .onNodes({ 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': ['amd64', 'arm64'] })
      .preferNodes({ 'karpenter.sh/capacity-type': 'spot' })
      .tolerate({ key: 'dedicated', operator: 'Equal', value: 'web', effect: 'NoSchedule' })
      .near(cache, 'zone', { weight: 50 })
      .awayFrom(cache);
    const { spec } = objectOf(shop, 'Deployment', 'web')!.spec.template;
    expect(spec).toMatchSnapshot();
    expect(validate(shop)).toEqual([]);
  });

  test('a StatefulSet has claims and names', () => {
    const { shop } = shopChart();
    const db = new StatefulSet(shop, 'db', {
      claims: { data: '10Gi' },
      pod: { containers: { db: { image: 'postgres:17', ports: { sql: 5432 }, mounts: { '/data': 'data' } } } },
    });
    db.expose({ headless: true });
    expect(objectOf(shop, 'StatefulSet', 'db')!.spec).toMatchObject({
      serviceName: 'db',
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } },
        },
      ],
      template: { spec: { containers: [{ volumeMounts: [{ name: 'data', mountPath: '/data' }] }] } },
    });
    expect(objectOf(shop, 'Service', 'db')!.spec.clusterIP).toBe('None');
    expect(validate(shop)).toEqual([]);
  });

  test('Jobs and schedules say what they must', () => {
    const { shop } = shopChart();
    const pod = { containers: { work: { image } } };
    new Pod(shop, 'bare', { metadata: { labels: { tier: 'x' } }, pod });
    new Job(shop, 'migrate', { backoffLimit: 2, pod });
    new CronJob(shop, 'report', {
      schedule: '0 6 * * MON',
      timeZone: 'Europe/Berlin',
      job: { ttlSecondsAfterFinished: 60 },
      pod,
    });
    expect(objectOf(shop, 'Pod', 'bare')!.metadata.labels).toEqual({ app: 'bare', tier: 'x' });
    expect(objectOf(shop, 'Job', 'migrate')!.spec).toMatchObject({
      backoffLimit: 2,
      template: { spec: { restartPolicy: 'Never' } },
    });
    expect(objectOf(shop, 'CronJob', 'report')!.spec).toMatchObject({
      schedule: '0 6 * * MON',
      jobTemplate: { spec: { ttlSecondsAfterFinished: 60, template: { spec: { restartPolicy: 'Never' } } } },
    });
    expect(validate(shop)).toEqual([]);
  });

  test('an account that exists is taken by construct or by name', () => {
    const { shop } = shopChart();
    const account = new ServiceAccount(shop, 'reader');
    const containers = { web: { image } };
    new Deployment(shop, 'a', { pod: { containers, serviceAccount: account } });
    const named = new Deployment(shop, 'b', { pod: { containers, serviceAccount: 'reader' } });
    expect(objectOf(shop, 'Deployment', 'a')!.spec.template.spec.serviceAccountName).toBe('reader');
    expect(() => named.account).toThrow('runs as "reader", which it knows by name only');
  });

  test('every object that a verb makes names the line of the program that asked for it', () => {
    const { shop } = shopChart();
    const web = new Deployment(shop, 'web', { pod: { containers: { web: { image, ports: { http: 80 } } } } });
    const line = () => Number(/workloads\.test\.ts:(\d+)/.exec(new Error().stack!.split('\n')[2]!)![1]);
    const [first] = [line(), web.expose(), web.account.allowRead('pods'), web.acceptFrom('anywhere')] as const;
    for (const kind of ['Service', 'Role', 'NetworkPolicy']) {
      const { source } = originOf(objectOf(shop, kind, 'web')!)!;
      expect(source).toEqual({ file: __filename, line: first });
    }
  });
});

test('an app of workloads rolls out on a cluster', () => {
  const { app, shop } = shopChart();
  const settings = new ConfigMap(shop, 'settings', { hashName: true, data: { GREETING: 'hello' } });
  const web = new Deployment(shop, 'web', {
    replicas: 2,
    pod: { containers: { web: { image, ports: { http: 80 }, envFrom: [settings], mounts: { '/etc/app': settings } } } },
  });
  web.expose();
  web.account.allowRead('configmaps');
  web.limitDisruption({ maxUnavailable: 1 });
  web.spreadOver('node', { whenUnsatisfiable: 'ScheduleAnyway' });
  expect(app).toRollOutWithin('2m');
});
