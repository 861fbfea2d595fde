import { complaints, complaintsAboutChange, defaulted, named, throughSubresource } from './complaints';

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

describe('the addresses of a Pod', () => {
  it.each([
    [{ podIP: '10.0.0.1' }, ['10.0.0.1']],
    [{ podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] }, ['10.0.0.1', 'fd00::1']],
    [{ podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.2' }] }, ['10.0.0.1']],
  ])('%j are read as %j', (status, ips) => {
    const { next } = throughSubresource('status', pod(), { ...pod(), status });
    expect(next.status.podIP).toBe(ips[0]);
    expect(next.status.podIPs.map(({ ip }: { ip: string }) => ip)).toEqual(ips);
  });
});

describe('a resize', () => {
  const sized = (cpu: string, more: object = {}) =>
    pod({ containers: [container({ resources: { requests: { cpu } }, ...more })] });

  it('changes what a container may use, and nothing else', () => {
    const { next, said } = throughSubresource('resize', sized('1'), {
      ...sized('2', { image: 'other' }),
      metadata: { name: 'x', namespace: 'default', labels: { app: 'web' } },
    });
    expect(said).toEqual([]);
    expect(next.spec.containers[0]).toMatchObject({ image: 'nginx:1.27', resources: { requests: { cpu: '2' } } });
    expect(next.metadata.labels).toBeUndefined();
  });

  it('adds no container', () => {
    const wanted = pod({ containers: [container(), container({ name: 'new' })] });
    expect(throughSubresource('resize', pod(), wanted).said).toEqual([
      'spec.containers: Forbidden: containers may not be added or removed on resize',
    ]);
  });

  it('does not rename a container', () => {
    expect(throughSubresource('resize', sized('1'), sized('1', { name: 'new' })).said).toEqual([
      'spec: Forbidden: only cpu and memory resources are mutable',
    ]);
  });
});
