import { goDump } from '../../../../lib/simulator/cluster/controllers/go-dump';
import { podTemplateHash } from '../../../../lib/simulator/cluster/controllers/safe-hash';

/** `kubectl create deployment web --image=nginx:1`, as Kubernetes 1.35.6 stores it. */
const web = {
  metadata: { labels: { app: 'web' } },
  spec: {
    containers: [
      {
        name: 'nginx',
        image: 'nginx:1',
        imagePullPolicy: 'IfNotPresent',
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  },
};

describe('the pod template hash', () => {
  test('is the one that Kubernetes 1.35.6 gave', () => {
    expect(goDump('io.k8s.api.core.v1.PodTemplateSpec', 'v1.PodTemplateSpec', web)).toHaveLength(3441);
    expect(podTemplateHash(web)).toBe('9bcc65686');
  });

  test('is another one after a collision', () => {
    expect(podTemplateHash(web, 1)).toBe('65ff6d74bc');
  });

  test('covers embedded structs, quantities, ports and probes', () => {
    const dump = goDump('io.k8s.api.core.v1.Container', 'v1.Container', {
      name: 'a',
      resources: { limits: { cpu: '100m', memory: '128Mi' } },
      readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 10 },
    });
    expect(dump).toContain(
      'Limits:(v1.ResourceList)map[cpu:{i:(resource.int64Amount){value:(int64)100 scale:(resource.Scale)-3} ' +
        'd:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)100m Format:(resource.Format)DecimalSI} ' +
        'memory:{i:(resource.int64Amount){value:(int64)134217728 scale:(resource.Scale)0} ',
    );
    expect(dump).toContain(
      'ReadinessProbe:(*v1.Probe){ProbeHandler:(v1.ProbeHandler){Exec:(*v1.ExecAction)<nil> ' +
        'HTTPGet:(*v1.HTTPGetAction){Path:(string)/ Port:(intstr.IntOrString){Type:(intstr.Type)1 IntVal:(int32)0 ' +
        'StrVal:(string)http} Host:(string) Scheme:(v1.URIScheme) HTTPHeaders:([]v1.HTTPHeader)<nil>}',
    );
  });
});
