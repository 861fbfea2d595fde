/**
 * What the generated types accept and refuse. `npm run typecheck` is the test: it fails when a line below
 * `@ts-expect-error` compiles.
 */
import type { KubernetesObject } from '../../../lib/kubernetes/object';
import type * as appsv1 from '../../../lib/kubernetes/types/apps-v1.generated';
import type * as corev1 from '../../../lib/kubernetes/types/core-v1.generated';
import type { KindTypes } from '../../../lib/kubernetes/types/kinds.generated';
import type * as metav1 from '../../../lib/kubernetes/types/meta-v1.generated';
import type { Quantity } from '../../../lib/kubernetes/types/shapes';

type Accepts<Target, Source extends Target> = Source;

export type EveryKindIsAnObject = Accepts<KubernetesObject, KindTypes[keyof KindTypes]>;
export type MetadataIsOurs = Accepts<KubernetesObject['metadata'], metav1.ObjectMeta>;
export type MetadataIsTheirs = Accepts<metav1.ObjectMeta, KubernetesObject['metadata']>;

const container: corev1.Container = { name: 'web', image: 'nginx:1.10', ports: [{ containerPort: 80 }] };

export const deployment: KindTypes['apps/v1/Deployment'] = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } },
  },
};

export const mistakes = [
  // @ts-expect-error a misspelt field
  { name: 'web', imaeg: 'nginx' } satisfies corev1.Container,
  // @ts-expect-error a missing name
  { image: 'nginx' } satisfies corev1.Container,
  // @ts-expect-error a word that is not in the set
  { name: 'web', imagePullPolicy: 'Sometimes' } satisfies corev1.Container,
  // @ts-expect-error an amount that is none
  { name: 'web', resources: { requests: { cpu: '100mm' } } } satisfies corev1.Container,
  // @ts-expect-error two sources in one volume
  { name: 'data', emptyDir: {}, configMap: { name: 'settings' } } satisfies corev1.Volume,
  // @ts-expect-error a volume without a source
  { name: 'data' } satisfies corev1.Volume,
  // @ts-expect-error a probe without a handler
  { periodSeconds: 5 } satisfies corev1.Probe,
  // @ts-expect-error a value that is also taken from elsewhere
  { name: 'A', value: 'b', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } } satisfies corev1.EnvVar,
  // @ts-expect-error Recreate has no rolling update
  { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } satisfies appsv1.DeploymentStrategy,
  // @ts-expect-error a share without a per cent sign
  { rollingUpdate: { maxSurge: 'a quarter' } } satisfies appsv1.DeploymentStrategy,
  // @ts-expect-error the wrong kind for the type
  { apiVersion: 'apps/v1', kind: 'Pod', metadata: {}, spec: { containers: [] } } satisfies corev1.Pod,
];

export const amounts: Quantity[] = ['500m', '1.5Gi', 2, '1e3', '.5', '100u'];
export const volumes: corev1.Volume[] = [
  { name: 'a', emptyDir: {} },
  { name: 'b', hostPath: { path: '/var/log', type: '' } },
];
export const claims: appsv1.StatefulSetSpec['volumeClaimTemplates'] = [
  { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
];

/** Of a union, every member can be asked for. */
export const configMapOf = (volume: corev1.Volume): string | undefined => volume.configMap?.name;
