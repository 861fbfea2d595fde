/**
 * OpenID Connect providers whose users a cluster lets in beside IAM's: one for each cluster, and it takes a quarter of an hour.
 * https://docs.aws.amazon.com/eks/latest/userguide/authenticate-oidc-identity-provider.html
 *
 * Left out: the API server accepts no tokens of theirs.
 */
import { LATENCY } from '../latencies';
import type { Scope, WireObject } from '../service';
import { eksOf, inUse, invalidParameter, nowSeconds, type OidcConfig, resourceNotFound } from './state';

export function associateIdentityProvider(scope: Scope, input: WireObject): OidcConfig {
  const record = eksOf(scope).findActive(String(input.clusterName));
  const clusterName = record.cluster.name;
  const { identityProviderConfigName: name, issuerUrl, clientId, ...claims } = input.oidc ?? {};
  if (!String(issuerUrl).startsWith('https://')) {
    throw invalidParameter('Issuer URL should begin with https:// and should not contain any query parameters', {
      clusterName,
    });
  }
  if (record.identityProviders.size > 0)
    throw inUse('Identity provider config is already associated with cluster', { clusterName });
  const config: OidcConfig = {
    identityProviderConfigName: String(name),
    identityProviderConfigArn: eksOf(scope).arn(
      `identityproviderconfig/${clusterName}/oidc/${name}/${eksOf(scope).uuid()}`,
    ),
    clusterName,
    issuerUrl: String(issuerUrl),
    clientId: String(clientId),
    claims,
    createdAt: nowSeconds(scope),
    status: 'CREATING',
    tags: input.tags ?? {},
  };
  record.identityProviders.set(config.identityProviderConfigName, config);
  later(scope, `the identity provider ${name}`, () => {
    if (config.status === 'CREATING') config.status = 'ACTIVE';
  });
  return config;
}

export function findIdentityProvider(scope: Scope, clusterName: string, name: string): OidcConfig {
  const config = eksOf(scope).find(clusterName).identityProviders.get(name);
  if (!config) throw resourceNotFound('Identity provider config is not associated with cluster', { clusterName });
  return config;
}

export function disassociateIdentityProvider(scope: Scope, clusterName: string, name: string): OidcConfig {
  const config = findIdentityProvider(scope, clusterName, name);
  if (config.status === 'CREATING') throw inUse('Identity provider config is being associated', { clusterName });
  config.status = 'DELETING';
  later(scope, `the identity provider ${name}`, () => {
    eksOf(scope).clusters.get(clusterName)?.identityProviders.delete(name);
  });
  return config;
}

export function wireIdentityProvider({ claims, ...config }: OidcConfig): WireObject {
  return { ...config, ...claims };
}

function later(scope: Scope, what: string, action: () => void): void {
  const end = scope.account.begin(what);
  scope.account.simulation.clock.after(LATENCY.identityProvider.change, () => {
    action();
    end();
  });
}
