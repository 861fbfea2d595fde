/** ServiceAccounts: who a Pod is. https://kubernetes.io/docs/concepts/security/service-accounts/ */
import { age } from './cells';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';

/** Of a reference to a Secret only the name means something. */
function keepNamesOfSecrets(draft: Draft): void {
  if (draft.secrets) draft.secrets = draft.secrets.map(({ name }: any) => (name ? { name } : {}));
}

export const serviceAccount = defineKind({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  resource: 'serviceaccounts',
  prepareForCreate: (draft) => keepNamesOfSecrets(draft),
  prepareForUpdate: (next) => keepNamesOfSecrets(next),
  cells: (object, context) => [object.metadata.name!, age(object, context)],
});
