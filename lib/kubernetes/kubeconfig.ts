/**
 * The file that tells kubectl where a cluster is and who asks.
 * https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 */
export interface KubeconfigOptions {
  /** Names the cluster, the user and the context. */
  readonly name: string;
  readonly server: string;
  /** PEM; absent for plain HTTP. */
  readonly certificateAuthority?: string;
  readonly user:
    | { readonly token: string }
    | { readonly clientCertificate: string; readonly clientKey: string }
    /** A command that prints an ExecCredential. */
    | { readonly exec: { readonly apiVersion: string; readonly command: string; readonly args: readonly string[] } }
    | Record<string, never>;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** As JSON, which is YAML, too. */
export function kubeconfig({ name, server, certificateAuthority, user }: KubeconfigOptions): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          server,
          ...(certificateAuthority ? { 'certificate-authority-data': base64(certificateAuthority) } : {}),
        },
      },
    ],
    users: [
      {
        name,
        user:
          'clientCertificate' in user
            ? {
                'client-certificate-data': base64(user.clientCertificate),
                'client-key-data': base64(user.clientKey),
              }
            : user,
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
}
