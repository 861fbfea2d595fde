/**
 * The token of a pod's service account, as a file: asked for when it is first read, and again when most of its time is over.
 * https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#launch-a-pod-using-service-account-token-projection
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { StatusError } from '../../../kubernetes/status-error';
import type { ClusterContext } from '../context';
import type { FileEntry } from '../images/container-files';

const DEFAULT_SECONDS = 3600;
/** The share of a token's time after which the kubelet gets another one. */
const RENEW_AFTER = 0.8;

export interface TokenSource {
  /** @default the API server */
  readonly audience?: string;
  readonly expirationSeconds?: number;
}

export function mountedToken(
  context: ClusterContext,
  pod: KubernetesObject,
  { audience, expirationSeconds = DEFAULT_SECONDS }: TokenSource,
  mode: number,
): FileEntry {
  let token = '';
  let renewAt = Number.NEGATIVE_INFINITY;
  const { clock } = context.simulation;
  const renew = () => {
    const { namespace, name, uid } = pod.metadata;
    const request = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { name: pod.spec.serviceAccountName ?? 'default', namespace: namespace! },
      spec: {
        audiences: audience ? [audience] : [],
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    };
    const kubelet = context.clientFor(`system:node:${pod.spec.nodeName}`, 'kubelet');
    token = kubelet.create('serviceaccounts', request, { subresource: 'token' }).status.token;
    renewAt = clock.now() + expirationSeconds * 1000 * RENEW_AFTER;
  };
  return {
    mode,
    get text() {
      try {
        if (clock.now() >= renewAt) renew();
      } catch (error) {
        // The account or the pod is going away: the file keeps what is in it.
        if (!(error instanceof StatusError)) throw error;
      }
      return token;
    },
  };
}
