/**
 * The webhook that every EKS cluster has: a Pod whose service account stands for an IAM role gets told where its
 * credentials are.
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
 * https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
 *
 * Pod Identity: EKS knows the association, and an agent on the machine hands credentials out. IRSA: the service account's
 * annotation names the role, and STS takes the service account's token. Where both are there, Pod Identity wins.
 */
import { eksOf } from '../aws/eks/state';
import type { AdmissionPlugin } from '../cluster/api-server/admission/admission';
import type { ClusterSurroundings } from './aws-api';

export const ROLE_ANNOTATION = 'eks.amazonaws.com/role-arn';
const DAY_SECONDS = 86_400;

/** What is added to a Pod: variables and a token of its service account, for a certain reader. */
interface Injection {
  readonly variables: Readonly<Record<string, string>>;
  readonly volume: string;
  readonly audience: string;
  readonly folder: string;
  readonly file: string;
  readonly expirationSeconds: number;
}

export function podIdentityWebhook(surroundings: Omit<ClusterSurroundings, 'clusterSecurityGroupId'>): AdmissionPlugin {
  return {
    name: 'pod-identity-webhook',
    handles: ['CREATE'],
    admit({ resource, subresource, namespace, object: pod }, { store }) {
      if (resource.collection !== 'pods' || subresource !== '' || !pod) return;
      const account = pod.spec.serviceAccountName;
      const annotations = store.get('serviceaccounts', namespace, account)?.metadata.annotations ?? {};
      const injection = hasAssociation(surroundings, namespace, account)
        ? podIdentity(surroundings.region)
        : annotations[ROLE_ANNOTATION]
          ? irsa(surroundings.region, annotations)
          : undefined;
      if (injection) inject(pod, injection);
    },
  };
}

function hasAssociation(
  surroundings: Omit<ClusterSurroundings, 'clusterSecurityGroupId'>,
  namespace: string,
  serviceAccount: string,
): boolean {
  const record = eksOf(surroundings).clusters.get(surroundings.clusterName);
  return [...(record?.podIdentities.values() ?? [])].some(
    (item) => item.namespace === namespace && item.serviceAccount === serviceAccount,
  );
}

function podIdentity(region: string): Injection {
  const folder = '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount';
  const file = 'eks-pod-identity-token';
  return {
    variables: {
      AWS_STS_REGIONAL_ENDPOINTS: 'regional',
      AWS_DEFAULT_REGION: region,
      AWS_REGION: region,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${folder}/${file}`,
    },
    volume: 'eks-pod-identity-token',
    audience: 'pods.eks.amazonaws.com',
    folder,
    file,
    expirationSeconds: DAY_SECONDS,
  };
}

function irsa(region: string, annotations: Readonly<Record<string, string>>): Injection {
  const folder = '/var/run/secrets/eks.amazonaws.com/serviceaccount';
  return {
    variables: {
      AWS_STS_REGIONAL_ENDPOINTS: 'regional',
      AWS_DEFAULT_REGION: region,
      AWS_REGION: region,
      AWS_ROLE_ARN: annotations[ROLE_ANNOTATION]!,
      AWS_WEB_IDENTITY_TOKEN_FILE: `${folder}/token`,
    },
    volume: 'aws-iam-token',
    audience: annotations['eks.amazonaws.com/audience'] ?? 'sts.amazonaws.com',
    folder,
    file: 'token',
    expirationSeconds: Number(annotations['eks.amazonaws.com/token-expiration'] ?? DAY_SECONDS),
  };
}

function inject(pod: any, { variables, volume, audience, folder, file, expirationSeconds }: Injection): void {
  const { spec } = pod;
  if ((spec.volumes ?? []).some(({ name }: { name: string }) => name === volume)) return;
  const serviceAccountToken = { audience, expirationSeconds, path: file };
  spec.volumes = [
    { name: volume, projected: { sources: [{ serviceAccountToken }], defaultMode: 0o644 } },
    ...(spec.volumes ?? []),
  ];
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    const present = new Set((container.env ?? []).map(({ name }: { name: string }) => name));
    const added = Object.entries(variables).flatMap(([name, value]) => (present.has(name) ? [] : { name, value }));
    container.env = [...(container.env ?? []), ...added];
    container.volumeMounts = [...(container.volumeMounts ?? []), { name: volume, readOnly: true, mountPath: folder }];
  }
}
