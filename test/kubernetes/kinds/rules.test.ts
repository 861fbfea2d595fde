import { complaints, complaintsAboutChange, defaulted, named } from './complaints';

const template = (labels: object = { app: 'x' }) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] },
});
const deployment = (spec: object = {}) =>
  named('apps/v1', 'Deployment', { spec: { selector: { matchLabels: { app: 'x' } }, template: template(), ...spec } });
const service = (spec: object) => named('v1', 'Service', { spec: { ports: [{ port: 80 }], ...spec } });
const cronJob = (spec: object) =>
  named('batch/v1', 'CronJob', {
    spec: { jobTemplate: { spec: { template: { spec: { ...template().spec, restartPolicy: 'Never' } } } }, ...spec },
  });
const ingress = (path: object) =>
  named('networking.k8s.io/v1', 'Ingress', {
    spec: { rules: [{ http: { paths: [{ backend: { service: { name: 's', port: { number: 80 } } }, ...path }] } }] },
  });
const policy = (from: object) =>
  named('networking.k8s.io/v1', 'NetworkPolicy', { spec: { podSelector: {}, ingress: [{ from: [from] }] } });
const hpa = (spec: object) =>
  named('autoscaling/v2', 'HorizontalPodAutoscaler', {
    spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }, ...spec },
  });
const admissionPolicy = (expression: string) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: 'x' },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
    },
    validations: [{ expression }],
  },
});

const PATH = 'spec.rules[0].http.paths[0]';

describe('what the schema cannot say', () => {
  it.each([
    deployment(),
    service({ type: 'NodePort' }),
    cronJob({ schedule: '*/5 * * * *' }),
    ingress({ path: '/', pathType: 'Prefix' }),
    policy({ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }),
    hpa({}),
    admissionPolicy('object.spec.replicas <= 5'),
  ])('is content: $kind', (object) => expect(complaints(object)).toEqual([]));

  it.each([
    [deployment({ replicas: -1 }), 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    [
      deployment({ template: template({ app: 'y' }) }),
      'spec.template.metadata.labels: Invalid value: {"app":"y"}: `selector` does not match template `labels`',
    ],
    [service({ ports: [] }), 'spec.ports: Required value'],
    [
      service({ type: 'Foo' }),
      'spec.type: Unsupported value: "Foo": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
    [cronJob({ schedule: '' }), 'spec.schedule: Required value'],
    [ingress({ path: '/' }), `${PATH}.pathType: Required value: pathType must be specified`],
    [ingress({ path: 'a', pathType: 'Exact' }), `${PATH}.path: Invalid value: "a": must be an absolute path`],
    [policy({}), 'spec.ingress[0].from[0]: Required value: must specify a peer'],
    [
      policy({ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16'] } }),
      'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
    ],
    [hpa({ minReplicas: 5 }), 'spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`'],
    [admissionPolicy('1'), 'spec.validations[0].expression: Invalid value: "1": must evaluate to bool but got int'],
    [
      admissionPolicy('foo'),
      `spec.validations[0].expression: Invalid value: "foo": compilation failed: ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo\n | ^`,
    ],
  ])('is refused: %#', (object, complaint) => expect(complaints(object)).toContain(complaint));

  it('keeps selectors of Deployments', () => {
    const other = { selector: { matchLabels: { app: 'x', tier: 'a' } }, template: template({ app: 'x', tier: 'a' }) };
    expect(complaintsAboutChange(deployment(), deployment(other))).toContain(
      'spec.selector: Invalid value: {"matchLabels":{"app":"x","tier":"a"}}: field is immutable',
    );
  });

  it('fills in what Go code fills in', () => {
    expect(defaulted(deployment()).spec).toMatchObject({
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    });
    expect(defaulted(service({})).spec).toMatchObject({ type: 'ClusterIP', sessionAffinity: 'None' });
    expect(defaulted(hpa({})).spec).toMatchObject({ minReplicas: 1, metrics: [{ type: 'Resource' }] });
  });
});
