/** Services that the API server itself calls. */
import type { KubernetesObject } from '../../../kubernetes/object';
import type * as corev1 from '../../../kubernetes/types/core-v1.generated';
import type { AppModel } from '../app-model';
import type { Rule } from '../rule';

interface Reference {
  readonly namespace?: string;
  readonly name?: string;
  readonly port?: number;
}

/** Every Service that the API server itself calls. */
function* calledServices(app: AppModel): Generator<{ object: KubernetesObject; service: Reference; field: string }> {
  const hooks: readonly KubernetesObject[] = [
    ...app.all('admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration'),
    ...app.all('admissionregistration.k8s.io/v1/MutatingWebhookConfiguration'),
  ];
  for (const object of hooks) {
    for (const [index, webhook] of (object.webhooks ?? []).entries()) {
      const service = webhook.clientConfig?.service;
      if (service) yield { object, service, field: `webhooks[${index}].clientConfig.service` };
    }
  }
  for (const object of app.all('apiregistration.k8s.io/v1/APIService') as readonly KubernetesObject[]) {
    if (object.spec?.service) yield { object, service: object.spec.service, field: 'spec.service' };
  }
  const definitions: readonly KubernetesObject[] = app.all('apiextensions.k8s.io/v1/CustomResourceDefinition');
  for (const object of definitions) {
    const service = object.spec?.conversion?.webhook?.clientConfig?.service;
    if (service) yield { object, service, field: 'spec.conversion.webhook.clientConfig.service' };
  }
}

export const webhookMissingService: Rule = {
  id: 'webhook-missing-service',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference',
  about:
    'A webhook or an aggregated API whose Service is not there makes the API server refuse what it should ask about.',
  check(app, report) {
    for (const { object, service, field } of calledServices(app)) {
      const { namespace = 'default', name = '' } = service;
      if (app.has('Service', namespace, name)) continue;
      const elsewhere = app.all('v1/Service').find(({ metadata }) => metadata.name === name);
      report(object, {
        field,
        message: `calls Service "${name}" in namespace "${namespace}", which is not in the application`,
        fix: elsewhere
          ? `it is in namespace "${elsewhere.metadata.namespace ?? 'default'}"`
          : 'add the Service, or correct the name',
      });
    }
  },
};

export const webhookMissingPort: Rule = {
  id: 'webhook-missing-port',
  severity: 'error',
  see: 'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference',
  about:
    'The API server calls a webhook on port 443 of its Service, or on the one that is said; the Service must have it.',
  check(app, report) {
    for (const { object, service, field } of calledServices(app)) {
      const { namespace = 'default', name = '', port = 443 } = service;
      const found = app.tryGet<corev1.Service>('Service', namespace, name);
      const ports = found?.spec?.ports?.map((each) => each.port) ?? [];
      if (ports.length === 0 || ports.includes(port)) continue;
      report(object, {
        field: `${field}.port`,
        message: `calls port ${port} of Service "${name}", which has ${ports.join(', ')}`,
        fix: service.port === undefined ? `say port: ${ports[0]}` : 'correct the port',
      });
    }
  },
};
