/** Storage that lives as long as its Pod (emptyDir), and storage that outlives it (an EBS volume behind a claim). */
import { App, PersistentVolumeClaim, Pod, StorageClass } from 'eks-drydock/manifests';

const app = new App({ namespace: 'tour' });

const gp3 = new StorageClass(app, 'gp3-encrypted', {
  provisioner: 'ebs.csi.aws.com',
  parameters: { type: 'gp3', encrypted: 'true' },
  volumeBindingMode: 'WaitForFirstConsumer',
});

const claim = new PersistentVolumeClaim(app, 'data', {
  spec: {
    storageClassName: gp3.name,
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
  },
});

new Pod(app, 'storage', {
  spec: {
    containers: [
      {
        name: 'writer',
        image: 'busybox',
        command: ['sh', '-c', 'while true; do date >> /data/log; cp /data/log /cache/log; sleep 5; done'],
        volumeMounts: [
          { name: 'data', mountPath: '/data' },
          { name: 'cache', mountPath: '/cache' },
        ],
      },
    ],
    volumes: [
      { name: 'data', persistentVolumeClaim: { claimName: claim.name } },
      { name: 'cache', emptyDir: {} },
    ],
  },
});
