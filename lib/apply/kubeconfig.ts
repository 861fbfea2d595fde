/**
 * A connection by kubeconfig, as kubectl would make it: contexts, client certificates, tokens, exec plugins such as
 * `aws eks get-token`. https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 *
 * Reading these files and running these plugins is all that we use @kubernetes/client-node for. It is an ES module that
 * plain Jest cannot load, so it is loaded when somebody connects and not before.
 */
import type { RequestOptions } from 'node:https';
import { UserError } from '../kubernetes/user-error';
import { httpTransport } from './http-transport';
import type { Transport } from './transport';

export interface KubeconfigOptions {
  /** @default $KUBECONFIG, ~/.kube/config or the Pod's own service account, as with kubectl */
  readonly file?: string;
  /** @default the file's current context */
  readonly context?: string;
}

/** @throws UserError when there is no such file or context. */
export async function connectByKubeconfig(options: KubeconfigOptions = {}): Promise<Transport> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    if (options.file) config.loadFromFile(options.file);
    else config.loadFromDefault();
  } catch (error) {
    const hint = 'Name a kubeconfig file, or set KUBECONFIG.';
    throw new UserError('BadKubeconfig', `The kubeconfig cannot be read: ${(error as Error).message}`, hint);
  }
  if (options.context) config.setCurrentContext(options.context);
  const cluster = config.getCurrentCluster();
  if (!cluster) {
    const known = config.getContexts().map(({ name }) => name);
    const name = options.context ?? config.getCurrentContext();
    throw new UserError(
      'NoContext',
      `The kubeconfig has no context "${name}".`,
      `It has: ${known.join(', ') || 'none'}.`,
    );
  }
  const login: RequestOptions = {};
  await config.applyToHTTPSOptions(login);
  return httpTransport({
    server: cluster.server,
    certificateAuthority: text(login.ca),
    clientCertificate: text(login.cert),
    clientKey: text(login.key),
    insecureSkipTlsVerify: cluster.skipTLSVerify ?? false,
    ...(cluster.tlsServerName ? { tlsServerName: cluster.tlsServerName } : {}),
    token: async () => {
      // Exec plugins are asked again when their token has expired.
      const request: RequestOptions = {};
      await config.applyToHTTPSOptions(request);
      const authorization = (request.headers as Record<string, string> | undefined)?.Authorization ?? '';
      return authorization.replace(/^Bearer /, '');
    },
  });
}

function text(pem: unknown): string | undefined {
  if (pem === undefined || pem === null) return undefined;
  return String(pem);
}
