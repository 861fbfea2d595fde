/**
 * `/scale`: the replicas of any workload through one small object.
 * https://kubernetes.io/docs/reference/kubernetes-api/autoscaling-resources/scale-v1/
 */
import type { Draft } from '../../../../kubernetes/kinds';
import type { KubernetesObject } from '../../../../kubernetes/object';
import { trySchemaOf } from '../../../../kubernetes/schema/schema';
import { formatSelector } from '../../../../kubernetes/selectors';
import { notFound } from '../../../../kubernetes/status-error';
import { decodeBody } from '../decode-body';
import { checkName, checkNamespace } from '../object-meta';
import { applyPatch } from '../patch';
import type { ApiRequest, ApiResponse } from '../request';
import { fromStored, type ServerContext } from '../server-context';
import { updateDraft } from '../update';

const SCALE = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  schema: trySchemaOf('autoscaling', 'v1', 'Scale')!,
};

export function scale(server: ServerContext, request: ApiRequest): ApiResponse {
  const { resource } = request;
  const stored = server.store.get(resource.collection, request.namespace || undefined, request.name);
  if (!stored) throw notFound(resource, request.name);
  const current = scaleOf(stored);
  if (request.verb === 'get') return { code: 200, object: current, warnings: [] };
  const warnings: string[] = [];
  const warn = (text: string) => warnings.push(text);
  const body = request.verb === 'patch' ? applyPatch(current, request, SCALE.schema) : request.body;
  const wanted = decodeBody(SCALE, body, {
    fieldValidation: request.options.fieldValidation,
    duplicateFields: request.duplicateFields ?? [],
    warn,
  });
  checkName(wanted, request.name);
  checkNamespace(resource, wanted, request.namespace);
  const draft = structuredClone(fromStored(resource, stored)) as Draft;
  draft.spec = { ...draft.spec, replicas: wanted.spec?.replicas ?? 0 };
  draft.metadata.resourceVersion = wanted.metadata.resourceVersion;
  const object = updateDraft(server, { ...request, subresource: '' }, { draft, old: stored, warn });
  return { code: 200, object: scaleOf(object), warnings };
}

function scaleOf(object: KubernetesObject): KubernetesObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = object.spec?.selector;
  const isPlain = object.kind === 'ReplicationController';
  const text = selector ? formatSelector(isPlain ? { matchLabels: selector } : selector) : '';
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: object.spec?.replicas ? { replicas: object.spec.replicas } : {},
    status: { replicas: object.status?.replicas ?? 0, ...(text === '' ? {} : { selector: text }) },
  } as KubernetesObject;
}
