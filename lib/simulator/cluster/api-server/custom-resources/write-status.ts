/** The server's own writes to the status of a definition: they leave their mark in managedFields like anybody's. */
import { trackUpdate } from '../../../../kubernetes/merge/managed-fields';
import type { KubernetesObject } from '../../../../kubernetes/object';
import { managedType, now } from '../managed-fields';
import type { ServerContext } from '../server-context';

export function writeStatus(server: ServerContext, old: KubernetesObject, status: object): KubernetesObject {
  const resource = server.resources.findByName('customresourcedefinitions.apiextensions.k8s.io');
  const next: KubernetesObject = { ...old, status };
  const managedFields = trackUpdate(managedType(server, resource, 'status'), {
    live: old,
    next,
    manager: 'kube-apiserver',
    now: now(server),
  });
  return server.store.put(resource.collection, {
    ...next,
    metadata: { ...next.metadata, ...(managedFields ? { managedFields } : {}) },
  });
}
