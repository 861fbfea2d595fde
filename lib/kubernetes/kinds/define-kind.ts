/**
 * Builds a KindDefinition from what is particular to a kind, and adds what all kinds share.
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md
 *
 * - Metadata is validated on every create and update, on updates once by the kind and once by the machinery beneath it: the
 *   real server lists such a mistake twice among the causes, and so do we.
 * - A kind with a status subresource never takes `status` from a create or an update, and nothing but `status` from
 *   PUT .../status.
 * - `metadata.generation` starts at 1 and grows when the desired state changes.
 */
import { semanticEqual } from '../equality';
import { ErrorList, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { type NameRule, nameIsPathSegment, nameIsSubdomain } from '../validation/names';
import {
  type ObjectMetaRules,
  validateKubernetesFinalizers,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../validation/object-meta';
import { defaultCells } from './cells';
import type {
  Cell,
  CellContext,
  Conversion,
  DeletePropagation,
  Draft,
  KindDefinition,
  RequestContext,
  UpdateStrategy,
} from './kind-definition';

type Validate = (object: KubernetesObject, errors: ErrorList, context: RequestContext) => void;
type ValidateUpdate = (
  next: KubernetesObject,
  old: KubernetesObject,
  errors: ErrorList,
  context: RequestContext,
) => void;
type Prepare = (next: Draft, old: KubernetesObject, context: RequestContext) => void;

/** One more way to change an object. */
export interface SubresourceSpec {
  readonly prepare: Prepare;
  readonly validate?: ValidateUpdate;
  readonly resetFields?: readonly (readonly string[])[];
}

export interface StatusSpec {
  /** What a new object starts with. @default {} */
  readonly initial?: (draft: Draft) => unknown;
  /** A create keeps the status that the client sent, as Nodes do. */
  readonly keptOnCreate?: boolean;
  /** An update of the object takes the status along. */
  readonly keptOnUpdate?: boolean;
  /** What PUT .../status leaves as it was besides the spec. @default 'spec' */
  readonly resets?: 'spec' | 'spec and labels' | 'spec and metadata';
  /** Fields besides those whose ownership a write of the status does not change. */
  readonly alsoResets?: readonly (readonly string[])[];
  /** All such fields. @default what is left as it was, and `alsoResets` */
  readonly resetFields?: readonly (readonly string[])[];
  readonly prepare?: Prepare;
  readonly validate?: ValidateUpdate;
}

export interface KindSpec {
  /** `v1`, `apps/v1`: the form in which objects are stored. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly resource: string;
  /** @default true */
  readonly namespaced?: boolean;
  readonly conversions?: Readonly<Record<string, Conversion>>;
  /** @default a DNS subdomain */
  readonly nameRule?: NameRule;
  /** Finalizers without a domain are fine; true for kinds whose validation is the machinery's alone. */
  readonly freeFinalizers?: boolean;
  readonly defaults?: (draft: Draft) => void;
  /**
   * `'spec'`: grows with every change of the spec. A function says what else counts. @default none: the kind has no
   * generation
   */
  readonly generation?: 'spec' | ((next: KubernetesObject, old: KubernetesObject) => boolean);
  /** Present for kinds with a status subresource. */
  readonly status?: StatusSpec;
  readonly prepareForCreate?: (draft: Draft, context: RequestContext) => void;
  readonly prepareForUpdate?: Prepare;
  /** Takes off what is behind a closed feature gate, before a create or update goes on. */
  readonly dropDisabledFields?: (draft: Draft) => void;
  /** The rules for what the object says, on create and again on update. */
  readonly validate?: Validate;
  /** Replaces `validate` on updates, and adds what may not change. */
  readonly validateUpdate?: ValidateUpdate;
  readonly warnings?: (object: KubernetesObject, old?: KubernetesObject) => readonly string[];
  readonly subresources?: Readonly<Record<string, SubresourceSpec>>;
  /** Fields whose ownership a create or update does not change. @default the status */
  readonly resetFields?: readonly (readonly string[])[];
  /** Only the machinery looks at changed metadata, so that what is wrong with it is said once. */
  readonly metadataCheckedOnce?: boolean;
  readonly completeStored?: KindDefinition['completeStored'];
  readonly allowCreateOnUpdate?: boolean;
  readonly allowUnconditionalUpdate?: boolean;
  readonly defaultDeletePropagation?: DeletePropagation;
  readonly deletionGracePeriod?: (object: KubernetesObject) => number;
  readonly fallbackName?: (context: RequestContext) => string;
  readonly selectableFields?: Readonly<Record<string, (object: KubernetesObject) => string>>;
  /** Annotations that only the served form has: the server keeps what they say in fields. */
  readonly convertedAnnotations?: readonly string[];
  /** GET .../status knows no Tables and answers with the object. */
  readonly statusHasNoTable?: boolean;
  readonly cells?: (object: KubernetesObject, context: CellContext) => Cell[];
}

const NO_WARNINGS: readonly string[] = [];
const FINALIZERS = root('metadata').child('finalizers');

export function defineKind(spec: KindSpec): KindDefinition {
  const slash = spec.apiVersion.indexOf('/');
  const namespaced = spec.namespaced ?? true;
  const rules: ObjectMetaRules = { namespaced, nameRule: spec.nameRule ?? nameIsSubdomain };
  const warnings = spec.warnings;
  return {
    group: slash < 0 ? '' : spec.apiVersion.slice(0, slash),
    kind: spec.kind,
    resource: spec.resource,
    namespaced,
    hub: spec.apiVersion,
    conversions: new Map(Object.entries(spec.conversions ?? {})),
    applyDefaults: spec.defaults ?? (() => {}),
    prepareForCreate: prepareForCreate(spec),
    validate: validateCreate(spec, rules),
    warnings: warnings ? (object) => warnings(object) : () => NO_WARNINGS,
    update: {
      prepare: prepareForUpdate(spec),
      validate: validateUpdate(spec, rules, spec.validateUpdate ?? spec.validate),
      warnings: warnings ?? (() => NO_WARNINGS),
      resetFields: spec.resetFields ?? (spec.status ? [['status']] : []),
    },
    subresources: subresources(spec, rules),
    ...(spec.completeStored ? { completeStored: spec.completeStored } : {}),
    hasGeneration: spec.generation !== undefined,
    allowCreateOnUpdate: spec.allowCreateOnUpdate ?? false,
    allowUnconditionalUpdate: spec.allowUnconditionalUpdate ?? true,
    defaultDeletePropagation: spec.defaultDeletePropagation ?? 'Background',
    ...(spec.deletionGracePeriod ? { deletionGracePeriod: spec.deletionGracePeriod } : {}),
    ...(spec.fallbackName ? { fallbackName: spec.fallbackName } : {}),
    selectableFields: spec.selectableFields ?? {},
    convertedAnnotations: spec.convertedAnnotations ?? [],
    statusHasNoTable: spec.statusHasNoTable ?? false,
    cells: spec.cells ?? defaultCells,
  };
}

function prepareForCreate(spec: KindSpec): KindDefinition['prepareForCreate'] {
  return (draft, context) => {
    if (spec.generation) draft.metadata.generation = 1;
    else delete draft.metadata.generation;
    if (spec.status && !spec.status.keptOnCreate) draft.status = spec.status.initial?.(draft) ?? {};
    spec.dropDisabledFields?.(draft);
    spec.prepareForCreate?.(draft, context);
  };
}

function prepareForUpdate(spec: KindSpec): Prepare {
  return (next, old, context) => {
    keepGeneration(next, old);
    if (spec.status && !spec.status.keptOnUpdate) restore(next, old, 'status');
    spec.dropDisabledFields?.(next);
    spec.prepareForUpdate?.(next, old, context);
    if (spec.generation && desiredStateChanged(spec.generation, next, old)) {
      next.metadata.generation = (old.metadata.generation ?? 0) + 1;
    }
    inheritMetadata(next, old);
  };
}

function desiredStateChanged(rule: NonNullable<KindSpec['generation']>, next: Draft, old: KubernetesObject): boolean {
  return rule === 'spec' ? !semanticEqual(next.spec, old.spec) : rule(next, old);
}

/** What only the server sets may be left out by a client; it stays. */
function inheritMetadata(next: Draft, old: KubernetesObject): void {
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds } = old.metadata;
  if (!next.metadata.uid && uid !== undefined) next.metadata.uid = uid;
  if (!next.metadata.creationTimestamp && creationTimestamp) next.metadata.creationTimestamp = creationTimestamp;
  if (deletionTimestamp) next.metadata.deletionTimestamp = deletionTimestamp;
  if (deletionGracePeriodSeconds !== undefined) next.metadata.deletionGracePeriodSeconds ??= deletionGracePeriodSeconds;
}

/** What the client says about the generation does not count. */
function keepGeneration(next: Draft, old: KubernetesObject): void {
  if (old.metadata.generation === undefined) delete next.metadata.generation;
  else next.metadata.generation = old.metadata.generation;
}

/** Puts a field back to what it was. */
export function restore(next: Draft, old: KubernetesObject, field: string): void {
  if (old[field] === undefined) delete next[field];
  else next[field] = old[field];
}

function validateCreate(spec: KindSpec, rules: ObjectMetaRules): KindDefinition['validate'] {
  return (object, context) => {
    const errors = new ErrorList();
    validateObjectMeta(object.metadata, rules, errors);
    if (!spec.freeFinalizers) validateKubernetesFinalizers(object.metadata.finalizers, FINALIZERS, errors);
    spec.validate?.(object, errors, context);
    return errors;
  };
}

function validateUpdate(
  spec: KindSpec,
  rules: ObjectMetaRules,
  ownRules: ValidateUpdate | Validate | undefined,
): UpdateStrategy['validate'] {
  const machinery: ObjectMetaRules = { ...rules, nameRule: nameIsPathSegment };
  const isUpdateRule = ownRules !== spec.validate;
  return (next, old, context) => {
    const errors = new ErrorList();
    validateObjectMeta(next.metadata, machinery, errors, undefined, old.metadata);
    const before = errors.length;
    validateObjectMetaUpdate(next, old, errors);
    if (!spec.metadataCheckedOnce) errors.errors.push(...errors.errors.slice(before));
    if (!spec.freeFinalizers) validateKubernetesFinalizers(next.metadata.finalizers, FINALIZERS, errors);
    if (isUpdateRule) (ownRules as ValidateUpdate | undefined)?.(next, old, errors, context);
    else (ownRules as Validate | undefined)?.(next, errors, context);
    return errors;
  };
}

function subresources(spec: KindSpec, rules: ObjectMetaRules): Record<string, UpdateStrategy> {
  const strategies: Record<string, UpdateStrategy> = {};
  const add = (name: string, subresource: SubresourceSpec) => {
    strategies[name] = {
      prepare: (next, old, context) => {
        keepGeneration(next, old);
        subresource.prepare(next, old, context);
        inheritMetadata(next, old);
      },
      validate: validateUpdate(spec, rules, subresource.validate),
      warnings: () => NO_WARNINGS,
      resetFields: subresource.resetFields ?? [],
    };
  };
  if (spec.status) add('status', statusSubresource(spec.status));
  for (const [name, subresource] of Object.entries(spec.subresources ?? {})) add(name, subresource);
  return strategies;
}

function statusSubresource(status: StatusSpec): SubresourceSpec {
  const resets = status.resets ?? 'spec';
  return {
    prepare: (next, old, context) => {
      restore(next, old, 'spec');
      if (resets === 'spec and labels') {
        if (old.metadata.labels === undefined) delete next.metadata.labels;
        else next.metadata.labels = old.metadata.labels;
      }
      if (resets === 'spec and metadata') resetMetadata(next, old);
      status.prepare?.(next, old, context);
    },
    ...(status.validate ? { validate: status.validate } : {}),
    resetFields: status.resetFields ?? [
      ['spec'],
      ...(resets === 'spec' ? [] : [resets === 'spec and labels' ? ['metadata', 'labels'] : ['metadata']]),
      ...(status.alsoResets ?? []),
    ],
  };
}

/** Puts back all metadata but the resourceVersion, which is the precondition of the write, and the managed fields. */
function resetMetadata(next: Draft, old: KubernetesObject): void {
  const { resourceVersion, managedFields } = next.metadata;
  next.metadata = { ...old.metadata };
  if (resourceVersion === undefined) delete next.metadata.resourceVersion;
  else next.metadata.resourceVersion = resourceVersion;
  if (managedFields === undefined) delete next.metadata.managedFields;
  else next.metadata.managedFields = managedFields;
}
