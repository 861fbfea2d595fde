/** Where Ingresses lead. */
import type * as corev1 from '../../../kubernetes/types/core-v1.generated';
import type * as networkingv1 from '../../../kubernetes/types/networking-v1.generated';
import { closest } from '../../closest';
import { namespaceOf } from '../app-model';
import type { Rule } from '../rule';

export const ingressMissingService: Rule = {
  id: 'ingress-missing-service',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/concepts/services-networking/ingress/',
  about:
    'An Ingress sends traffic to Services of its own namespace; a backend without a Service answers with an error.',
  check(app, report) {
    for (const ingress of app.all('networking.k8s.io/v1/Ingress')) {
      for (const { name, field } of backendsOf(ingress)) {
        if (app.has('Service', namespaceOf(ingress), name)) continue;
        const known = app.all('v1/Service').map(({ metadata }) => metadata.name ?? '');
        const instead = closest(name, known);
        report(ingress, {
          field: `${field}.name`,
          message: `routes to Service "${name}", which is not in the application`,
          fix:
            instead === undefined
              ? 'add the Service, or accept this if something else makes it'
              : `did you mean "${instead}"?`,
        });
      }
    }
  },
};

export const ingressMissingPort: Rule = {
  id: 'ingress-missing-port',
  severity: 'error',
  see: 'https://kubernetes.io/docs/concepts/services-networking/ingress/',
  about: 'The port of an Ingress backend must be one of the ports of its Service.',
  check(app, report) {
    for (const ingress of app.all('networking.k8s.io/v1/Ingress')) {
      for (const { name, port, field } of backendsOf(ingress)) {
        const service = app.tryGet<corev1.Service>('Service', namespaceOf(ingress), name);
        const ports = service?.spec?.ports ?? [];
        if (port === undefined || ports.length === 0) continue;
        if (ports.some((known) => known.port === port || known.name === port)) continue;
        const known = ports.map((entry) => (entry.name ? `${entry.port} (${entry.name})` : entry.port)).join(', ');
        report(ingress, {
          field: `${field}.port`,
          message: `routes to port ${typeof port === 'string' ? `"${port}"` : port}, which Service "${name}" does not have`,
          fix: `it has ${known}`,
        });
      }
    }
  },
};

export const sameRoute: Rule = {
  id: 'same-route',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/concepts/services-networking/ingress/',
  about: 'Two Ingress rules for one host and path: which of them answers depends on the controller.',
  check(app, report) {
    const first = new Map<string, networkingv1.Ingress>();
    for (const ingress of app.all('networking.k8s.io/v1/Ingress')) {
      const ingressClass = ingress.spec?.ingressClassName ?? '';
      (ingress.spec?.rules ?? []).forEach(({ host = '*', http }, rule) => {
        (http?.paths ?? []).forEach(({ path = '/', pathType }, index) => {
          const key = `${ingressClass} ${host}${path} ${pathType}`;
          const other = first.get(key);
          if (other === undefined) first.set(key, ingress);
          else {
            report(ingress, {
              field: `spec.rules[${rule}].http.paths[${index}]`,
              message: `routes ${host}${path}, and so does Ingress "${other.metadata.name}"`,
              fix: 'remove one of the two',
            });
          }
        });
      });
    }
  },
};

interface Backend {
  readonly name: string;
  readonly port: number | string | undefined;
  readonly field: string;
}

function backendsOf({ spec }: networkingv1.Ingress): Backend[] {
  const backend = (entry: networkingv1.IngressBackend | undefined, field: string): Backend[] => {
    const service = entry?.service;
    if (!service) return [];
    return [{ name: service.name, port: service.port?.name || service.port?.number, field: `${field}.service` }];
  };
  const rules = (spec?.rules ?? []).flatMap(({ http }, rule) =>
    (http?.paths ?? []).flatMap((path, index) =>
      backend(path.backend, `spec.rules[${rule}].http.paths[${index}].backend`),
    ),
  );
  return [...backend(spec?.defaultBackend, 'spec.defaultBackend'), ...rules];
}
