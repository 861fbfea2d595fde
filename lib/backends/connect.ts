/**
 * From the name of an EKS cluster to a connection: where it is and how to trust it comes from `eks:DescribeCluster`, who
 * is asking from the caller's AWS credentials. The same code serves real EKS and the local cloud.
 */
import type { Transport } from '../apply';
import { httpTransport } from '../apply/http-transport';
import { UserError } from '../kubernetes/user-error';
import type { SdkConfiguration } from './backend';
import { type AwsCredentials, eksToken } from './eks-token';

/** A token is renewed when it is older than this; EKS accepts it for 15 minutes. */
const TOKEN_LIFETIME_MS = 13 * 60_000;

export interface ClusterAddress {
  readonly name: string;
  readonly server: string;
  /** PEM. */
  readonly certificateAuthority: string;
}

/** @throws UserError when the cluster does not exist or is not ACTIVE. */
export async function describeCluster(sdk: SdkConfiguration, name: string): Promise<ClusterAddress> {
  const { EKSClient, DescribeClusterCommand } = await import('@aws-sdk/client-eks');
  try {
    const { cluster } = await new EKSClient(sdk).send(new DescribeClusterCommand({ name }));
    if (cluster?.status !== 'ACTIVE' || !cluster.endpoint || !cluster.certificateAuthority?.data) {
      throw new UserError('ClusterNotActive', `EKS cluster ${name} is ${cluster?.status}`, 'Wait until it is ACTIVE.');
    }
    const certificateAuthority = Buffer.from(cluster.certificateAuthority.data, 'base64').toString('utf8');
    return { name, server: cluster.endpoint, certificateAuthority };
  } catch (error) {
    if ((error as Error).name !== 'ResourceNotFoundException') throw error;
    throw new UserError('NoCluster', `there is no EKS cluster ${name} in ${sdk.region}`, 'Run `drydock up` first.');
  }
}

export interface Caller {
  readonly sdk: SdkConfiguration;
  /** The caller's own credentials. */
  readonly credentials: () => Promise<AwsCredentials>;
  /** Work as this role in place of the caller. */
  readonly roleArn?: string;
}

/** Opens a connection that authenticates with EKS tokens. */
export function connectToCluster(address: ClusterAddress, caller: Caller): Transport {
  let token: { readonly value: string; readonly madeAt: number } | undefined;
  return httpTransport({
    server: address.server,
    certificateAuthority: address.certificateAuthority,
    token: async () => {
      const now = Date.now();
      if (!token || now - token.madeAt > TOKEN_LIFETIME_MS) {
        const credentials = await credentialsOf(caller);
        token = { value: await eksToken(address.name, caller.sdk.region, credentials, now), madeAt: now };
      }
      return token.value;
    },
  });
}

async function credentialsOf({ sdk, credentials, roleArn }: Caller): Promise<AwsCredentials> {
  if (!roleArn) return credentials();
  const { STSClient, AssumeRoleCommand } = await import('@aws-sdk/client-sts');
  const { Credentials } = await new STSClient(sdk).send(
    new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'drydock' }),
  );
  return {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  };
}
