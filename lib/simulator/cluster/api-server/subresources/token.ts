/**
 * `serviceaccounts/token`: a bearer token for a while. What `kubectl create token` and every kubelet ask for.
 * https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
 */
import { ErrorList, root, throwIfInvalid } from '../../../../kubernetes/field-errors';
import type { Draft } from '../../../../kubernetes/kinds';
import { formatTime, type KubernetesObject, parseApiVersion } from '../../../../kubernetes/object';
import { trySchemaOf } from '../../../../kubernetes/schema/schema';
import { badRequest, conflict, notFound } from '../../../../kubernetes/status-error';
import { SERVICE_ACCOUNT_AUDIENCE, type TokenClaims } from '../auth/service-account-tokens';
import { decodeBody } from '../decode-body';
import { trackUpdateOf } from '../managed-fields';
import { checkNamespace } from '../object-meta';
import type { ApiRequest, ApiResponse } from '../request';
import type { ServerContext } from '../server-context';

const GROUP = 'authentication.k8s.io';
const TOKEN_REQUEST = {
  group: GROUP,
  version: 'v1',
  kind: 'TokenRequest',
  apiVersion: `${GROUP}/v1`,
  schema: trySchemaOf(GROUP, 'v1', 'TokenRequest')!,
};
const DEFAULT_SECONDS = 3600;
const SHORTEST_SECONDS = 600;

export function createToken(server: ServerContext, request: ApiRequest): ApiResponse {
  const { resource, namespace, name } = request;
  const warnings: string[] = [];
  const draft = decodeBody(TOKEN_REQUEST, request.body, {
    fieldValidation: request.options.fieldValidation,
    duplicateFields: request.duplicateFields ?? [],
    warn: (text) => warnings.push(text),
  });
  checkNamespace(resource, draft, namespace);
  const account = server.store.get('serviceaccounts', namespace, name);
  if (!account) throw notFound(resource, name);
  draft.spec.expirationSeconds ??= DEFAULT_SECONDS;
  draft.status = {};
  trackUpdateOf(server, request, TOKEN_REQUEST, draft);
  checkIdentity(draft, name);
  check(draft);
  const audiences: string[] = draft.spec.audiences?.length ? draft.spec.audiences : [SERVICE_ACCOUNT_AUDIENCE];
  const boundTo = boundObject(server, namespace, draft);
  const { token, expiresAt } = server.tokens.issue({
    namespace,
    serviceAccount: { name, uid: account.metadata.uid! },
    audiences,
    expirationSeconds: draft.spec.expirationSeconds,
    ...(boundTo ? { boundTo, ...nodeOf(server, namespace, boundTo) } : {}),
  });
  const { uid } = account.metadata;
  const creationTimestamp = formatTime(server.simulation.clock.now());
  const object = {
    kind: draft.kind,
    apiVersion: draft.apiVersion,
    metadata: { ...draft.metadata, name, namespace, uid, creationTimestamp },
    spec: { ...draft.spec, audiences },
    status: { token, expirationTimestamp: formatTime(expiresAt) },
  } as KubernetesObject;
  return { code: 201, object, warnings };
}

function checkIdentity({ metadata }: Draft, account: string): void {
  if (!metadata.name || metadata.name === account) return;
  const errors = new ErrorList();
  errors.invalid(root('metadata').child('name'), metadata.name, 'must match the service account name if specified');
  throwIfInvalid({ group: GROUP, kind: 'TokenRequest' }, account, errors);
}

function check({ spec }: Draft): void {
  const errors = new ErrorList();
  const path = root('spec').child('expirationSeconds');
  const seconds: number = spec.expirationSeconds;
  if (seconds < SHORTEST_SECONDS) errors.invalid(path, seconds, 'may not specify a duration less than 10 minutes');
  if (seconds > 2 ** 32) errors.invalid(path, seconds, 'may not specify a duration larger than 2^32 seconds');
  throwIfInvalid({ group: GROUP, kind: 'TokenRequest' }, '', errors);
}

const BINDABLE: Readonly<Record<string, { readonly kind: 'Pod' | 'Secret' | 'Node'; readonly collection: string }>> = {
  'v1/Pod': { kind: 'Pod', collection: 'pods' },
  'v1/Secret': { kind: 'Secret', collection: 'secrets' },
  'v1/Node': { kind: 'Node', collection: 'nodes' },
};

/** Where a Pod runs. */
function nodeOf(
  { store }: ServerContext,
  namespace: string,
  { kind, name }: NonNullable<TokenClaims['boundTo']>,
): Pick<TokenClaims, 'node'> {
  const nodeName = kind === 'Pod' ? store.get('pods', namespace, name)?.spec.nodeName : undefined;
  if (!nodeName) return {};
  const uid = store.get('nodes', undefined, nodeName)?.metadata.uid;
  return { node: { name: nodeName, ...(uid ? { uid } : {}) } };
}

function boundObject(server: ServerContext, namespace: string, { spec }: Draft): TokenClaims['boundTo'] {
  const wanted = spec.boundObjectRef;
  if (!wanted) return undefined;
  const { group, version } = parseApiVersion(wanted.apiVersion ?? '');
  const bindable = BINDABLE[`${wanted.apiVersion}/${wanted.kind}`];
  if (!bindable) {
    const prefix = group === '' ? `/${version}` : `${group}/${version}`;
    throw badRequest(`cannot bind token to object of type ${prefix}, Kind=${wanted.kind}`);
  }
  const { kind, collection } = bindable;
  const found = server.store.get(collection, kind === 'Node' ? undefined : namespace, wanted.name);
  if (!found) throw notFound({ group: '', resource: collection }, wanted.name);
  if (wanted.uid && wanted.uid !== found.metadata.uid) {
    const cause = `the UID in the bound object reference (${wanted.uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict({ group: '', resource: collection }, wanted.name, cause);
  }
  return { kind, name: wanted.name, uid: found.metadata.uid! };
}
