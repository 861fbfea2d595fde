/**
 * Real AWS: credentials and region as the AWS CLI would find them.
 * https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../clock';
import { kubeconfig } from '../kubernetes/kubeconfig';
import { UserError } from '../kubernetes/user-error';
import type { Backend } from './backend';
import { connectToCluster, describeCluster } from './connect';

export interface AwsBackendOptions {
  /** @default AWS_REGION or AWS_DEFAULT_REGION */
  readonly region?: string;
  readonly stateDirectory: string;
}

/** @throws UserError when there are no credentials or no region. */
export async function awsBackend(options: AwsBackendOptions): Promise<Backend> {
  const region = options.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  if (!region) throw new UserError('NoRegion', 'no AWS region is set', 'Pass --region or set AWS_REGION.');
  const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  const sts = new STSClient({ region });
  const account = await sts.send(new GetCallerIdentityCommand({})).then(
    (identity) => identity.Account!,
    (error: Error) => {
      throw new UserError('NoCredentials', `AWS does not know who is asking: ${error.message}`, 'Run `aws sso login`.');
    },
  );
  const sdk = { region };
  const address = (cluster: string) => describeCluster(sdk, cluster);
  return {
    name: 'aws',
    account,
    region,
    sdk,
    variables: { AWS_REGION: region },
    pollIntervalMs: 2_000,
    now: async () => systemClock.now(),
    hurry: (work) => work(),
    connect: async (cluster, roleArn) =>
      connectToCluster(await address(cluster), { sdk, roleArn, credentials: () => sts.config.credentials() }),
    writeKubeconfig: async (cluster, roleArn) => {
      const { name, server, certificateAuthority } = await address(cluster);
      const file = join(options.stateDirectory, 'kubeconfig');
      mkdirSync(options.stateDirectory, { recursive: true });
      const exec = {
        apiVersion: 'client.authentication.k8s.io/v1beta1',
        command: 'aws',
        args: [
          'eks',
          'get-token',
          '--region',
          region,
          '--cluster-name',
          name,
          '--output',
          'json',
          ...(roleArn ? ['--role-arn', roleArn] : []),
        ],
      };
      const config = kubeconfig({ name, server, certificateAuthority, user: { exec } });
      writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
      return file;
    },
    request: async (dnsName, port, path, host) => {
      const url = `http://${dnsName}${port === 80 ? '' : `:${port}`}${path}`;
      const response = await fetch(url, { headers: host ? { host } : {}, signal: AbortSignal.timeout(10_000) });
      return { status: response.status, body: await response.text(), url };
    },
  };
}
