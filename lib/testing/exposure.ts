/** How the Pods of a workload can be reached, by the objects of an app alone. */
import type { KubernetesObject } from '../kubernetes/object';
import type * as corev1 from '../kubernetes/types/core-v1.generated';
import type * as networkingv1 from '../kubernetes/types/networking-v1.generated';
import { AppModel, namespaceOf, type Workload } from '../manifests/validation/app-model';

export interface Exposure {
  /** The Service's port, by number or name. */
  readonly port?: number | string;
  /** The Service's type, e.g. `LoadBalancer`. */
  readonly type?: corev1.ServiceSpec['type'];
  /** A host of an Ingress that leads to the Service. */
  readonly host?: string;
  /** A path of that Ingress. */
  readonly path?: string;
}

/** Who exposes it, or the reason why nobody does. @param workload `Deployment/web` */
export function findExposure(
  objects: readonly KubernetesObject[],
  workload: string,
  { port, type, host, path }: Exposure,
): { readonly found?: string; readonly missing?: string } {
  const app = new AppModel(objects);
  const [kind, name] = workload.split('/');
  const pods = app.workloads.find(({ object }) => object.kind === kind && object.metadata.name === name);
  if (pods === undefined) return { missing: 'there is no such workload' };
  const services = app.all('v1/Service').filter((service) => selects(app, service, pods));
  if (services.length === 0) return { missing: 'no Service selects its Pods' };
  const fitting = services.filter(({ spec }) => {
    const hasPort = port === undefined || spec.ports?.some((each) => each.port === port || each.name === port);
    return hasPort && (type === undefined || (spec.type ?? 'ClusterIP') === type);
  });
  if (fitting.length === 0) return { missing: `its Services are ${services.map(describe).join(', ')}` };
  if (host === undefined && path === undefined) return { found: describe(fitting[0]!) };
  const routes = fitting.flatMap((service) => routesTo(app, service));
  const route = routes.find(
    (each) => (host === undefined || each.host === host) && (path === undefined || each.path === path),
  );
  if (route !== undefined) return { found: `Ingress ${route.ingress}` };
  const known = routes.map((each) => `${each.host}${each.path}`).join(', ');
  return { missing: known === '' ? 'no Ingress leads to its Service' : `Ingresses lead to it from ${known}` };
}

function selects(app: AppModel, service: corev1.Service, pods: Workload): boolean {
  const { selector } = service.spec ?? {};
  if (!selector || Object.keys(selector).length === 0) return false;
  return app.workloadsMatching(namespaceOf(service), { matchLabels: selector }).includes(pods);
}

const describe = ({ metadata, spec }: corev1.Service): string => {
  const ports = spec.ports?.map((each) => each.name ?? each.port).join(', ');
  return `${spec.type ?? 'ClusterIP'} ${metadata.name} (${ports})`;
};

function routesTo(app: AppModel, service: corev1.Service) {
  return app.all('networking.k8s.io/v1/Ingress').flatMap((ingress: networkingv1.Ingress) => {
    if (namespaceOf(ingress) !== namespaceOf(service)) return [];
    return (ingress.spec?.rules ?? []).flatMap(({ host = '', http }) =>
      (http?.paths ?? [])
        .filter(({ backend }) => backend.service?.name === service.metadata.name)
        .map(({ path = '/' }) => ({ ingress: ingress.metadata.name, host, path })),
    );
  });
}
