/**
 * One request to the API server after its door has understood it, and the answer before the door has written it: typed,
 * without sockets and without JSON text. Both doors, HTTP and the in-process client, speak this.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#api-verbs
 */
import type { UserInfo } from '../../../kubernetes/kinds';
import type { KubernetesObject } from '../../../kubernetes/object';
import type { Status } from '../../../kubernetes/status-error';
import type { PatchType } from '../client';
import type { ServedResource } from './resources';

export type ReadVerb = 'get' | 'list' | 'watch';
export type WriteVerb = 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

export interface RequestOptions {
  readonly dryRun?: boolean;
  /** @default the first word of the user agent */
  readonly fieldManager?: string;
  /** @default 'Warn' */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
  /** Of an apply: take over fields that others own. */
  readonly force?: boolean;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/delete-options/ */
export interface DeleteRequestOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

export interface ApiRequest {
  readonly verb: ReadVerb | WriteVerb;
  readonly resource: ServedResource;
  /** `''` for the resource itself. */
  readonly subresource: string;
  /** `''` for cluster-scoped resources and for all namespaces. */
  readonly namespace: string;
  /** `''` for collections. */
  readonly name: string;
  readonly user: UserInfo;
  readonly userAgent: string;
  readonly options: RequestOptions;
  /** The object or patch as plain JSON; undefined when there was no body. */
  readonly body?: unknown;
  readonly patchType?: PatchType;
  readonly deleteOptions?: DeleteRequestOptions;
  /** Fields that the text of the body had twice; only the door can see them. */
  readonly duplicateFields?: readonly string[];
  /** Hears of every warning at once: a request that fails in the end has warnings, too. */
  readonly onWarning?: (text: string) => void;
  /** Admission has let it pass already, in another form: an eviction is a deletion, a Scale an update. */
  readonly isAdmitted?: boolean;
  /** The body comes from a component of the simulation, not from the wire. */
  readonly inProcess?: boolean;
}

/** A list before it is written: as PodList, as Table or as metadata only. */
export interface ObjectList {
  readonly items: readonly KubernetesObject[];
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** A function that notes warnings for the answer. */
export function collectWarnings(request: ApiRequest, warnings: string[]): (text: string) => void {
  return (text) => {
    warnings.push(text);
    request.onWarning?.(text);
  };
}

export type ApiResponse =
  | { readonly code: number; readonly object: KubernetesObject; readonly warnings: readonly string[] }
  | { readonly code: number; readonly list: ObjectList; readonly warnings: readonly string[] }
  | { readonly code: number; readonly status: Status; readonly warnings: readonly string[] };
