/**
 * Who a bearer token is in a cluster: the token gives an IAM principal, an access entry makes a Kubernetes user of it.
 * https://docs.aws.amazon.com/eks/latest/userguide/cluster-auth.html
 */
import type { Scope } from '../service';
import { type KubernetesIdentity, tryKubernetesIdentity } from './access-entries';
import { eksOf } from './state';
import { InvalidToken, verifyEksToken } from './token';

export interface EksUser extends KubernetesIdentity {
  readonly principalArn: string;
  readonly uid: string;
  /** As the authenticator adds them: `arn`, `canonicalArn`, `accessKeyId`, ... */
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/**
 * @param wallTime milliseconds since 1970, outside
 * @returns undefined when the token is not valid or no access entry names its principal: the answer is then 401
 */
export function tryAuthenticate(
  scope: Scope,
  clusterName: string,
  token: string,
  wallTime: number,
): EksUser | undefined {
  const record = eksOf(scope).clusters.get(clusterName);
  if (!record) return undefined;
  try {
    const { arn, accessKeyId } = verifyEksToken(token, {
      clusterName,
      now: wallTime,
      identityOf: (id) => scope.account.tryIdentityOf(id),
    });
    const identity = tryKubernetesIdentity(record, arn);
    if (!identity) return undefined;
    const sessionName = /assumed-role\/[^/]+\/(.+)$/.exec(arn)?.[1] ?? '';
    const { accountId } = scope.account;
    return {
      ...identity,
      principalArn: arn,
      uid: `aws-iam-authenticator:${accountId}:${accessKeyId}`,
      extra: {
        accessKeyId: [accessKeyId],
        arn: [arn],
        canonicalArn: [arn.replace(/:sts:(.*):assumed-role\/([^/]+)\/.*$/, ':iam:$1:role/$2')],
        principalId: [accessKeyId],
        sessionName: [sessionName],
      },
    };
  } catch (error) {
    if (error instanceof InvalidToken) return undefined;
    throw error;
  }
}
