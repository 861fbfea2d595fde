/** MutatingWebhookConfigurations: HTTP callbacks that may change a request. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/ */

import { semanticEqual } from '../equality';
import { applyWebhookDefaults } from './admission-defaults';
import { age } from './cells';
import { defineKind } from './define-kind';
import { validateWebhooks } from './webhook-rules';

export const mutatingWebhookConfiguration = defineKind({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  resource: 'mutatingwebhookconfigurations',
  metadataCheckedOnce: true,
  freeFinalizers: true,
  namespaced: false,
  defaults: ({ webhooks }) => {
    for (const webhook of webhooks ?? []) {
      applyWebhookDefaults(webhook);
      webhook.reinvocationPolicy ??= 'Never';
    }
  },
  generation: (next, old) => !semanticEqual(next.webhooks, old.webhooks),
  allowUnconditionalUpdate: false,
  validate: validateWebhooks,
  cells: (object, context) => [object.metadata.name!, object.webhooks?.length ?? 0, age(object, context)],
});
