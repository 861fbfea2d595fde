/**
 * The only place that knows whether the cloud is real or simulated. Everything above speaks the wire protocols of AWS
 * and Kubernetes and is told here where to send them.
 */
import type { Transport } from '../apply';

/** Passed to every AWS SDK v3 client. */
export interface SdkConfiguration {
  readonly region: string;
  /** Absent on real AWS. */
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** Where the request really went, for people to repeat it. */
  readonly url: string;
}

export interface Backend {
  readonly name: 'local' | 'aws';
  readonly account: string;
  readonly region: string;
  readonly sdk: SdkConfiguration;
  /** What a child process needs in its environment to reach the same cloud. */
  readonly variables: Readonly<Record<string, string>>;
  /** Milliseconds between two polls of a stack operation. */
  readonly pollIntervalMs: number;
  /** The cloud's time, milliseconds since 1970. */
  now(): Promise<number>;
  /** Runs work that mostly waits. The local cloud lets time pass faster meanwhile; AWS does not. */
  hurry<T>(work: () => Promise<T>): Promise<T>;
  /** Opens a connection to the API server of an EKS cluster, as an IAM role, or else as the caller. */
  connect(clusterName: string, roleArn?: string): Promise<Transport>;
  /** Writes a kubeconfig for the cluster and returns its path. */
  writeKubeconfig(clusterName: string, roleArn?: string): Promise<string>;
  /** Sends a GET through a load balancer, by its DNS name and listener port. */
  request(dnsName: string, port: number, path: string, host?: string): Promise<HttpAnswer>;
}
