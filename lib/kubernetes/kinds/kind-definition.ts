/**
 * What the schema cannot say of one kind: the defaults that are code, what a create or an update may touch, when the
 * generation grows, which values go together, the row in a table. One file per kind holds a KindDefinition; `index.ts` lists
 * them. https://kubernetes.io/docs/concepts/overview/kubernetes-api/
 *
 * The API server runs a write through it in this order (the same code runs when manifests are synthesised):
 *
 *   create          applyDefaults -> toHub -> prepareForCreate -> validate -> (store) -> fromHub
 *   update, patch   applyDefaults -> toHub -> update.prepare   -> update.validate
 *   PUT .../status  applyDefaults -> toHub -> subresources.status.prepare -> subresources.status.validate
 *
 * Drafts are plain mutable JSON that the caller owns; old objects are never changed. A definition is written with
 * `defineKind`, which adds what all kinds share: object metadata rules, generation, the fate of `status`.
 */
import type { ErrorList } from '../field-errors';
import type { KubernetesObject } from '../object';

/** An object under construction. */
export type Draft = KubernetesObject;

export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What a kind may want to know about the request it takes part in. */
export interface RequestContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The apiVersion that the client used: two kinds validate by it (Event, HorizontalPodAutoscaler). */
  readonly apiVersion: string;
  readonly user?: UserInfo;
  /** Universally unique ids, e.g. of a device; deterministic inside the simulator. */
  readonly newUid?: () => string;
}

/** How an object may be changed through one endpoint: the resource itself or a subresource such as `status`. */
export interface UpdateStrategy {
  /** Puts back what this endpoint must not touch, and counts the generation. */
  readonly prepare: (next: Draft, old: KubernetesObject, context: RequestContext) => void;
  readonly validate: (next: KubernetesObject, old: KubernetesObject, context: RequestContext) => ErrorList;
  /** Texts for Warning headers. */
  readonly warnings: (next: KubernetesObject, old: KubernetesObject) => readonly string[];
  /**
   * Fields whose ownership a write through this endpoint does not change, as paths: `[['status']]`.
   * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
   */
  readonly resetFields: readonly (readonly string[])[];
}

/** Between one served version and the one that is stored. Both may change and return their argument. */
export interface Conversion {
  readonly toHub: (draft: Draft) => Draft;
  readonly fromHub: (draft: Draft) => Draft;
}

export interface CellContext {
  /** Milliseconds since the epoch, for ages. */
  readonly now: number;
}

export type Cell = string | number | boolean | null;

export type DeletePropagation = 'Background' | 'Orphan';

export interface KindDefinition {
  readonly group: string;
  readonly kind: string;
  /** The plural, as in URLs. */
  readonly resource: string;
  readonly namespaced: boolean;
  /** The apiVersion in which objects of this kind are stored, prepared, validated and printed. */
  readonly hub: string;
  /** By apiVersion; none for the hub itself. */
  readonly conversions: ReadonlyMap<string, Conversion>;

  /** Fills in what the schema's own defaults (which come first) do not say. Runs in the version of the request. */
  readonly applyDefaults: (draft: Draft) => void;

  /** Takes away what a client may not set, and sets what only the server may. The name is already there. */
  readonly prepareForCreate: (draft: Draft, context: RequestContext) => void;
  readonly validate: (object: KubernetesObject, context: RequestContext) => ErrorList;
  /** Texts for Warning headers of a create. */
  readonly warnings: (object: KubernetesObject) => readonly string[];

  readonly update: UpdateStrategy;
  /** `status`, and what else this kind has: `resize`, `approval`, `finalize`, ... */
  readonly subresources: Readonly<Record<string, UpdateStrategy>>;

  /**
   * For kinds whose defaults fill in something each time that an object is read, which storage therefore lacks until the
   * next write: the object with that written, or undefined when storage has it.
   */
  readonly completeStored?: (next: KubernetesObject, old: KubernetesObject) => KubernetesObject | undefined;

  /** Whether the kind counts `metadata.generation`. */
  readonly hasGeneration: boolean;
  /** PUT of an object that is not there creates it. @default false */
  readonly allowCreateOnUpdate: boolean;
  /** PUT without a resourceVersion overwrites. @default true */
  readonly allowUnconditionalUpdate: boolean;
  /** What happens to dependents when a delete does not say. @default 'Background' */
  readonly defaultDeletePropagation: DeletePropagation;
  /** Seconds a delete waits unless it says otherwise; only Pods have it. */
  readonly deletionGracePeriod?: (object: KubernetesObject) => number;
  /** For objects that need no name: the one they get. Only LimitRange. */
  readonly fallbackName?: (context: RequestContext) => string;

  /** Values a field selector may ask for besides `metadata.name` and `metadata.namespace`. */
  readonly selectableFields: Readonly<Record<string, (object: KubernetesObject) => string>>;
  /** Annotations that Tables and PartialObjectMetadata leave out: conversion makes them of fields of the stored form. */
  readonly convertedAnnotations: readonly string[];
  /** GET .../status knows no Tables and answers with the object. */
  readonly statusHasNoTable: boolean;
  /** One row of a Table answer, in the order of the generated columns. */
  readonly cells: (object: KubernetesObject, context: CellContext) => Cell[];
}
