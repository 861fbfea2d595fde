/**
 * The CSI drivers of EBS and EFS: a controller that makes volumes, and a Pod on each machine that mounts them.
 * https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html  https://docs.aws.amazon.com/eks/latest/userguide/efs-csi.html
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { type AddonSettings, daemonSet, deployment, image, requests, serviceAccount } from './workload';

interface Driver {
  /** `ebs` */
  readonly short: string;
  readonly driver: string;
  readonly attachRequired: boolean;
  readonly sidecars: readonly string[];
}

const EBS: Driver = {
  short: 'ebs',
  driver: 'ebs.csi.aws.com',
  attachRequired: true,
  sidecars: ['csi-provisioner', 'csi-attacher', 'csi-snapshotter', 'csi-resizer', 'liveness-probe'],
};
const EFS: Driver = {
  short: 'efs',
  driver: 'efs.csi.aws.com',
  attachRequired: false,
  sidecars: ['csi-provisioner', 'liveness-probe'],
};

export const ebsCsiDriver = (settings: AddonSettings): KubernetesObject[] => csiDriver(settings, EBS);
export const efsCsiDriver = (settings: AddonSettings): KubernetesObject[] => csiDriver(settings, EFS);

function csiDriver(settings: AddonSettings, { short, driver, attachRequired, sidecars }: Driver): KubernetesObject[] {
  const { configuration, version } = settings;
  const plugin = {
    name: `${short}-plugin`,
    image: image(settings, `eks/aws-${short}-csi-driver`, version.split('-')[0]!),
  };
  const sidecar = (name: string) => ({
    name,
    image: image(settings, `eks/${name.replace('liveness-probe', 'livenessprobe')}`, 'v5.2.0-eks-1-35-1'),
    ...requests('10m', '40Mi'),
  });
  const appLabels = { 'app.kubernetes.io/name': `aws-${short}-csi-driver` };
  const half = (part: 'controller' | 'node'): AddonSettings => ({
    ...settings,
    configuration: configuration[part] ?? {},
  });
  return [
    serviceAccount(settings, `${short}-csi-controller-sa`),
    serviceAccount(settings, `${short}-csi-node-sa`),
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSIDriver',
      metadata: { name: driver, labels: appLabels },
      spec: { attachRequired, podInfoOnMount: false, fsGroupPolicy: 'ReadWriteOnceWithFSType' },
    },
    deployment(half('controller'), 2, {
      name: `${short}-csi-controller`,
      labels: { app: `${short}-csi-controller`, ...appLabels },
      serviceAccountName: `${short}-csi-controller-sa`,
      containers: [{ ...plugin, ...requests('10m', '40Mi') }, ...sidecars.map(sidecar)],
    }),
    daemonSet(half('node'), {
      name: `${short}-csi-node`,
      labels: { app: `${short}-csi-node`, ...appLabels },
      serviceAccountName: `${short}-csi-node-sa`,
      containers: [
        { ...plugin, ...requests('10m', '40Mi') },
        sidecar('node-driver-registrar'),
        sidecar('liveness-probe'),
      ],
    }),
  ];
}
