/**
 * `pods/binding`: how the scheduler puts a Pod on a node.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/binding-v1/
 */
import type { Draft } from '../../../../kubernetes/kinds';
import { formatTime, type KubernetesObject } from '../../../../kubernetes/object';
import { trySchemaOf } from '../../../../kubernetes/schema/schema';
import { badRequest, conflict, notFound, StatusError } from '../../../../kubernetes/status-error';
import { decodeBody } from '../decode-body';
import { checkNamespace } from '../object-meta';
import type { ApiRequest, ApiResponse } from '../request';
import type { ServerContext } from '../server-context';
import { share } from '../share';

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
  if (binding.metadata.name !== name) throw badRequest('name in URL does not match name in Binding object');
  const { store, simulation } = server;
  const pod = store.get('pods', namespace, name);
  if (!pod) throw notFound(resource, name);
  checkBindable(pod, binding);
  const now = formatTime(simulation.clock.now());
  const bound = {
    ...pod,
    metadata: { ...pod.metadata, ...mergedAnnotations(pod, binding) },
    spec: { ...pod.spec, nodeName: binding.target.name },
    status: { ...pod.status, conditions: scheduled(pod.status?.conditions ?? [], now) },
  };
  if (!request.options.dryRun) store.put('pods', share(bound, pod));
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } as const;
  return { code: 201, status, warnings };
}

function mergedAnnotations(pod: KubernetesObject, binding: Draft) {
  const extra = binding.metadata.annotations;
  return extra ? { annotations: { ...pod.metadata.annotations, ...extra } } : {};
}

function checkBindable(pod: KubernetesObject, binding: Draft): void {
  const name = pod.metadata.name!;
  const refuse = (cause: string) => conflict({ group: '', resource: 'pods/binding' }, name, cause);
  const { uid, resourceVersion } = binding.metadata;
  if (uid && uid !== pod.metadata.uid) {
    throw refuse(`Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid}`);
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
  if (!binding.target?.name) throw new StatusError(400, 'BadRequest', 'target.name is required');
}

function scheduled(conditions: readonly any[], now: string): any[] {
  const condition = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: now };
  return [...conditions.filter(({ type }) => type !== 'PodScheduled'), condition];
}
