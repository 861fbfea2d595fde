/**
 * The local cloud as a backend: found or started as a process of its own, then spoken to like AWS.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../kubernetes/user-error';
import type { Backend } from './backend';
import { connectToCluster, describeCluster } from './connect';
import type { LocalCloudRecord } from './local-process';

/** Virtual seconds per second while drydock waits for something: a minute of image pulls takes a fifth of a second. */
const HURRY = 300;

export interface ListenerUrls {
  readonly dnsName: string;
  readonly listeners: readonly { readonly port: number; readonly url: string }[];
}

/** What the local cloud tells of itself beyond the protocols of AWS. */
export interface LocalCloudStatus {
  readonly account: string;
  readonly region: string;
  /** Virtual time, milliseconds since 1970. */
  readonly now: number;
  readonly speed: number;
  readonly clusters: readonly { readonly name: string; readonly server: string }[];
  /** Where the listeners of load balancers really answer. */
  readonly loadBalancers: readonly ListenerUrls[];
  /** Where Services really answer, under `<service>.<namespace>.svc.<cluster>`. */
  readonly services: readonly ListenerUrls[];
}

/**
 * Environment variables that keep every AWS tool on the local cloud: endpoint, worthless keys, no profile, no metadata
 * service, no telemetry.
 */
export function localVariables(record: LocalCloudRecord): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: record.endpoint,
    AWS_REGION: record.region,
    AWS_DEFAULT_REGION: record.region,
    AWS_ACCESS_KEY_ID: record.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: record.credentials.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    // Node 20 is supported by drydock for as long as AWS Lambda and EKS users have it.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    CDK_DEFAULT_ACCOUNT: record.account,
    CDK_DEFAULT_REGION: record.region,
    CDK_DISABLE_CLI_TELEMETRY: '1',
    CDK_VALIDATION: 'false',
  };
}

/**
 * Points this process at the local cloud. The CDK toolkit takes its endpoint from the environment and from nowhere else,
 * and a profile of the user would lead it to real AWS.
 */
export function adoptVariables(record: LocalCloudRecord): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, localVariables(record));
}

export async function cloudStatus(record: LocalCloudRecord): Promise<LocalCloudStatus> {
  const response = await fetch(`${record.endpoint}/_drydock/status`);
  return (await response.json()) as LocalCloudStatus;
}

/** The local cloud as a backend. From here on, this process speaks to no other cloud. */
export function localBackend(record: LocalCloudRecord, stateDirectory: string): Backend {
  adoptVariables(record);
  const { region, account, endpoint, credentials } = record;
  const sdk = { region, endpoint, credentials };
  return {
    name: 'local',
    account,
    region,
    sdk,
    variables: localVariables(record),
    pollIntervalMs: 25,
    now: async () => (await cloudStatus(record)).now,
    hurry: async (work) => {
      await fetch(`${endpoint}/_drydock/speed?value=${HURRY}`);
      try {
        return await work();
      } finally {
        await fetch(`${endpoint}/_drydock/speed`);
      }
    },
    connect: async (cluster, roleArn) =>
      connectToCluster(await describeCluster(sdk, cluster), { sdk, roleArn, credentials: async () => credentials }),
    writeKubeconfig: async (cluster) => {
      // The cloud writes it when the cluster starts, with credentials that kubectl can use without a plugin.
      const file = join(stateDirectory, 'kubeconfig');
      if (existsSync(file)) return file;
      throw new UserError('NoKubeconfig', `the local cloud has written no kubeconfig for ${cluster}`);
    },
    request: async (dnsName, port, path, host) => {
      const { loadBalancers } = await cloudStatus(record);
      const balancer = loadBalancers.find((one) => one.dnsName === dnsName);
      const listener = balancer?.listeners.find((one) => one.port === port);
      if (!listener) throw new UserError('NoListener', `no load balancer ${dnsName} listens on port ${port}`);
      return get(`${listener.url}${path}`, host ?? dnsName);
    },
  };
}

async function get(url: string, host: string) {
  // `fetch` does not let anybody choose the Host header, which is what load balancer rules look at.
  const { request } = await import('node:http');
  return new Promise<{ status: number; body: string; url: string }>((resolve, reject) => {
    const sent = request(url, { headers: { host }, timeout: 10_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, url }));
    });
    sent.on('error', reject);
    sent.on('timeout', () => sent.destroy(new Error(`${url} did not answer within 10 s`)));
    sent.end();
  });
}
