/** kube-proxy: leads cluster addresses to Pods. https://docs.aws.amazon.com/eks/latest/userguide/managing-kube-proxy.html */
import type { KubernetesObject } from '../../../kubernetes/object';
import { type AddonSettings, daemonSet, image, NAMESPACE, requests, serviceAccount } from './workload';

export function kubeProxy(settings: AddonSettings): KubernetesObject[] {
  const mode = settings.configuration.mode ?? 'iptables';
  return [
    serviceAccount(settings, 'kube-proxy'),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kube-proxy-config', namespace: NAMESPACE, labels: { 'k8s-app': 'kube-proxy' } },
      data: { config: `apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: "${mode}"\n` },
    },
    daemonSet(settings, {
      name: 'kube-proxy',
      labels: { 'k8s-app': 'kube-proxy' },
      serviceAccountName: 'kube-proxy',
      containers: [
        {
          name: 'kube-proxy',
          image: image(settings, 'eks/kube-proxy', `${settings.version.replace('-eksbuild', '-minimal-eksbuild')}`),
          command: [
            'kube-proxy',
            '--v=2',
            '--config=/var/lib/kube-proxy-config/config',
            '--hostname-override=$(NODE_NAME)',
          ],
          env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
          volumeMounts: [{ name: 'config', mountPath: '/var/lib/kube-proxy-config' }],
          ...requests('100m'),
        },
      ],
      podSpec: { hostNetwork: true, volumes: [{ name: 'config', configMap: { name: 'kube-proxy-config' } }] },
    }),
  ];
}
