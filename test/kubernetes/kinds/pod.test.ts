import { complaints, complaintsAboutChange, defaulted, named } from './complaints';

const container = (more: object = {}) => ({ name: 'c', image: 'nginx:1.27', ...more });
const pod = (spec: object = {}) => named('v1', 'Pod', { spec: { containers: [container()], ...spec } });
const first = (more: object) => pod({ containers: [container(more)] });

describe('a Pod', () => {
  it('gets the defaults that every Pod gets', () => {
    const { spec, status } = defaulted(pod());
    expect(spec).toMatchObject({
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      terminationGracePeriodSeconds: 30,
      schedulerName: 'default-scheduler',
      enableServiceLinks: true,
    });
    expect(spec.containers[0]).toMatchObject({
      imagePullPolicy: 'IfNotPresent',
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
    });
    expect(status).toMatchObject({ phase: 'Pending', qosClass: 'BestEffort' });
  });

  it.each([
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1.27', 'IfNotPresent'],
    ['registry:5000/nginx', 'Always'],
  ])('pulls %s %s', (image, policy) => {
    expect(defaulted(first({ image })).spec.containers[0].imagePullPolicy).toBe(policy);
  });

  it('is content with itself', () => expect(complaints(pod())).toEqual([]));

  it.each([
    [pod({ containers: [] }), 'spec.containers: Required value'],
    [first({ name: '' }), 'spec.containers[0].name: Required value'],
    [pod({ containers: [container(), container()] }), 'spec.containers[1].name: Duplicate value: "c"'],
    [
      first({ imagePullPolicy: 'Sometimes' }),
      'spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
    ],
    [first({ ports: [{ containerPort: 0 }] }), 'spec.containers[0].ports[0].containerPort: Required value'],
    [
      first({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    ],
    [
      first({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
      'spec.containers[0].volumeMounts[0].name: Not found: "v"',
    ],
    [
      pod({ volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/x' } }] }),
      'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
    ],
    [
      pod({ restartPolicy: 'Maybe' }),
      'spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "OnFailure", "Never"',
    ],
  ])('is refused: %#', (object, complaint) => expect(complaints(object)).toContain(complaint));

  it('may get another image, and nothing else', () => {
    expect(complaintsAboutChange(pod(), first({ image: 'nginx:1.28' }))).toEqual([]);
    const [complaint] = complaintsAboutChange(pod(), pod({ nodeName: 'n1' }));
    expect(complaint).toMatch(/^spec: Forbidden: pod updates may not change fields other than `spec.containers/);
  });
});
