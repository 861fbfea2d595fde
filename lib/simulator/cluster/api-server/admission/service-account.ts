/**
 * Every Pod runs as a service account, and gets its token mounted.
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#serviceaccount-admission-controller
 */
import type { Draft } from '../../../../kubernetes/kinds';
import { forbidden } from '../../../../kubernetes/status-error';
import type { AdmissionAttributes, AdmissionContext, AdmissionPlugin } from './admission';

const MIRROR_POD = 'kubernetes.io/config.mirror';
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
/** A little more than an hour, so that the kubelet knows that it may extend it. */
const EXPIRATION_SECONDS = 3607;

export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  handles: ['CREATE'],
  validate({ resource, subresource, object }) {
    if (resource.collection !== 'pods' || subresource !== '') return;
    const pod = object!;
    if (pod.metadata.annotations?.[MIRROR_POD] === undefined) return;
    const problem = mirrorPodProblem(pod);
    if (problem) throw forbidden(resource, pod.metadata.name ?? '', problem);
  },
  admit(attributes, context) {
    const { resource, subresource, namespace, object } = attributes;
    if (resource.collection !== 'pods' || subresource !== '') return;
    const pod = object!;
    if (pod.metadata.annotations?.[MIRROR_POD] !== undefined) return;
    pod.spec.serviceAccountName ||= 'default';
    pod.spec.serviceAccount = pod.spec.serviceAccountName;
    const account = context.store.get('serviceaccounts', namespace, pod.spec.serviceAccountName);
    if (!account) throw unknownAccount(attributes, pod);
    if (pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) {
      mountToken(pod, context);
    }
    if (!pod.spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
      pod.spec.imagePullSecrets = structuredClone(account.imagePullSecrets);
    }
  },
};

/** A mirror pod shows what a kubelet runs by itself: it can use nothing that the API server would have to give it. */
function mirrorPodProblem({ spec }: Draft): string | undefined {
  if (spec.serviceAccountName) return 'a mirror pod may not reference service accounts';
  if (mentionsSecret(spec)) return 'a mirror pod may not reference secrets';
  const sources = (spec.volumes ?? []).flatMap(({ projected }: any) => projected?.sources ?? []);
  return sources.some(({ serviceAccountToken }: any) => serviceAccountToken)
    ? 'a mirror pod may not use ServiceAccountToken volume projections'
    : undefined;
}

function mentionsSecret(value: any): boolean {
  if (value === null || typeof value !== 'object') return false;
  return Object.entries<any>(value).some(
    ([key, each]) =>
      /^(secret|secretRef|secretKeyRef|nodePublishSecretRef)$/.test(key) ||
      (key === 'imagePullSecrets' && each.length > 0) ||
      mentionsSecret(each),
  );
}

function unknownAccount({ resource, namespace }: AdmissionAttributes, pod: Draft): Error {
  const name = pod.spec.serviceAccountName;
  const cause = `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`;
  return forbidden(resource, pod.metadata.name ?? '', cause);
}

function mountToken(pod: Draft, context: AdmissionContext): void {
  const { spec } = pod;
  const containers: any[] = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const isMounted = (container: any) => container.volumeMounts?.some((each: any) => each.mountPath === MOUNT_PATH);
  const needy = containers.filter((container) => !isMounted(container));
  if (needy.length === 0) return;
  const name = `kube-api-access-${context.random.nameSuffix()}`;
  for (const container of needy) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: MOUNT_PATH }];
  }
  spec.volumes = [...(spec.volumes ?? []), { name, projected: { sources: sources(context), defaultMode: 0o644 } }];
}

function sources({ options }: AdmissionContext): object[] {
  const namespace = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } };
  const bundle = (name: string, file: string) => ({ configMap: { name, items: [{ key: file, path: file }] } });
  return [
    { serviceAccountToken: { expirationSeconds: EXPIRATION_SECONDS, path: 'token' } },
    bundle('kube-root-ca.crt', 'ca.crt'),
    { downwardAPI: { items: [namespace] } },
    // openshift-service-ca.crt holds service-ca.crt
    ...options.extraCaBundles.map((name) => bundle(name, name.slice(name.indexOf('-') + 1))),
  ];
}
