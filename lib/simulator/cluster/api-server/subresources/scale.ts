/**
 * `/scale`: the replicas of any workload through one small object.
 * https://kubernetes.io/docs/reference/kubernetes-api/autoscaling-resources/scale-v1/
 */
import { ErrorList, root, throwIfInvalid } from '../../../../kubernetes/field-errors';
import type { Draft } from '../../../../kubernetes/kinds';
import { apply, type ManagedType, trackUpdate } from '../../../../kubernetes/merge/managed-fields';
import { fromScaleEntries, toScaleEntries } from '../../../../kubernetes/merge/scale-fields';
import type { KubernetesObject } from '../../../../kubernetes/object';
import { decode } from '../../../../kubernetes/schema/decode';
import { trySchemaOf } from '../../../../kubernetes/schema/schema';
import { notFound } from '../../../../kubernetes/status-error';
import { requireManager } from '../apply';
import { decodeBody } from '../decode-body';
import { managerOf, now } from '../managed-fields';
import { checkName, checkNamespace } from '../object-meta';
import { patched } from '../patch';
import type { ApiRequest, ApiResponse } from '../request';
import { fromStored, type ServerContext } from '../server-context';
import { updateDraft } from '../update';
import { scaledResource, scaleOf, setReplicas } from './scale-view';

const SCALE = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  schema: trySchemaOf('autoscaling', 'v1', 'Scale')!,
};

const SCALE_TYPE: ManagedType = {
  apiVersion: 'autoscaling/v1',
  kind: 'Scale',
  schema: SCALE.schema,
  empty: decode(SCALE.schema, {}).value,
  subresource: 'scale',
};

export function scale(server: ServerContext, request: ApiRequest): ApiResponse {
  const { resource } = request;
  const stored = server.store.get(resource.collection, request.namespace || undefined, request.name);
  if (!stored) throw notFound(resource, request.name);
  const parent = fromStored(resource, stored);
  const current = scaleOf(resource, parent);
  if (request.verb === 'get') return { code: 200, object: current, warnings: [] };
  const warnings: string[] = [];
  const wanted = wantedScale(
    server,
    { ...request, resource },
    { parent, current, warn: (text) => warnings.push(text) },
  );
  // Admission sees the Scale, not what is scaled.
  const warn = (text: string) => warnings.push(text);
  admitScale(server, request, { wanted, current, warn }, 'admit');
  checkReplicas(wanted);
  admitScale(server, request, { wanted, current, warn }, 'validate');
  const draft = structuredClone(parent) as Draft;
  setReplicas(resource, draft, wanted.spec?.replicas ?? 0);
  draft.metadata.resourceVersion = wanted.metadata.resourceVersion;
  draft.metadata.managedFields = fromScaleEntries(
    scaledResource(server, resource, parent),
    parent.metadata.managedFields,
    wanted.metadata.managedFields,
  );
  if (!draft.metadata.managedFields) delete draft.metadata.managedFields;
  const update = {
    draft,
    old: stored,
    warn,
    fieldsTracked: true,
  };
  const object = updateDraft(server, { ...request, subresource: '', isAdmitted: true }, update);
  return { code: 200, object: scaleOf(resource, object), warnings };
}

function admitScale(
  server: ServerContext,
  request: ApiRequest,
  { wanted, current, warn }: { wanted: Draft; current: KubernetesObject; warn: (text: string) => void },
  phase: 'admit' | 'validate',
): void {
  const { resource, namespace, name, user, options } = request;
  server.admission[phase]({
    operation: 'UPDATE',
    resource,
    subresource: 'scale',
    namespace,
    name,
    object: wanted,
    oldObject: current,
    user,
    dryRun: options.dryRun ?? false,
    request,
    warn,
  });
}

/** A Scale is checked before what it scales. */
function checkReplicas({ metadata, spec }: Draft): void {
  const errors = new ErrorList();
  const replicas: number = spec?.replicas ?? 0;
  if (replicas < 0) errors.invalid(root('spec').child('replicas'), replicas, 'must be greater than or equal to 0');
  throwIfInvalid(SCALE, metadata.name ?? '', errors);
}

interface ScaleWrite {
  readonly parent: KubernetesObject;
  readonly current: KubernetesObject;
  readonly warn: (text: string) => void;
}

/** The Scale that the request asks for; its managedFields say who will own the replicas. */
function wantedScale(server: ServerContext, request: ApiRequest, { parent, current, warn }: ScaleWrite): Draft {
  const { resource, name, namespace, options } = request;
  const live = structuredClone(current);
  const entries = toScaleEntries(scaledResource(server, resource, parent), parent.metadata.managedFields);
  if (entries) live.metadata.managedFields = entries;
  let wanted: Draft;
  if (request.patchType === 'apply') {
    requireManager(request);
    const config = (request.body ?? {}) as Record<string, unknown>;
    const applied = apply(SCALE_TYPE, {
      live,
      config,
      manager: options.fieldManager!,
      force: options.force ?? false,
      now: now(server),
    });
    wanted = decode(SCALE.schema, applied.object).value;
    if (applied.managedFields) wanted.metadata.managedFields = applied.managedFields;
  } else {
    wanted =
      request.verb === 'patch'
        ? patched(SCALE, { request, current: live, warn })
        : decodeBody(SCALE, request.body, {
            fieldValidation: options.fieldValidation,
            duplicateFields: request.duplicateFields ?? [],
            warn,
          });
    const managedFields = trackUpdate(SCALE_TYPE, {
      live,
      next: wanted,
      manager: managerOf(request),
      now: now(server),
    });
    if (managedFields) wanted.metadata.managedFields = managedFields;
  }
  checkName(wanted, name);
  checkNamespace(resource, wanted, namespace);
  return wanted;
}
