/** CoreDNS: the cluster's names. https://docs.aws.amazon.com/eks/latest/userguide/managing-coredns.html */
import type { KubernetesObject } from '../../../kubernetes/object';
import { type AddonSettings, deployment, image, NAMESPACE, serviceAccount } from './workload';

const LABELS = { 'eks.amazonaws.com/component': 'coredns', 'k8s-app': 'kube-dns' };

const COREFILE = `.:53 {
    errors
    health {
        lameduck 5s
      }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
      pods insecure
      fallthrough in-addr.arpa ip6.arpa
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
    loadbalance
}
`;

export function coredns(settings: AddonSettings): KubernetesObject[] {
  const { configuration, version } = settings;
  const spread = {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: {
            labelSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
            topologyKey: 'kubernetes.io/hostname',
          },
        },
      ],
    },
  };
  return [
    serviceAccount(settings, 'coredns'),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'coredns', namespace: NAMESPACE, labels: LABELS },
      data: { Corefile: String(configuration.corefile ?? COREFILE) },
    },
    deployment(settings, 2, {
      name: 'coredns',
      labels: LABELS,
      serviceAccountName: 'coredns',
      containers: [
        {
          name: 'coredns',
          image: image(settings, 'eks/coredns', version),
          args: ['-conf', '/etc/coredns/Corefile'],
          ports: [
            { name: 'dns', containerPort: 53, protocol: 'UDP' },
            { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
            { name: 'metrics', containerPort: 9153, protocol: 'TCP' },
          ],
          resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
          volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
        },
      ],
      podSpec: {
        affinity: spread,
        dnsPolicy: 'Default',
        volumes: [{ name: 'config-volume', configMap: { name: 'coredns' } }],
      },
    }),
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'coredns', namespace: NAMESPACE, labels: LABELS },
      spec: { maxUnavailable: 1, selector: { matchLabels: LABELS } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: NAMESPACE, labels: { ...LABELS, 'kubernetes.io/name': 'CoreDNS' } },
      spec: {
        selector: { 'k8s-app': 'kube-dns' },
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
          { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
          { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
        ],
      },
    },
  ];
}
