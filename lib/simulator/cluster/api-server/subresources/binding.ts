/**
 * `pods/binding`: how the scheduler puts a Pod on a node. In its old form, `POST .../bindings`, the body alone names the Pod.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/binding-v1/
 */

import type { Draft } from '../../../../kubernetes/kinds';
import { formatTime, type KubernetesObject } from '../../../../kubernetes/object';
import { trySchemaOf } from '../../../../kubernetes/schema/schema';
import { badRequest, conflict, notFound, StatusError } from '../../../../kubernetes/status-error';
import { decodeBody } from '../decode-body';
import { checkNamespace, uidPreconditionText } from '../object-meta';
import type { ApiRequest, ApiResponse } from '../request';
import type { ServerContext } from '../server-context';
import { share } from '../share';
import { admitSubresource } from './admit-subresource';

const PODS = { group: '', resource: 'pods' };
const BINDING = { group: '', version: 'v1', kind: 'Binding', schema: trySchemaOf('', 'v1', 'Binding')! };

export function bindPod(server: ServerContext, request: ApiRequest): ApiResponse {
  const { resource, namespace, name } = request;
  const warnings: string[] = [];
  const binding = decodeBody(BINDING, request.body, {
    fieldValidation: request.options.fieldValidation,
    duplicateFields: request.duplicateFields ?? [],
    warn: (text) => warnings.push(text),
  });
  checkNamespace(resource, binding, namespace);
  if (name !== '' && binding.metadata.name !== name) {
    throw badRequest('name in URL does not match name in Binding object');
  }
  admitSubresource(server, request, binding, (text) => warnings.push(text));
  return assign(server, request, binding, warnings);
}

function assign(server: ServerContext, request: ApiRequest, binding: Draft, warnings: string[]): ApiResponse {
  const name = binding.metadata.name ?? '';
  checkTarget(binding);
  const { store, simulation } = server;
  const pod = store.get('pods', request.namespace, name);
  if (!pod) throw notFound(PODS, name);
  checkBindable(pod, binding);
  const now = formatTime(simulation.clock.now());
  const bound = {
    ...pod,
    metadata: { ...pod.metadata, ...mergedMarks(pod, binding) },
    spec: { ...pod.spec, nodeName: binding.target.name },
    status: { ...pod.status, conditions: scheduled(pod.status?.conditions ?? [], now) },
  };
  if (!request.options.dryRun) store.put('pods', share(bound, pod));
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } as const;
  return { code: 201, status, warnings };
}

/** A Binding may bring labels and annotations along. */
function mergedMarks(pod: KubernetesObject, { metadata }: Draft) {
  return {
    ...(metadata.labels ? { labels: { ...pod.metadata.labels, ...metadata.labels } } : {}),
    ...(metadata.annotations ? { annotations: { ...pod.metadata.annotations, ...metadata.annotations } } : {}),
  };
}

/** The real server forgets to make a proper answer of these. */
function checkTarget({ target }: Draft): void {
  const failure = (message: string) => new StatusError(500, '', message);
  if (target?.kind && target.kind !== 'Node') {
    throw failure(
      `target.kind: Unsupported value: ${JSON.stringify(target.kind)}: supported values: "Node", "<empty>"`,
    );
  }
  if (!target?.name) throw failure('target.name: Required value');
}

function checkBindable(pod: KubernetesObject, binding: Draft): void {
  const name = pod.metadata.name!;
  const refuse = (cause: string) => conflict({ group: '', resource: 'pods/binding' }, name, cause);
  const { uid, resourceVersion } = binding.metadata;
  if (uid && uid !== pod.metadata.uid) {
    const key = `/registry/pods/${pod.metadata.namespace}/${name}`;
    const cause = uidPreconditionText(uid, pod.metadata.uid);
    const text = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${cause}`;
    throw conflict(PODS, name, text);
  }
  if (resourceVersion && resourceVersion !== pod.metadata.resourceVersion) {
    throw refuse(
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${pod.metadata.resourceVersion}`,
    );
  }
  if (pod.metadata.deletionTimestamp) throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec.nodeName) throw refuse(`pod ${name} is already assigned to node "${pod.spec.nodeName}"`);
  if (pod.spec.schedulingGates?.length) {
    throw refuse(`pod ${name} has non-empty .spec.schedulingGates`);
  }
}

function scheduled(conditions: readonly any[], now: string): any[] {
  const condition = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: now };
  return [...conditions.filter(({ type }) => type !== 'PodScheduled'), condition];
}
