/**
 * Fills Secrets of type `kubernetes.io/service-account-token` with a token of the account that they name, which never ends;
 * removes them when the account goes.
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#token-controller
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { type ControllerContext, type ControllerDefinition, splitName } from './controller';

const TYPE = 'kubernetes.io/service-account-token';
const NAME = 'kubernetes.io/service-account.name';
const UID = 'kubernetes.io/service-account.uid';

export const serviceAccountTokenController: ControllerDefinition = {
  name: 'serviceaccount-token-controller',
  serviceAccount: 'tokens-controller',
  create: (context) => ({
    watches: [
      { collection: 'secrets' },
      { collection: 'serviceaccounts', names: ({ object }) => secretsOf(context, object) },
    ],
    reconcile(key) {
      const { namespace, name } = splitName(key);
      const secret = context.store.get('secrets', namespace, name);
      if (secret?.type === TYPE && !secret.metadata.deletionTimestamp) fill(context, secret);
      return undefined;
    },
  }),
};

function* secretsOf({ store }: ControllerContext, { metadata }: KubernetesObject): Iterable<string> {
  for (const { type, metadata: secret } of store.list('secrets', metadata.namespace)) {
    if (type === TYPE && secret.annotations?.[NAME] === metadata.name) yield `${secret.namespace}/${secret.name}`;
  }
}

function fill(context: ControllerContext, secret: KubernetesObject): void {
  const { store, client, serviceAccountTokens, caCertificate } = context;
  const { namespace, name, annotations = {} } = secret.metadata;
  const account = store.get('serviceaccounts', namespace, annotations[NAME] ?? '');
  const uid = account?.metadata.uid;
  if (!uid || (annotations[UID] !== undefined && annotations[UID] !== uid)) {
    client.delete('secrets', namespace, name!, { preconditions: { uid: secret.metadata.uid } });
    return;
  }
  const encode = (text: string) => Buffer.from(text).toString('base64');
  const wanted: Record<string, string> = {
    namespace: encode(namespace!),
    ...(caCertificate ? { 'ca.crt': encode(caCertificate) } : {}),
  };
  const isComplete = Object.entries(wanted).every(([key, value]) => secret.data?.[key] === value);
  if (!serviceAccountTokens || (isComplete && secret.data?.token && annotations[UID] === uid)) return;
  const token =
    secret.data?.token ??
    encode(
      serviceAccountTokens.issueForSecret({
        namespace: namespace!,
        serviceAccount: { name: annotations[NAME]!, uid },
        secretName: name!,
      }),
    );
  client.update('secrets', {
    ...secret,
    metadata: { ...secret.metadata, annotations: { ...annotations, [UID]: uid } },
    data: { ...secret.data, ...wanted, token },
  });
}
