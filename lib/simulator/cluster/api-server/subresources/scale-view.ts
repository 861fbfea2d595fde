/**
 * Where resources keep what their Scale shows: workloads all in the same place, custom resources where their definition
 * says.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#scale-subresource
 */
import { fieldsOf, valueAt } from '../../../../kubernetes/custom-resources/custom-kind';
import type { Draft } from '../../../../kubernetes/kinds';
import { isObject, setOwn } from '../../../../kubernetes/merge/json';
import type { ScaledResource } from '../../../../kubernetes/merge/scale-fields';
import { type KubernetesObject, parseApiVersion } from '../../../../kubernetes/object';
import { formatSelector } from '../../../../kubernetes/selectors';
import { internalError } from '../../../../kubernetes/status-error';
import type { ServedResource } from '../resources';
import type { ServerContext } from '../server-context';

const WORKLOAD_REPLICAS = '.spec.replicas';

const replicasPathOf = ({ scale }: ServedResource): string => scale?.specReplicasPath ?? WORKLOAD_REPLICAS;

/** The replicas in terms of every version that somebody wrote the object in. */
export function scaledResource(
  server: ServerContext,
  resource: ServedResource,
  { metadata }: KubernetesObject,
): ScaledResource {
  const replicasPaths: Record<string, readonly string[]> = {
    [resource.apiVersion]: fieldsOf(replicasPathOf(resource)),
  };
  for (const { apiVersion } of metadata.managedFields ?? []) {
    if (apiVersion === undefined || apiVersion in replicasPaths) continue;
    const { group, version } = parseApiVersion(apiVersion);
    const other = server.resources.tryFind(group, version, resource.resource);
    if (other) replicasPaths[apiVersion] = fieldsOf(replicasPathOf(other));
  }
  return { apiVersion: resource.apiVersion, replicasPaths };
}

/** @throws StatusError 500 for a custom resource that does not say how many replicas it wants */
export function scaleOf(resource: ServedResource, object: KubernetesObject): KubernetesObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const path = replicasPathOf(resource);
  const replicas = valueAt(object, path);
  if (resource.scale && replicas === undefined) {
    throw internalError(`the spec replicas field ${JSON.stringify(path)} does not exist`);
  }
  const selector = selectorOf(resource, object);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas ? { replicas } : {},
    status: {
      replicas: valueAt(object, resource.scale?.statusReplicasPath ?? '.status.replicas') ?? 0,
      ...(selector === '' ? {} : { selector }),
    },
  } as KubernetesObject;
}

function selectorOf({ scale }: ServedResource, object: KubernetesObject): string {
  if (scale) return scale.labelSelectorPath ? String(valueAt(object, scale.labelSelectorPath) ?? '') : '';
  const selector = object.spec?.selector;
  if (!selector) return '';
  return formatSelector(object.kind === 'ReplicationController' ? { matchLabels: selector } : selector);
}

export function setReplicas(resource: ServedResource, draft: Draft, replicas: number): void {
  const path = fieldsOf(replicasPathOf(resource));
  let place = draft as Record<string, unknown>;
  for (const name of path.slice(0, -1)) {
    const next = isObject(place[name]) ? place[name] : {};
    setOwn(place, name, next);
    place = next;
  }
  setOwn(place, path.at(-1)!, replicas);
}
